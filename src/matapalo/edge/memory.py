"""What an edge remembers across its own death: the last wanted state that Envoy has taken."""

from pathlib import Path

from pydantic import ValidationError

from matapalo.edge.endpoints import Endpoints
from matapalo.edge.files import replace
from matapalo.edge.split import Wanted
from matapalo.errors import EdgeError

Stamp = tuple[int, int, int]


class Memory:
    """One file in the edge's folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "wanted.json"

    def knows(self) -> bool:
        """Whether anything is remembered."""
        return self._file.exists()

    def recall(self) -> Wanted:
        """Return it; everything at the monolith if there is none yet."""
        if not self.knows():
            return Wanted()
        try:
            return Wanted.model_validate_json(self._file.read_text())
        except ValidationError as error:
            raise EdgeError(
                "what the edge remembers cannot be read",
                where=str(self._file),
                hint="Remove the file: the conductor tells the edge anew.",
            ) from error

    def keep(self, wanted: Wanted) -> None:
        """Remember it."""
        replace(self._file, wanted.model_dump_json())


class EndpointsFile:
    """A file that somebody else replaces whenever something moves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Stamp | None = None

    def changed(self) -> bool:
        """Whether it is another file than the one that was read last."""
        return self._stamp() != self._seen

    def read(self) -> Endpoints:
        """Return what it says; nothing is anywhere as long as it is not there."""
        self._seen = self._stamp()
        if self._seen is None:
            return Endpoints()
        try:
            return Endpoints.model_validate_json(self._path.read_text())
        except (OSError, ValidationError) as error:
            raise EdgeError(
                "the file of endpoints cannot be read", where=str(self._path)
            ) from error

    def _stamp(self) -> Stamp | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size
