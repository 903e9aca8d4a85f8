"""Secrets: named in the blueprint, never written in it."""

from matapalo.blueprint.part import Name, Part


class Secret(Part):
    """A value that Secrets Manager keeps; a local run generates one of its own."""

    description: str = ""


class SecretRef(Part):
    """The value of a secret, in a place that takes one."""

    secret: Name
    """The secret's name, below `secrets`."""


EnvValue = str | SecretRef
"""A value of an environment variable: written out, or a secret's."""
