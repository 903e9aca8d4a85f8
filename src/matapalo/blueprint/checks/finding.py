"""What a check is given, and what it says."""

from dataclasses import dataclass

from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.targets import Targets

LOCAL = "local"


@dataclass(frozen=True)
class Setting:
    """A blueprint, and the environment that it was read for."""

    blueprint: Blueprint
    environment: str
    targets: Targets

    @property
    def local(self) -> bool:
        """Whether the system runs on this machine."""
        return self.environment == LOCAL


@dataclass(frozen=True)
class Finding:
    """Something wrong at a path; a warning only deserves a second look."""

    loc: Loc
    what: str
    hint: str = ""
    warning: bool = False
    on_key: bool = False
    """Whether the key at the path is meant, and not its value."""


def unknown(loc: Loc, noun: str, name: str, hint: str, *, on_key: bool = False) -> Finding:
    """Return the finding that a name means nothing."""
    return Finding(loc, f"there is no {noun} `{name}`", hint, on_key=on_key)
