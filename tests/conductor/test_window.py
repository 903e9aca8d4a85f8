"""Windows over counters of edges that come, go, and begin anew."""

from hypothesis import given
from hypothesis import strategies as st

from matapalo.conductor.window import Count, Window, observe, opened, total
from matapalo.edge.report import Report
from tests.conductor.edge import meter


def report(edge: str, requests: int, *, epoch: str = "e", version: int = 5) -> Report:
    meters = {"s": {"new": meter(requests)}}
    return Report(edge=edge, epoch=epoch, version=version, meters=meters)


def counted(window: Window) -> int:
    sides = total(window)
    return sides["new"].requests if "new" in sides else 0


def seen(window: Window, *reports: Report) -> Window:
    for one in reports:
        window = observe(window, one, "s")
    return window


AT_500 = {"a": Count(epoch="e", sides={"new": meter(500)})}


def test_only_what_came_since_the_step_counts() -> None:
    assert counted(seen(opened(5, AT_500), report("a", 512))) == 12


def test_a_new_envoy_counts_from_zero_and_the_old_ones_count_stays() -> None:
    window = seen(opened(5, AT_500), report("a", 512), report("a", 7, epoch="f"))
    assert counted(window) == 19


def test_an_edge_that_comes_later_counts_from_its_first_word() -> None:
    window = seen(opened(5, AT_500), report("b", 900), report("b", 903))
    assert counted(window) == 3


def test_an_edge_that_obeys_an_older_version_does_not_count_yet() -> None:
    behind = [report("b", 100, version=4), report("b", 150, version=4)]
    window = seen(opened(5, AT_500), *behind, report("b", 200), report("b", 210))
    assert counted(window) == 10


def test_a_slice_that_nobody_names_has_no_sides() -> None:
    quiet = Report(edge="a", epoch="e", version=5)
    assert total(observe(Window(), quiet, "s")) == {}


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[str, bool, int]]:
    step = st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 50))
    return draw(st.lists(step, max_size=40))


@given(histories())
def test_a_window_counts_what_was_served_whatever_restarts(
    history: list[tuple[str, bool, int]],
) -> None:
    """Every edge reports before it restarts, so nothing at all is missing from the window."""
    zero = {edge: Count(epoch="0", sides={"new": meter(0)}) for edge in "abc"}
    window, served = opened(5, zero), 0
    epochs, counters = dict.fromkeys("abc", 0), dict.fromkeys("abc", 0)
    for edge, restarts, more in history:
        if restarts:
            epochs[edge], counters[edge] = epochs[edge] + 1, 0
        counters[edge] += more
        served += more
        window = seen(window, report(edge, counters[edge], epoch=str(epochs[edge])))
    assert counted(window) == served
