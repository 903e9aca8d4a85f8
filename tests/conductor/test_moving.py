"""Slices moved by a real conductor, over its real API, with a real ledger."""

from matapalo.conductor import Arrived
from matapalo.edge.split import Split
from tests.conductor.place import Place


def places(events: object) -> list[str]:
    return [str(event.position) for event in events if isinstance(event, Arrived)]  # type: ignore[attr-defined]


async def test_a_slice_goes_all_the_way_and_back(conducted: Place) -> None:
    async with conducted.edge() as edge:
        for expected in ("shadowing", "reading 10%", "reading 50%", "reading 100%", "switched"):
            await conducted.gates_pass(edge)
            assert places(await conducted.move("advance")) == [expected]
        assert edge.split("statements") == Split(reads_new=100, writes_new=True)
        for expected in ("reading 100%", "reading 50%", "reading 10%", "shadowing", "monolith"):
            assert places(await conducted.move("back")) == [expected]
        assert edge.split("statements") == Split()
        versions = [wanted.version for wanted in edge.history]
        assert versions == sorted(set(versions))
