"""Who has written reads from the monolith until the new side has it; nobody else does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from matapalo.edge import Report, Split
from matapalo.edge.standing import Standing
from tests.edge.process import Conductor, EdgeProcess, conducting, edge_process
from tests.edge.world import Answer, Client, Upstream, upstreams
from tests.support import eventually

BLUEPRINT: dict[str, Any] = {
    "edge": {"limits": {"rate": None}, "drain": 1, "user_header": "x-customer"},
    "products": {"p": {"services": {"s": {"url": "http://127.0.0.1:9"}}}},
    "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
}
READING = Split(reads_new=100, read_own_writes=True)


@asynccontextmanager
async def world(
    folder: Path, *, passing: bool = True
) -> AsyncIterator[tuple[EdgeProcess, Conductor, dict[str, Upstream]]]:
    """Have everybody read from the new side, which has everything so far, if it is passing."""
    async with (
        upstreams("monolith", "p/s") as at,
        conducting() as conductor,
        edge_process(folder, BLUEPRINT, at, conductor) as running,
    ):
        conductor.passing = passing
        await running.start()
        await conductor.obeyed(cards=READING)
        if passing:
            await eventually(lambda: on_new(running, "somebody"))
        yield running, conductor, at


async def ask(
    running: EdgeProcess, user: str | None, method: str = "GET", **headers: str
) -> Answer:
    """Ask on a connection of its own."""
    client = Client(running.port)
    who = {"x_customer": user} if user else {}
    try:
        return await client.ask(
            "/cards", method, b"{}" if method == "POST" else None, **who, **headers
        )
    finally:
        client.close()


async def on_new(running: EdgeProcess, user: str | None, **headers: str) -> bool:
    return (await ask(running, user, **headers)).text == "p/s"


def standing(running: EdgeProcess) -> Standing:
    found = Standing.read((running.state / "slices" / "cards").read_text())
    assert found
    return found


def wrote(answer: Answer) -> str:
    """Return the cookie of who has written, as it is sent back."""
    (cookie,) = (cookie for cookie in answer.cookies if cookie.startswith("matapalo-wrote="))
    return cookie.partition(";")[0]


async def test_who_has_written_reads_from_the_monolith_on_any_connection_until_it_has_passed(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        for number in range(20):
            assert (await ask(running, f"writer-{number}", "POST")).text == "monolith"
            asking = (ask(running, f"writer-{number}") for _ in range(10))
            assert {answer.text for answer in await asyncio.gather(*asking)} == {"monolith"}
        others = [await on_new(running, f"reader-{number}") for number in range(100)]
        assert all(others)
        conductor.passing = True
        for number in range(20):
            await eventually(lambda: on_new(running, f"writer-{number}"))  # noqa: B023 (waited for at once)


async def test_every_read_after_a_write_finds_it_while_the_stream_runs_behind(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as (running, conductor, at):
        written: set[str] = set()
        streamed: set[str] = set()

        def answered_by(name: str, has: set[str]) -> None:
            def reply(seen: Any) -> tuple[int, dict[str, str], bytes]:
                user = seen.headers["x-customer"]
                if seen.method == "POST":
                    written.add(user)
                return 200, {"x-found": str(user in has)}, name.encode()

            at[name].reply = reply

        answered_by("monolith", written)
        answered_by("p/s", streamed)
        conductor.passes = _Stream(written, streamed).passes
        lost = 0
        for number in range(200):
            user = f"user-{number}"
            await ask(running, user, "POST")
            for _ in range(3):
                answer = await ask(running, user)
                lost += answer.headers["x-found"] != "True"
                await asyncio.sleep(0.01)
        assert not lost
        await eventually(lambda: on_new(running, "user-199"))


class _Stream:
    """Takes its time, and says so."""

    def __init__(self, written: set[str], streamed: set[str]) -> None:
        self._written, self._streamed = written, streamed

    async def passes(self) -> bool:
        until = set(self._written)
        await asyncio.sleep(0.15)
        self._streamed |= until
        return True


async def test_a_write_that_failed_may_have_been_one(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, at):
        conductor.passing = False
        at["monolith"].reply = lambda _: (500, {}, b"monolith")
        assert (await ask(running, "ana", "POST")).status == 500
        assert not await on_new(running, "ana")


async def test_by_the_edge_s_own_cookie_it_is_the_same(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        await ask(running, None, "POST", cookie="matapalo_user=ana")
        assert not await on_new(running, None, cookie="x=1; matapalo_user=ana")
        assert await on_new(running, None, cookie="matapalo_user=ben")


async def test_who_has_no_name_is_known_by_what_he_was_given(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        answer = await ask(running, None, "POST")
        cookie = wrote(answer)
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert not await on_new(running, None, cookie=cookie)
        assert await on_new(running, None)
        conductor.passing = True
        await eventually(lambda: on_new(running, None, cookie=cookie))
        assert await on_new(running, None, cookie="matapalo-wrote=nonsense")


async def test_who_has_written_at_another_edge_is_known_too(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        passed = standing(running).passed
        assert passed
        # Clocks differ: what another edge says counts a little longer.
        assert not await on_new(running, "ana", cookie=f"matapalo-wrote={passed - 500}.0badcafe")
        assert await on_new(running, "ana", cookie=f"matapalo-wrote={passed - 5000}.0badcafe")


async def test_as_long_as_nothing_is_known_to_have_passed_the_monolith_answers(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, passing=False) as (running, conductor, _at):
        await eventually(lambda: conductor.asked > 3)
        await ask(running, "ana", "POST")
        assert not await on_new(running, "ana")
        # Nobody knows who wrote before the edge began to mark.
        assert not await on_new(running, "ben")
        conductor.passing = True
        await eventually(lambda: on_new(running, "ana"))


async def test_a_dead_conductor_frees_nobody_and_catches_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        await ask(running, "ana", "POST")
        await conductor.stop()
        await running.kill()
        assert not await on_new(running, "ana")
        assert await on_new(running, "ben")
        await running.start()
        assert not await on_new(running, "ana")
        assert await on_new(running, "ben")
        conductor.passing = True
        await conductor.start()
        await eventually(lambda: on_new(running, "ana"))


async def test_it_is_asked_again_and_again_but_not_without_end(tmp_path: Path) -> None:
    async with world(tmp_path) as (_running, conductor, _at):
        before = conductor.asked
        began = asyncio.get_running_loop().time()
        await eventually(lambda: conductor.asked >= before + 10)
        assert conductor.asked - before <= 1 + 10 * (asyncio.get_running_loop().time() - began)
        await conductor.obeyed(cards=Split())
        await asyncio.sleep(0.5)
        settled = conductor.asked
        await asyncio.sleep(0.5)
        assert conductor.asked == settled


async def test_what_was_kept_back_is_counted_and_is_the_monolith_s(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        before = await settled(conductor)
        await ask(running, "ana", "POST")
        for user in ("ana", "ana", "ana", "ben"):
            await ask(running, user)

        def counted() -> bool:
            now = conductor.last
            kept = now.kept_back["cards"] - before.kept_back["cards"]
            monolith, new = now.meters["cards"]["monolith"], now.meters["cards"]["new"]
            assert kept == 3
            assert monolith.requests - before.meters["cards"]["monolith"].requests == 4
            return new.requests - before.meters["cards"]["new"].requests == 1

        await eventually(counted)


async def settled(conductor: Conductor) -> Report:
    """Return a report that was made after this moment."""
    count = len(conductor.reports)
    await eventually(lambda: len(conductor.reports) >= count + 2)
    return conductor.last


async def test_once_the_new_side_owns_everything_nobody_is_kept_back(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        await ask(running, "ana", "POST")
        await conductor.obeyed(cards=READING.model_copy(update={"hold": 60}))
        assert not await on_new(running, "ana")
        await conductor.obeyed(cards=Split(reads_new=100, writes_new=True))
        assert await on_new(running, "ana")
        assert (await ask(running, "ana", "POST")).text == "p/s"


async def test_reads_follow_the_owner_before_their_routes_do(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        conductor.passing = False
        divided = READING.model_copy(update={"reads_new": 1})
        await conductor.obeyed(cards=divided)
        await conductor.obeyed(cards=divided.model_copy(update={"writes_new": True}))
        assert [await on_new(running, f"user-{n}") for n in range(50)] == [True] * 50


async def test_nobody_is_marked_where_nobody_reads_from_the_new_side(tmp_path: Path) -> None:
    async with world(tmp_path) as (running, conductor, _at):
        await conductor.obeyed(cards=Split())
        answer = await ask(running, "ana", "POST")
        assert not answer.cookies
        assert not await on_new(running, "ana")
