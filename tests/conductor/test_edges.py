"""The registry of edges, by a clock that the test moves."""

import asyncio

import pytest

from matapalo.conductor.edges import FORGET, LIVE, Edges
from matapalo.conductor.gates import EdgeState
from matapalo.edge.report import Report
from matapalo.edge.split import Split, Wanted
from matapalo.errors import ConfigRejected, EdgeSilent


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def edges(clock: Clock) -> Edges:
    made = Edges(clock)
    made.publish(Wanted(version=7, splits={"s": Split(mirror=100)}))
    return made


def report(edge: str, version: int, rejected: str = "", rejected_version: int = 0) -> Report:
    return Report(
        edge=edge,
        epoch="e",
        version=version,
        rejected=rejected,
        rejected_version=rejected_version,
    )


def test_an_edge_lives_while_it_reports_and_is_forgotten_long_after(
    edges: Edges, clock: Clock
) -> None:
    edges.hear(report("a", 7))
    assert edges.states() == (EdgeState("a", live=True, obeys=True),)
    clock.now += LIVE + 0.1
    assert edges.states() == (EdgeState("a", live=False, obeys=True),)
    clock.now += FORGET
    assert edges.states() == ()


@pytest.mark.parametrize("version", [0, 6, 8])
def test_an_edge_obeys_only_what_is_wanted_now(edges: Edges, version: int) -> None:
    edges.hear(report("a", version))
    assert edges.states() == (EdgeState("a", live=True, obeys=False),)


async def test_every_edge_has_to_acknowledge(edges: Edges) -> None:
    edges.hear(report("a", 7))
    edges.hear(report("b", 6))
    waiting = asyncio.create_task(edges.acknowledged(7, within=60))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    edges.hear(report("b", 7))
    await waiting


async def test_a_later_version_acknowledges_an_earlier_one(edges: Edges) -> None:
    edges.hear(report("a", 7))
    await edges.acknowledged(5, within=0)


async def test_a_version_that_the_ledger_never_gave_acknowledges_nothing(edges: Edges) -> None:
    edges.hear(report("a", 99))
    with pytest.raises(EdgeSilent, match="a: "):
        await edges.acknowledged(7, within=0)


async def test_an_expected_edge_is_waited_for_until_it_is_forgotten(
    edges: Edges, clock: Clock
) -> None:
    edges.expect(["a", "b"])
    edges.hear(report("a", 7))
    with pytest.raises(EdgeSilent, match="b: "):
        await edges.acknowledged(7, within=0)
    clock.now += FORGET + 1
    edges.hear(report("a", 7))
    await edges.acknowledged(7, within=0)


async def test_no_edge_at_all_acknowledges_nothing(edges: Edges) -> None:
    with pytest.raises(EdgeSilent):
        await edges.acknowledged(7, within=0)
    with pytest.raises(EdgeSilent, match="no edge is heard from"):
        await edges.some(within=0)


@pytest.mark.parametrize("rejected_version", [0, 7, 8])
async def test_a_refusal_of_this_version_or_of_one_that_holds_it_is_raised_with_its_reason(
    edges: Edges, rejected_version: int
) -> None:
    edges.hear(report("a", 6, "no such cluster", rejected_version))
    with pytest.raises(ConfigRejected, match=r"a: .*no such cluster"):
        await edges.acknowledged(7, within=0)


async def test_an_old_refusal_fails_no_new_step(edges: Edges) -> None:
    edges.hear(report("a", 5, "no such cluster", 6))
    waiting = asyncio.create_task(edges.acknowledged(7, within=60))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    edges.hear(report("a", 7))
    await waiting


async def test_what_is_wanted_reaches_everybody_who_asks_at_once(edges: Edges) -> None:
    asking = [asyncio.create_task(edges.wanted(name, 7, 60)) for name in "abc"]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in asking)
    news = Wanted(version=8)
    edges.publish(news)
    assert await asyncio.gather(*asking) == [news] * 3


async def test_who_has_it_already_hears_nothing_and_a_closed_registry_lets_go(edges: Edges) -> None:
    assert await edges.wanted("a", 7, 0.05) is None
    asking = asyncio.create_task(edges.wanted("a", 7, 60))
    await asyncio.sleep(0.05)
    edges.close()
    assert await asking is None


async def test_a_conductor_that_has_not_read_its_ledger_tells_edges_nothing() -> None:
    assert await Edges().wanted("a", 0, 0.05) is None
