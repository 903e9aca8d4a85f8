"""Who waits for whom."""

from collections.abc import Iterable

from matapalo.local.spec import ProcessSpec

DOOR = "edge"


def stops_after(specs: Iterable[ProcessSpec]) -> dict[str, frozenset[str]]:
    """Return for each process those that end before it: who needs it, and the door of all."""
    specs = tuple(specs)
    door = {DOOR} & {spec.name for spec in specs}
    return {
        spec.name: frozenset(
            (door | {other.name for other in specs if spec.name in other.after}) - {spec.name}
        )
        for spec in specs
    }
