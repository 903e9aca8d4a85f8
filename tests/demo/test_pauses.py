"""What customers waited at a switch is counted from the writes that were under way around it."""

from matapalo.conductor import Arrived, Mark, Position, Stage
from matapalo.demo.pauses import AROUND, Switch, waits
from matapalo.demo.tally import Seen


def arrived(*marks: float) -> Arrived:
    timeline = tuple(Mark(what="x", ms=ms) for ms in marks)
    return Arrived(
        slice="payments", position=Position(Stage.SWITCHED), seconds=1, timeline=timeline
    )


def write(began: float, seconds: float, trouble: str = "", slice_name: str = "payments") -> Seen:
    return Seen(
        1, "/api/payments", "write", seconds, 201, slice_name, "new", trouble=trouble, began=began
    )


def test_a_step_that_held_nothing_is_no_switch() -> None:
    assert Switch.of(arrived(), 100) is None


def test_writes_that_were_under_way_around_it_count() -> None:
    switch = Switch.of(arrived(10, 50, 200), now=100)
    assert switch is not None
    assert switch.pause == 200
    held = write(99.9, 0.15)
    counted = [held, write(99.5, 0.01), write(98, 1.5), write(100 + AROUND / 2, 0.02)]
    others = [
        write(97, 0.5),
        write(100 + 2 * AROUND, 0.3),
        write(99.9, 9, trouble="status 503"),
        write(99.9, 9, slice_name="statements"),
    ]
    found = waits(switch, [*counted, *others], "payments")
    assert (found.requests, found.longest) == (4, 1500)
    assert waits(switch, [held], "payments").p99 == 150
