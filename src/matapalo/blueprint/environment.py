"""Environments: an account, a region, sizes, and what is different there."""

from typing import Literal

from pydantic import Field

from matapalo.blueprint.json import Json
from matapalo.blueprint.named import AccountName
from matapalo.blueprint.part import Days, Name, Part
from matapalo.blueprint.words import Region


class Cluster(Part):
    """The Kubernetes cluster (EKS)."""

    version: str = "1.33"
    """The version of Kubernetes."""
    mode: Literal["auto", "managed"] = "auto"
    """`auto`: AWS chooses and renews the nodes; `managed`: node groups of the types named here."""
    instance_types: tuple[str, ...] = ("m7g.large",)
    """What managed nodes are."""
    min_nodes: int = Field(default=3, ge=1)
    """The fewest managed nodes: one a zone."""
    max_nodes: int = Field(default=9, ge=1)
    """The most managed nodes."""
    public_endpoint: bool = False
    """Whether the cluster's API can be reached from outside of the network."""


class Capacity(Part):
    """How far an Aurora Serverless store may shrink and grow, in capacity units (about 2 GiB)."""

    min: float = Field(default=0.5, ge=0, le=256)
    """The least; near nothing, it costs near nothing."""
    max: float = Field(default=4, ge=1, le=256)
    """The most."""


class Sizes(Part):
    """How big things are where they do not say so themselves."""

    nat: Literal["one", "zone"] = "one"
    """One way out to the internet for all zones (cheap), or one in each (lives through a zone)."""
    replicas: int = Field(default=2, ge=1, le=100)
    """How many of each service run at least."""
    capacity: Capacity = Capacity()
    """The size of each Aurora store."""
    backup: Days = 7
    """For how many days the stores' backups are kept."""
    cluster: Cluster = Cluster()


class Environment(Part):
    """One place where the whole system runs. `local` is this machine and always there."""

    description: str = ""
    """What it is, for people."""
    account: AccountName | None = None
    """The account that holds it, of `organization.accounts`."""
    region: Region | None = None
    """The region that it runs in."""
    protected: bool = False
    """Its stores cannot be deleted by mistake, and leave a last copy when they are."""
    sizes: Sizes = Sizes()
    overlay: dict[Name, Json] = {}
    """What is different in this environment: any keys of the blueprint, laid upon the rest.

    Mappings merge, everything else is replaced, and `null` takes a key away. The file
    `matapalo.<environment>.yaml` beside the blueprint is laid on top of it.
    """
