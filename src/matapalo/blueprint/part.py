"""What every part of a blueprint is: frozen, and refusing keys it does not know."""

import re
from collections.abc import Callable
from types import NoneType
from typing import Annotated, ClassVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Part(BaseModel):
    """A piece of the blueprint."""

    SHORT: ClassVar[str] = ""
    """A pattern of the text that may stand for the whole part, where there is such a text."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, value: object) -> object:
        """A key with nothing behind it is not given; a part with nothing in it is all defaults."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            return value
        return {k: v for k, v in value.items() if v is not None or not cls._has_default_for(k)}

    @classmethod
    def _has_default_for(cls, key: str) -> bool:
        """Whether nothing means the default here, and is no value of its own."""
        field = cls.model_fields.get(key)
        return field is not None and NoneType not in get_args(field.annotation)


def matching(pattern: str, sentence: str) -> Callable[[str], str]:
    """Return a validator of text that says `sentence` where the pattern does not match."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(sentence)
        return value

    return check


_NAME = r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
_URL = r"^https?://[^\s/?#]+(/[^\s?#]*)?$"


def _url(value: str) -> str:
    check = matching(_URL, "a URL is http:// or https://, a host, and perhaps a port and a path")
    return check(value).rstrip("/")


Name = Annotated[
    str,
    AfterValidator(
        matching(
            _NAME,
            "a name is 1 to 40 lower-case letters, digits and hyphens, and starts with a letter",
        )
    ),
    Field(json_schema_extra={"pattern": _NAME, "x-word": "name"}),
]
"""A name that Kubernetes, AWS, PostgreSQL and a URL all take."""

Url = Annotated[
    str, AfterValidator(_url), Field(json_schema_extra={"pattern": _URL, "x-word": "URL"})
]
"""Where something answers HTTP."""

Port = Annotated[int, Field(ge=1, le=65535)]
"""A TCP port."""

Percent = Annotated[float, Field(ge=0, le=100)]
"""A share, 0 to 100."""

Seconds = Annotated[float, Field(gt=0)]
"""A length of time in seconds."""

Days = Annotated[int, Field(ge=1, le=3653)]
"""A length of time in days."""
