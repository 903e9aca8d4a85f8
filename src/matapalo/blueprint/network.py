"""The network: addresses, zones, links to other networks, and systems that restrict theirs."""

from typing import Annotated, Literal

from pydantic import Field

from matapalo.blueprint.named import AccountName, LinkName
from matapalo.blueprint.part import Name, Part, Port
from matapalo.blueprint.words import Address, Cidr, Domain, Region

Length = Annotated[int, Field(ge=16, le=28)]
"""The length of a subnet: 24 has 256 addresses. AWS takes 16 to 28."""


class Subnets(Part):
    """How long the subnets are; there is one of each in every zone."""

    public: Length = 24
    """Load balancers and ways out."""
    private: Length = 20
    """The cluster and functions: each pod takes an address."""
    isolated: Length = 24
    """Stores; no way to the internet."""


class Vpn(Part):
    """A site-to-site VPN to a network on premises."""

    kind: Literal["vpn"]
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    gateway: Address
    """The public address of the device on the other side."""
    cidrs: tuple[Cidr, ...] = Field(min_length=1)
    """The networks behind it."""
    asn: int = Field(default=65_000, ge=1, le=4_294_967_294)
    """The other side's number in BGP."""
    routing: Literal["bgp", "static"] = "bgp"
    """How each side learns what lies behind the other: told by the other side, or written down."""


class DirectConnect(Part):
    """A line of one's own to a network on premises."""

    kind: Literal["direct-connect"]
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    connection: str
    """The connection's id (`dxcon-…`)."""
    vlan: int = Field(ge=1, le=4094)
    """The number of the virtual interface on the line."""
    cidrs: tuple[Cidr, ...] = Field(min_length=1)
    """The networks behind it."""
    asn: int = Field(default=65_000, ge=1, le=4_294_967_294)
    """The other side's number in BGP."""


class TransitGateway(Part):
    """A transit gateway that joins networks of several accounts."""

    kind: Literal["transit-gateway"]
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    id: str | None = None
    """One that exists (`tgw-…`); one is made where none is named."""
    account: AccountName | None = None
    """The account that owns it, of `organization.accounts`."""
    cidrs: tuple[Cidr, ...] = Field(min_length=1)
    """The networks behind it."""


class Peering(Part):
    """A peering with one network of another account."""

    kind: Literal["peering"]
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    vpc: str
    """The other network (`vpc-…`)."""
    account: AccountName | None = None
    """The account that owns it, of `organization.accounts`."""
    region: Region | None = None
    """Its region; the environment's where none is named."""
    cidrs: tuple[Cidr, ...] = Field(min_length=1)
    """Its addresses."""


class PrivateLink(Part):
    """One service of another network, and nothing else of it."""

    kind: Literal["privatelink"]
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    service: str
    """The name of the endpoint service (`com.amazonaws.vpce.…`)."""
    ports: tuple[Port, ...] = (443,)
    """The ports that it answers on."""
    domain: Domain | None = None
    """The private name that it is called by."""


Link = Annotated[
    Vpn | DirectConnect | TransitGateway | Peering | PrivateLink, Field(discriminator="kind")
]
"""A way to another network."""


class DnsForward(Part):
    """A domain that another network's name servers know."""

    domain: Domain
    """The domain, with all that lies below it."""
    servers: tuple[Address, ...] = Field(min_length=1)
    """The name servers that know it."""
    link: LinkName | None = None
    """The link by which they are reached, of `network.links`."""


class Restriction(Part):
    """A system outside that the application talks to, and that restricts its network.

    Services, functions and the monolith name it in `uses`.
    """

    description: str = ""
    """What it is, for people."""
    hosts: tuple[str, ...] = ()
    """The names that it is called by."""
    cidrs: tuple[Cidr, ...] = ()
    """Its addresses."""
    ports: tuple[Port, ...] = (443,)
    """The ports that it is called on."""
    link: LinkName | None = None
    """The link by which it is reached, of `network.links`; the internet where none is named."""
    fixed_egress: bool = False
    """It admits only addresses that it knows: calls leave from addresses that never change."""
    callers: tuple[Cidr, ...] = ()
    """It calls us, and only from these addresses."""


class Network(Part):
    """The network of one environment (a VPC), and what it is joined with."""

    cidr: Cidr = "10.20.0.0/16"
    """Its addresses."""
    zones: int = Field(default=3, ge=2, le=3)
    """Over how many availability zones it lies."""
    subnets: Subnets = Subnets()
    flow_logs: bool = True
    """Keep a record of every connection."""
    links: dict[Name, Link] = {}
    """Ways to other networks, by name: on premises, other accounts, one service of somebody's."""
    dns: tuple[DnsForward, ...] = ()
    """Domains that other networks' name servers know."""
    restrictions: dict[Name, Restriction] = {}
    """Systems outside that restrict their networks, by name."""
