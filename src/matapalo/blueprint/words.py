"""Words of AWS and of networks: account ids, regions, address ranges, domains."""

from ipaddress import ip_address, ip_network
from typing import Annotated

from pydantic import AfterValidator, Field

from matapalo.blueprint.part import matching


def _cidr(value: str) -> str:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueError("an address range is written like 10.20.0.0/16") from None
    if "/" not in value:
        raise ValueError(f"an address range has a length: {value}/{network.max_prefixlen}")
    if str(network) != value:
        raise ValueError(f"bits are set to the right of the length: {network} is the range")
    return value


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("an IP address is written like 10.20.0.10") from None


def _retention(value: int) -> int:
    if value not in RETENTIONS:
        near = min(RETENTIONS, key=lambda days: abs(days - value))
        raise ValueError(
            f"CloudWatch keeps logs for certain numbers of days; {near} is the nearest"
        )
    return value


RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip

_ACCOUNT = r"^[0-9]{12}$"
_REGION = r"^[a-z]{2}(-[a-z]+)+-[0-9]$"
_DOMAIN = r"^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_ARN = r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:([0-9]{12})?:.+$"

AccountId = Annotated[
    str,
    AfterValidator(matching(_ACCOUNT, "an account id is 12 digits")),
    Field(
        json_schema_extra={
            "type": ["string", "integer"],
            "pattern": _ACCOUNT,
            "x-word": "12 digits",
        }
    ),
]
"""An AWS account's number."""

Region = Annotated[
    str,
    AfterValidator(matching(_REGION, "a region is written like us-east-1")),
    Field(json_schema_extra={"pattern": _REGION, "x-word": "region"}),
]
"""An AWS region."""

Domain = Annotated[
    str,
    AfterValidator(matching(_DOMAIN, "a domain is lower-case labels and dots, without a scheme")),
    Field(json_schema_extra={"pattern": _DOMAIN, "x-word": "domain"}),
]
"""A domain name."""

Email = Annotated[
    str,
    AfterValidator(matching(_EMAIL, "an address is written like cloud@example.com")),
    Field(json_schema_extra={"pattern": _EMAIL, "x-word": "mail address"}),
]
"""An electronic mail address."""

Arn = Annotated[
    str,
    AfterValidator(matching(_ARN, "an ARN is written like arn:aws:service:region:account:thing")),
    Field(json_schema_extra={"pattern": _ARN, "x-word": "ARN"}),
]
"""The full name of something in AWS."""

Cidr = Annotated[str, AfterValidator(_cidr), Field(json_schema_extra={"x-word": "range"})]
"""A range of addresses."""

Address = Annotated[
    str, AfterValidator(_address), Field(json_schema_extra={"x-word": "IP address"})
]
"""An IP address."""

RetentionDays = Annotated[
    int, AfterValidator(_retention), Field(json_schema_extra={"enum": list(RETENTIONS)})
]
"""For how many days a log is kept; CloudWatch takes certain numbers only."""
