"""Keys and certificates (KMS, ACM)."""

from typing import Literal

from pydantic import Field

from matapalo.blueprint.named import Reference
from matapalo.blueprint.part import Name, Part
from matapalo.blueprint.words import Arn, Domain


class Key(Part):
    """A key that never leaves KMS."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    rotation: int = Field(default=365, ge=90, le=2560)
    """After how many days it is renewed."""
    protects: tuple[Literal["stores", "secrets", "logs", "buckets", "events", "images"], ...] = ()
    """What is encrypted with it."""
    users: tuple[Reference, ...] = ()
    """Services and functions that may use it by themselves."""


class Certificate(Part):
    """A certificate for the domains of the site and the API."""

    domain: Domain
    """The name that it is good for."""
    also: tuple[Domain, ...] = ()
    """Further names that it is good for."""
    arn: Arn | None = None
    """One that exists; one is asked for where none is named."""


class Keys(Part):
    """What encrypts, and what proves who we are."""

    keys: dict[Name, Key] = {}
    """A key a purpose; where a purpose has none, one is made for it."""
    certificates: dict[Name, Certificate] = {}
