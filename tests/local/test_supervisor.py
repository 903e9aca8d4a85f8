import asyncio
import os
import signal
import time
from collections import Counter
from pathlib import Path

import aiohttp
import psutil
import pytest

from matapalo.errors import LocalError, StartFailed
from matapalo.local.identity import lives, marked
from matapalo.local.ports import free_port
from matapalo.local.secrets import Secrets
from tests.local.processes import Stage, at_port, home_in, server
from tests.support import eventually


async def ask(port: int, path: str = "/") -> int:
    """Return the process id that answers at a port."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as response,
    ):
        assert response.status == 200
        return int(await response.text())


async def test_a_process_starts_only_when_those_that_it_needs_are_well(tmp_path: Path) -> None:
    home, trace = home_in(tmp_path), tmp_path / "trace"
    first = server(home, "first", "slow", "0.5", "trace", str(trace))
    second = server(home, "second", "trace", str(trace), after=frozenset({"first"}))
    third = server(home, "third", "trace", str(trace), after=frozenset({"second"}))
    async with Stage(home, (third, second, first)) as stage:
        await stage.supervisor.start()
        assert all(status.state == "running" for status in stage.supervisor.status())
    starts = [f"start {spec.port}" for spec in (first, second, third)]
    stops = [f"stop {spec.port}" for spec in (third, second, first)]
    assert trace.read_text().splitlines() == starts + stops


async def test_those_that_need_nobody_start_at_the_same_time(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    specs = [server(home, f"p{n}", "slow", "1") for n in range(3)]
    async with Stage(home, specs) as stage:
        await stage.supervisor.start()
        starts = [psutil.Process(s.pid).create_time() for s in stage.supervisor.status()]
        assert max(starts) - min(starts) < 1, "none has waited for another"


async def test_a_process_that_fails_is_named_with_its_last_lines_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    home = home_in(tmp_path)
    bad = server(home, "bad", "say", "the password is hush-hush-hush", "fail")
    stage = Stage(home, (server(home, "good"), bad), Secrets({"a": "hush-hush-hush"}))
    with pytest.raises(StartFailed) as caught:
        await stage.supervisor.start()
    await stage.supervisor.stop()
    assert caught.value.where == "bad"
    assert "status 3" in caught.value.what
    assert "the password is ***" in caught.value.what
    assert str(home.log("bad")) in caught.value.hint
    assert marked(str(home.folder)) == []


async def test_a_process_that_does_not_get_well_is_ended_and_told_why(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stage = Stage(home, (server(home, "sick", "sick", patience=0.5),))
    with pytest.raises(StartFailed, match="answers 503"):
        await stage.supervisor.start()
    assert marked(str(home.folder)) == []


async def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    spec = server(home, "none")
    lost = at_port(spec, spec.port)
    object.__setattr__(lost.command, "words", ("no-such-program",))
    with pytest.raises(StartFailed, match="no-such-program cannot be started"):
        await Stage(home, (lost,)).supervisor.start()


async def test_a_killed_process_comes_back_in_the_same_place(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    async with Stage(home, (server(home, "a"),)) as stage:
        await stage.supervisor.start()
        keeper = stage.keeper("a")
        before = keeper.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: keeper.running and keeper.pid != before)
        assert await ask(keeper.spec.port) == keeper.pid
        assert keeper.status().restarts == 1
        assert "ended with status -9; starts again" in stage.texts("a")


async def test_what_a_killed_process_left_does_not_stand_in_its_way(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    async with Stage(home, (server(home, "a", "child"),)) as stage:
        await stage.supervisor.start()
        before = stage.keeper("a").pid
        assert before is not None
        (heir,) = psutil.Process(before).children()
        os.kill(before, signal.SIGKILL)
        await eventually(lambda: stage.keeper("a").running and stage.keeper("a").pid != before)
        assert not lives(heir)


async def test_a_process_that_keeps_failing_is_tried_less_and_less_and_never_given_up(
    tmp_path: Path,
) -> None:
    home = home_in(tmp_path)
    wall = tmp_path / "wall"
    spec = server(home, "a", "trace", str(wall / "trace"))
    wall.mkdir()
    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        keeper = stage.keeper("a")
        (wall / "trace").unlink()
        wall.rmdir()  # it cannot start now
        os.kill(keeper.pid or 0, signal.SIGKILL)
        await eventually(lambda: keeper.status().restarts >= 3)
        assert keeper.status().trouble.startswith("it ended at once")
        pauses = [text.rpartition("in ")[2] for text in stage.texts("a") if " in " in text]
        assert pauses[:2] == ["0.5 s", "1.0 s"]
        wall.mkdir()
        await eventually(lambda: keeper.running)
        assert await ask(spec.port) == keeper.pid


async def test_a_deaf_process_is_killed_when_its_grace_is_over(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stage = Stage(home, (server(home, "deaf", "deaf", grace=0.3),))
    await stage.supervisor.start()
    began = time.monotonic()
    await stage.supervisor.stop()
    assert time.monotonic() - began >= 0.3
    assert marked(str(home.folder)) == []


async def test_a_rolling_restart_fails_no_request(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    spec = server(home, "a", rolls=True)
    fresh = at_port(spec, free_port())
    place = spec.port
    asking, answers, over = Counter[int](), list[int](), asyncio.Event()

    async def customer() -> None:
        while not over.is_set():
            port = place
            asking[port] += 1
            answers.append(await ask(port, "/slow"))
            asking[port] -= 1

    async def arrived() -> None:
        """Lead the customers to the new place, as an edge does; the old one still answers some."""
        nonlocal place
        place = fresh.port
        await eventually(lambda: not asking[spec.port])

    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        old = stage.keeper("a").pid
        customers = [asyncio.create_task(customer()) for _ in range(8)]
        await eventually(lambda: len(answers) > 8)
        await stage.supervisor.roll((fresh,), arrived)
        new = stage.keeper("a").pid
        await eventually(lambda: answers[-1] == new)
        over.set()
        await asyncio.gather(*customers)  # none of them met an error
        assert set(answers) == {old, new}
        assert [process.pid for process in marked(str(home.folder))] == [new]
        assert stage.keeper("a").spec.port == fresh.port


async def test_a_successor_that_does_not_get_well_leaves_the_old_one_serving(
    tmp_path: Path,
) -> None:
    home = home_in(tmp_path)
    spec = server(home, "a", rolls=True)

    async def arrived() -> None:
        raise AssertionError("it has not arrived")

    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        old = stage.keeper("a").pid
        with pytest.raises(StartFailed):
            await stage.supervisor.roll((server(home, "a", "fail", rolls=True),), arrived)
        assert await ask(spec.port) == old
        assert [process.pid for process in marked(str(home.folder))] == [old]


async def test_one_that_cannot_stand_beside_itself_is_restarted_in_the_middle_of_a_roll(
    tmp_path: Path,
) -> None:
    home, trace = home_in(tmp_path), tmp_path / "trace"
    rolls = server(home, "rolls", "trace", str(trace), rolls=True)
    fixed = server(home, "fixed", "trace", str(trace))

    async def arrived() -> None:
        """Nobody asks."""

    async with Stage(home, (rolls, fixed)) as stage:
        await stage.supervisor.start()
        trace.unlink()
        new = at_port(rolls, free_port())
        await stage.supervisor.roll((new, fixed), arrived)
        assert trace.read_text().splitlines() == [
            f"start {new.port}", f"stop {fixed.port}", f"start {fixed.port}", f"stop {rolls.port}",
        ]  # fmt: skip


async def test_a_restart_in_place_gives_another_process(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    async with Stage(home, (server(home, "a"),)) as stage:
        await stage.supervisor.start()
        before = stage.keeper("a").pid
        await stage.supervisor.restart("a")
        assert await ask(stage.keeper("a").spec.port) == stage.keeper("a").pid != before


async def test_an_unknown_process_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stage = Stage(home, (server(home, "a"), server(home, "b")))
    with pytest.raises(LocalError) as caught:
        await stage.supervisor.restart("c")
    assert caught.value.where == "c"
    assert "a, b" in caught.value.hint


async def test_stopping_in_the_middle_of_a_start_leaves_nothing(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    stage = Stage(home, (server(home, "a", "slow", "60", patience=60),))
    starting = asyncio.create_task(stage.supervisor.start())
    await eventually(lambda: marked(str(home.folder)))
    starting.cancel()
    await asyncio.wait((starting,))
    await stage.supervisor.stop()
    assert marked(str(home.folder)) == []
