"""Where the sides answer: a file that somebody else replaces whenever something moves."""

import random
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from matapalo.errors import MatapaloError

Stamp = tuple[int, int, int]


class Place(BaseModel):
    """A host and a port that answer HTTP."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    tls: bool = False

    @property
    def url(self) -> str:
        """Return it as the beginning of a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"


class _File(BaseModel):
    """The edge's `Endpoints`, as far as the comparison needs them."""

    model_config = ConfigDict(frozen=True)

    at: dict[str, tuple[Place, ...]] = {}


class Places:
    """The file's content; what it said last as long as it cannot be read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._known = _File()

    def find(self, name: str) -> Place | None:
        """Return one of the places where something answers; nothing where it is nowhere."""
        self._look()
        at = self._known.at.get(name)
        return random.choice(at) if at else None  # noqa: S311 (spreads requests, keeps no secret)

    def check(self) -> None:
        """Raise MatapaloError where the file is there and cannot be understood."""
        try:
            _File.model_validate_json(self._path.read_text())
        except FileNotFoundError:
            return
        except (OSError, ValidationError) as error:
            raise MatapaloError(
                "the file of endpoints cannot be read", where=str(self._path)
            ) from error

    def _look(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
            if stamp != self._stamp:
                self._known = _File.model_validate_json(self._path.read_text())
                self._stamp = stamp
        except (OSError, ValidationError):
            # It is replaced whole: what cannot be read now will be, and what it said is still so.
            return
