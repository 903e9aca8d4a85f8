"""The quick way: expect the target to be as the log has it, and count whether it was."""

from collections.abc import Sequence

from matapalo.stream.apply.careful import IN_THE_WAY
from matapalo.stream.apply.inlet import Asked, Inlet
from matapalo.stream.apply.work import Work, by_absence, expected
from matapalo.stream.batch import Net
from matapalo.stream.database import Connection
from matapalo.stream.mapping import Part

Task = tuple[Inlet, Net]


def quickly(connection: Connection, tasks: Sequence[Task]) -> bool:
    """Do what is to be done to some targets; False where something was not as expected.

    Then the transaction, or the part of it since its last savepoint, has to be rolled back.
    """
    works = [(inlet, work) for inlet, net in tasks if (work := _sure(inlet, net)) is not None]
    if len(works) < len(tasks):
        return False
    try:
        return _small(connection, works) and _large(works)
    except IN_THE_WAY:
        return False


def _sure(inlet: Inlet, net: Net) -> Work | None:
    if inlet.filters or inlet.flow.part is Part.FURTHER:
        return None
    return expected(inlet.flow, net)


def _small(connection: Connection, works: Sequence[tuple[Inlet, Work]]) -> bool:
    """Send all that fits into one round trip."""
    asked: list[Asked | None] = []
    with connection.pipeline():
        asked += [inlet.remove(work.remove) for inlet, work in reversed(works) if work.remove]
        for inlet, work in works:
            groups = by_absence(work.update).items()
            asked += [inlet.update(rows, missing) for missing, rows in groups]
        for inlet, work in works:
            if work.insert and not inlet.copies(work.insert):
                asked.append(inlet.insert(work.insert))
    return all(one is None or one.met for one in asked)


def _large(works: Sequence[tuple[Inlet, Work]]) -> bool:
    for inlet, work in works:
        if inlet.copies(work.insert):
            inlet.copy(work.insert)
    return True
