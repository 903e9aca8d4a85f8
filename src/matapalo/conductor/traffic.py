"""What the conductor asks of whatever divides the traffic. `edges.py` is the one that does.

Streams will join through a protocol of the same kind: what moves tables stands beside `Traffic`
in the runner, and its actions stand between those of traffic in a plan.
"""

from collections.abc import Mapping
from typing import Protocol

from matapalo.conductor.window import Count
from matapalo.edge.split import Wanted


class Traffic(Protocol):
    """The doors, all of them."""

    def publish(self, wanted: Wanted) -> None:
        """Say what every edge shall do. A version never falls."""
        ...

    def begin(self, slice_name: str, version: int, counts: Mapping[str, Count]) -> None:
        """Count a slice's traffic anew, from these counters on."""
        ...

    async def acknowledged(self, version: int, *, within: float) -> None:
        """Wait until every edge obeys a version.

        Raises ConfigRejected where an edge refuses it, and EdgeSilent where one says nothing for
        `within` seconds.
        """
        ...

    def counts(self, slice_name: str) -> dict[str, Count]:
        """Return every live edge's counters of a slice as they stand, by edge."""
        ...
