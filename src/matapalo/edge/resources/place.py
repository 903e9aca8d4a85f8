"""Where an edge stands: what its configuration needs to know of the machine."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """An edge's port and files."""

    port: int
    folder: Path
    """Where Envoy reads its configuration."""
    admin: Path
    """The unix socket of Envoy's admin."""
    clock: Path
    """The unix socket of Envoy's clock."""
    trust: str
    """The file of the certificates that servers are checked against."""
    address: str = "127.0.0.1"

    @property
    def bootstrap(self) -> Path:
        """Return what Envoy starts with."""
        return self.folder / "bootstrap.json"

    def discovery(self, kind: str) -> Path:
        """Return the file of the `clusters`, the `listeners` or the `routes`.

        Each has a folder of its own, as Envoy reads a file again whenever anything is moved into
        the folder that it watches.
        """
        return self.folder / "xds" / kind / f"{kind}.json"
