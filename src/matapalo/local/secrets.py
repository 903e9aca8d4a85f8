"""The secrets of a local run: generated once, kept in a file for its owner's eyes, never shown."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matapalo.local.files import read_json, write_json
from matapalo.local.home import Home

SHORTEST_MASKED = 8
"""A shorter value could stand anywhere by chance."""


@dataclass(frozen=True)
class Secrets:
    """Values by name: those of the blueprint, and with a slash in the name those of the run."""

    values: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def mask(self, text: str) -> str:
        """Return a text with every secret in it made unreadable."""
        for value in sorted(self.values.values(), key=len, reverse=True):
            if len(value) >= SHORTEST_MASKED:
                text = text.replace(value, "***")
        return text


def keep_secrets(home: Home, names: Iterable[str]) -> Secrets:
    """Return the kept secrets, and generate those that are named and not there yet."""
    kept = load_secrets(home).values
    missing = [name for name in names if name not in kept]
    values = {**kept, **{name: secrets.token_urlsafe(24) for name in missing}}
    if missing:
        write_json(home.secrets, values)
    return Secrets(values)


def load_secrets(home: Home) -> Secrets:
    """Return the kept secrets."""
    return Secrets(dict(read_json(home.secrets) or {}))
