"""Secrets: named in the blueprint, never written in it."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Tag

from matapalo.blueprint.named import SecretName
from matapalo.blueprint.part import Days, Name, Part


class Secret(Part):
    """A value that Secrets Manager keeps; a local run generates one of its own."""

    description: str = ""
    """What it is, for people."""
    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it is called by the first still."""
    existing: str | None = None
    """The name of a secret that Secrets Manager has already; one is made where none is named."""
    rotation: Days | None = None
    """After how many days it is renewed; never by itself where not given."""


class SecretRef(Part):
    """The value of a secret, in a place that takes one."""

    secret: SecretName
    """The secret's name, below `secrets`."""


def _form(value: Any) -> str:
    return "secret" if isinstance(value, dict | SecretRef) else "text"


def _text(value: Any) -> Any:
    return "" if value is None else value


EnvValue = Annotated[
    Annotated[str, BeforeValidator(_text), Tag("text")] | Annotated[SecretRef, Tag("secret")],
    Discriminator(_form),
]
"""A value of an environment variable: written out, or a secret's."""
