"""`matapalo compare` between two real servers: what it asks, when, and what it tells."""

import asyncio
import json
import socket
import time
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import psutil
from aiohttp import web

from matapalo.compare import Example
from tests.compare.world import Reply, Server, world
from tests.support import eventually

SAME = {"cards": [{"id": 1, "limit": 2.5}]}
WAITS = (0.3, 1.0, 2.5)


def both(*servers: Server, value: Any = SAME) -> None:
    for server in servers:
        server.says(value)


def replies(body: bytes = b"", status: int = 200, **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}

    async def reply(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=status, headers=given)

    return reply


def hangs(until: asyncio.Event) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        await until.wait()
        return web.json_response(SAME)

    return reply


async def breaks_off(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


async def test_answers_that_are_the_same_are_no_difference(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        assert await made.copy("/cards/7?month=3") == 202
        said = await made.compared()
        assert (said.compared, said.mismatched, said.differences) == (1, 0, ())
        assert [seen.raw_path for seen in made.monolith.seen] == ["/cards/7?month=3"] * 2
        assert [seen.raw_path for seen in made.new.seen] == ["/cards/7?month=3"]


async def test_both_sides_are_asked_what_the_edge_asked(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        await made.copy(
            "/cards/a%2Fb/%C3%B1?q=%20x&q=+",
            host="wallet.test", cookie="sid=1", authorization="Bearer x", accept="text/x",
            user_agent="phone", x_matapalo_user="ana", x_matapalo_scopes="read",
            accept_encoding="gzip", if_none_match='"1"', if_modified_since="x", range="bytes=0-1",
            connection="keep-alive, x-mine", x_mine="1", te="trailers", x_matapalo_shadow="7",
        )  # fmt: skip
        await made.compared()
        for seen in (*made.monolith.seen, *made.new.seen):
            assert seen.raw_path == "/cards/a%2Fb/%C3%B1?q=%20x&q=+"
            assert sorted((name.lower(), value) for name, value in seen.headers.items()) == [
                ("accept", "text/x"),
                ("accept-encoding", "identity"),
                ("authorization", "Bearer x"),
                ("cookie", "sid=1"),
                ("host", "wallet.test"),
                ("user-agent", "phone"),
                ("x-matapalo-scopes", "read"),
                ("x-matapalo-shadow", "1"),
                ("x-matapalo-user", "ana"),
            ]


async def test_nothing_is_kept_from_one_answer_for_the_next_question(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        made.monolith.reply = replies(b"", 302, location="/login", set_cookie="sid=7")
        made.new.reply = made.monolith.reply
        for done in (1, 2):
            await made.copy()
            assert (await made.compared(done)).mismatched == 0
        assert {seen.path for seen in (*made.monolith.seen, *made.new.seen)} == {"/cards"}
        assert not any("cookie" in seen.headers for seen in made.monolith.seen)


async def test_the_monolith_is_asked_before_and_after(tmp_path: Path) -> None:
    order: list[str] = []

    def named(name: str) -> Reply:
        async def reply(_: web.Request) -> web.StreamResponse:
            order.append(name)
            return web.json_response(SAME)

        return reply

    async with world(tmp_path) as made:
        made.monolith.reply, made.new.reply = named("monolith"), named("new")
        await made.copy()
        await made.compared()
        assert order == ["monolith", "new", "monolith"]


async def test_a_difference_is_asked_again_and_what_stays_is_counted(tmp_path: Path) -> None:
    times: list[tuple[str, float]] = []

    def timed(name: str, value: Any) -> Reply:
        async def reply(_: web.Request) -> web.StreamResponse:
            times.append((name, time.monotonic()))
            return web.json_response(value)

        return reply

    async with world(tmp_path) as made:
        made.monolith.reply = timed("monolith", {"items": [{"name": "Ana"}, {"name": "Eva"}]})
        made.new.reply = timed("new", {"items": [{"name": "Ana"}, {"name": "Evelyn"}]})
        await made.copy("/cards/1020?month=3")
        said = await made.compared()
        assert (said.compared, said.mismatched) == (1, 1)
        (difference,) = said.differences
        assert difference.key == ("GET /cards", "value", "$.items[*].name")
        assert difference.count == 1
        assert difference.examples == (
            Example(
                asked="GET /cards/*?month=",
                place="$.items[1].name",
                monolith="text(3)",
                new="text(6)",
            ),
        )
        assert "Evelyn" not in made.log()
        assert [name for name, _ in times] == ["monolith", "new", "monolith"] * 4
        # The new side has so much time for what the monolith showed before.
        paused = [times[index + 1][1] - times[index][1] for index in (3, 6, 9)]
        assert all(took >= wait for took, wait in zip(paused, WAITS, strict=True))


async def test_a_new_side_that_is_behind_catches_up(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith)
        made.new.says({"cards": []}, {"cards": []}, SAME)
        await made.copy()
        said = await made.compared()
        assert (said.compared, said.mismatched) == (1, 0)
        assert len(made.new.seen) == 3


async def test_what_wavers_at_the_monolith_is_no_difference(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        numbers = count()

        async def wavering(_: web.Request) -> web.StreamResponse:
            number = next(numbers)
            return web.json_response({"at": number, "list": [0] * (number % 2 + 1), "same": 1})

        made.monolith.reply = wavering
        made.new.says({"at": "now", "list": [0], "same": 1})
        await made.copy()
        assert (await made.compared()).mismatched == 0
        made.new.says({"at": "now", "list": [0], "same": 2})
        await made.copy()
        said = await made.compared(2)
        assert [difference.path for difference in said.differences] == ["$.same"]


async def test_what_the_slice_ignores_is_no_difference(tmp_path: Path) -> None:
    ignore = ["$.items[*].at", "$..trace"]
    async with world(tmp_path, ignore=ignore, compare_headers=["x-page"]) as made:
        made.monolith.reply = replies(
            json.dumps({"items": [{"at": 1}], "trace": 1}).encode(),
            content_type="application/json",
            x_page="1",
        )
        made.new.reply = replies(
            json.dumps({"items": [{"at": 2}], "trace": 2}).encode(),
            content_type="application/json; charset=latin-1",
            x_page="2",
        )
        await made.copy()
        said = await made.compared()
        assert [(one.kind, one.path) for one in said.differences] == [("header", "x-page")]


async def test_a_slice_may_show_its_values(tmp_path: Path) -> None:
    async with world(tmp_path, show_values=True) as made:
        made.monolith.says({"name": "Ana"})
        made.new.says({"name": "Eva"})
        await made.copy("/cards/1020?month=3")
        (difference,) = (await made.compared()).differences
        assert difference.examples == (
            Example(asked="GET /cards/1020?month=3", place="$.name", monolith='"Ana"', new='"Eva"'),
        )


async def test_differences_are_grouped_by_the_blueprint_s_routes(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith)
        made.new.reply = replies(status=404)
        for target in ("/cards/1", "/cards/2", "/cards/old", "/cards/old/3"):
            await made.copy(target)
        await made.copy("/cards/old", "HEAD")
        said = await made.compared(5)
        assert {one.key: one.count for one in said.differences} == {
            ("GET /cards", "status", ""): 2,
            ("GET /cards/old", "status", ""): 2,
            ("HEAD /cards/old", "status", ""): 1,
        }
        assert said.differences[0].examples[0].monolith == "200"
        assert said.differences[0].examples[0].new == "404"


async def test_a_new_side_that_fails_is_a_difference_of_its_own(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith)
        made.new.reply = breaks_off
        await made.copy()
        said = await made.compared(1)
        assert [one.kind for one in said.differences] == ["broken"]
        await made.new.stop()
        await made.copy()
        said = await made.compared(2)
        assert {one.kind: one.count for one in said.differences} == {"broken": 1, "refused": 1}
        made.place(**{"p/s": []})
        await made.copy()
        said = await made.compared(3)
        assert {one.kind: one.count for one in said.differences} == {"broken": 1, "refused": 2}


async def test_a_new_side_that_starts_anew_is_waited_for(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        await made.new.stop()
        await made.copy()
        await eventually(lambda: len(made.monolith.seen) >= 2)
        await made.new.start()
        assert (await made.compared()).mismatched == 0


async def test_a_new_side_that_hangs_is_late_and_blocks_no_other_slice(tmp_path: Path) -> None:
    until = asyncio.Event()
    async with world(tmp_path) as made:
        both(made.monolith)

        async def reply(request: web.Request) -> web.StreamResponse:
            return await (hangs(until) if request.path == "/cards" else replies())(request)

        made.new.reply = reply
        for _ in range(300):
            assert await made.copy() == 202
        hung = time.monotonic()
        for _ in range(20):
            await made.copy("/other", slice_name="other")
        other = await made.compared(20, "other")
        assert time.monotonic() - hung < 30
        assert other.skipped == {}
        assert made.new.most <= 8 + 8
        said = await made.compared(1)
        assert said.mismatched == said.compared
        (difference,) = said.differences
        assert difference.kind == "timeout"
        assert difference.examples[0].new == "no answer in 5 s"
        assert said.skipped["behind"] >= 100
        until.set()


async def test_a_monolith_that_fails_or_wavers_says_nothing_about_the_new_side(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as made:
        both(made.new)
        made.monolith.reply = breaks_off
        await made.copy()
        assert (await made.skipped(1)).skipped == {"monolith": 1}
        statuses = count(500)

        async def wavering(_: web.Request) -> web.StreamResponse:
            return web.Response(status=next(statuses))

        made.monolith.reply = wavering
        await made.copy()
        said = await made.skipped(2)
        assert said.skipped == {"monolith": 1, "unsteady": 1}
        assert said.compared == 0


async def test_only_safe_requests_of_known_slices_are_taken(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"):
            assert await made.copy(method=method) == 405
        assert await made.copy(slice_name="unknown") == 404
        assert await made.copy("/health", slice_name="") == 200
        assert await made.copy("/cards", slice_name="") == 404
        for method in ("GET", "HEAD", "OPTIONS"):
            assert await made.copy(method=method) == 202
        assert (await made.compared(3)).mismatched == 0
        assert {seen.method for seen in made.new.seen} == {"GET", "HEAD", "OPTIONS"}
        assert len(made.new.seen) == 3


async def test_what_cannot_be_asked_again_is_skipped(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        url = f"http://127.0.0.1:{made.port}/cards"
        async with made.http.get(url, data=b"x", headers={"x-matapalo-slice": "cards"}) as answer:
            assert answer.status == 202
        reader, writer = await asyncio.open_connection("127.0.0.1", made.port)
        for line in (b"GET /cards HTTP/1.1", b"GET /ca\xff HTTP/1.1"):
            writer.write(line + b"\r\nhost: x\r\nx-matapalo-slice: cards\r\nx-odd: \xe9\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
        writer.close()
        assert (await made.skipped(2)).skipped["unsendable"] >= 2
        await made.copy()
        assert (await made.compared()).mismatched == 0
        assert len(made.new.seen) == 1


async def test_headers_may_be_as_large_as_the_edge_takes_them(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        assert await made.copy(cookie="x" * 40_000) == 202
        assert (await made.compared()).mismatched == 0
        assert {len(seen.headers["cookie"]) for seen in made.new.seen} == {40_000}


async def test_large_bodies_are_the_same_or_not_and_are_not_kept(tmp_path: Path) -> None:
    large = b"x" * 5_000_000
    async with world(tmp_path) as made:
        made.monolith.reply = replies(large)
        made.new.reply = replies(large)
        await made.copy()
        assert (await made.compared()).mismatched == 0
        made.new.reply = replies(large[:-1] + b"y")
        await made.copy()
        (difference,) = (await made.compared(2)).differences
        assert (difference.kind, difference.examples[0].new) == ("body", "body(5000000)")


async def test_memory_is_bounded_whatever_comes(tmp_path: Path) -> None:
    body = b'"' + b"x" * 500_000 + b'"'
    until = asyncio.Event()
    slices, copies = ("cards", "other"), 500

    def held(body: bytes) -> Reply:
        """Answer nobody until all have asked: more wait then than may be at work."""

        async def reply(_: web.Request) -> web.StreamResponse:
            await until.wait()
            return web.Response(body=body, content_type="application/json")

        return reply

    async with world(tmp_path) as made:
        made.monolith.reply, made.new.reply = held(body), held(body[:-2] + b'y"')
        assert made.process
        process = psutil.Process(made.process.pid)
        before = most = process.memory_info().rss
        for _ in range(copies // 50):
            wanted = ((f"/{name}", name) for name in slices for _ in range(50))
            await asyncio.gather(*(made.copy(path, slice_name=name) for path, name in wanted))
        for name in slices:
            said = await made.skipped(copies // 2, name)
            assert said.skipped["behind"] >= copies // 2
        until.set()

        def done() -> bool:
            nonlocal most
            most = max(most, process.memory_info().rss)
            words = [made.said(name) for name in slices]
            return all(one.compared + sum(one.skipped.values()) == copies for one in words)

        await eventually(done, within=60)
        assert sum(made.said(name).compared for name in slices) > 0
        assert most - before < 160 * 2**20


async def test_a_conductor_that_was_away_hears_all_of_it(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        await made.unconduct()
        await made.copy()
        await eventually(lambda: "conductor: it does not answer" in made.log())
        await made.conduct()
        assert (await made.compared()).compared == 1
        await made.copy()
        await made.compared(2)
        assert {word.epoch for word in made.words} == {made.words[-1].epoch}
        counts = [word.slices["cards"].compared for word in made.words]
        assert all(earlier <= later for earlier, later in pairwise(counts))


async def test_it_is_heard_when_there_is_nothing_new(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await eventually(lambda: len(made.words) >= 3)
        assert set(made.words[-1].slices) == {"cards", "other"}


async def test_another_process_is_another_epoch(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        await eventually(lambda: made.words)
        assert await made.stop() == 0
        await made.start()
        await eventually(lambda: len({word.epoch for word in made.words}) == 2)


async def test_it_ends_at_once_whatever_is_at_work(tmp_path: Path) -> None:
    until = asyncio.Event()
    async with world(tmp_path) as made:
        made.monolith.reply = hangs(until)
        for _ in range(20):
            await made.copy()
        assert await made.stop() == 0
        until.set()
        assert "Traceback" not in made.log()
        assert "never retrieved" not in made.log()


async def test_a_side_that_moves_is_found(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        both(made.monolith, made.new)
        await made.copy()
        await made.compared()
        await made.new.stop()
        made.new.port = 0
        await made.new.start()
        made.place()
        await made.copy()
        assert (await made.compared(2)).mismatched == 0


async def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    async with world(tmp_path, start=False) as made:
        with socket.create_server(("127.0.0.1", made.port)):
            await made.launch()
            assert made.process
            assert await asyncio.wait_for(made.process.wait(), 30) == 1
        assert f"port {made.port} cannot be listened on" in made.log()
