"""The control API, asked as a stranger and as a friend would."""

import asyncio
import json
from typing import Any

import aiohttp
import psutil
import pytest

from matapalo.conductor import Planned
from matapalo.console import Seat, connect, seat_of
from matapalo.edge.split import Split, Wanted
from matapalo.errors import ConductorSilent, GatesNotPassed, MatapaloError
from tests.conductor.place import TOKEN, Place
from tests.support import eventually, free_port

KEY = {"Authorization": f"Bearer {TOKEN}"}
STRANGER = {"error": {"kind": "Unauthorized", "what": "the conductor needs its token"}}
PATHS = [
    "/v1/slices", "/v1/slices/statements", "/v1/ledger", "/v1/edges", "/v1/edges/e/wanted",
    "/", "/no/such/path",
]  # fmt: skip


async def ask(
    place: Place, method: str, path: str, **more: Any
) -> tuple[int, dict[str, Any], dict[str, str]]:
    async with (
        aiohttp.ClientSession(place.url) as http,
        http.request(method, path, **more) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else {}, dict(answer.headers)


async def test_without_the_token_nobody_learns_anything(conducted: Place) -> None:
    wrong = ["", "Bearer wrong", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer ñandú"]
    for path in PATHS:
        for word in wrong:
            headers = {"Authorization": word} if word else {}
            status, said, got = await ask(conducted, "GET", path, headers=headers)
            assert (status, said) == (401, STRANGER), (path, word)
            assert got["WWW-Authenticate"] == "Bearer"


async def test_without_the_token_nothing_moves(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        status, _, _ = await ask(conducted, "POST", "/v1/slices/statements/advance", json={})
        assert status == 401
        assert await conducted.entries() == ()


async def test_health_needs_no_token_and_says_who_leads(conducted: Place) -> None:
    status, said, _ = await ask(conducted, "GET", "/health")
    assert (status, said) == (200, {"leads": True})


WRONG = [
    ("GET", "/v1/slices/nope", None, 404, "UnknownSlice"),
    ("GET", "/v1/ledger?slice=nope", None, 404, "UnknownSlice"),
    ("GET", "/v1/ledger?limit=0", None, 400, "RequestRefused"),
    ("GET", "/v1/ledger?nonsense=1", None, 400, "RequestRefused"),
    ("GET", "/v1/edges/e/wanted?after=x", None, 400, "RequestRefused"),
    ("GET", "/v1/nothing", None, 404, "RequestRefused"),
    ("DELETE", "/v1/slices", None, 405, "RequestRefused"),
    ("POST", "/v1/slices/nope/advance", "{}", 404, "UnknownSlice"),
    ("POST", "/v1/slices/statements/advance", "{", 400, "RequestRefused"),
    ("POST", "/v1/slices/statements/advance", "[]", 400, "RequestRefused"),
    ("POST", "/v1/slices/statements/advance", '{"percnt": 5}', 400, "RequestRefused"),
    ("POST", "/v1/slices/statements/advance", '{"wait": -1}', 400, "RequestRefused"),
    ("POST", "/v1/slices/statements/advance", '{"percent": 500}', 409, "MoveRefused"),
    ("POST", "/v1/slices/statements/advance", '{"to": "x"}', 409, "MoveRefused"),
    ("POST", "/v1/slices/payments/advance", "{}", 409, "MoveRefused"),
    ("POST", "/v1/slices/statements/back", "{}", 409, "MoveRefused"),
    ("POST", "/v1/slices/statements/advance", "{}", 409, "GatesNotPassed"),
    (
        "POST",
        "/v1/edges/e/report",
        '{"edge": "f", "epoch": "", "version": 0}',
        400,
        "RequestRefused",
    ),
    ("POST", "/v1/edges/e/report", '{"edge": "e"}', 400, "RequestRefused"),
    ("POST", "/v1/edges/e/report", "x" * (9 * 2**20), 413, "RequestRefused"),
]


async def test_what_goes_wrong_is_told_as_json_with_a_fitting_status(conducted: Place) -> None:
    for method, path, body, expected, kind in WRONG:
        status, said, _ = await ask(conducted, method, path, data=body, headers=KEY)
        assert (status, said["error"]["kind"]) == (expected, kind), (method, path, said)
        assert set(said["error"]) == {"kind", "what", "where", "hint"}


async def test_news_reach_an_edge_at_once_and_only_news(conducted: Place) -> None:
    async with (
        conducted.edge() as edge,
        aiohttp.ClientSession(conducted.url, headers=KEY) as http,
    ):
        await conducted.gates_pass(edge)
        question = asyncio.create_task(told(http, after=0))
        await asyncio.sleep(0.1)
        assert not question.done()
        await conducted.move("advance")
        wanted = await question
        assert wanted.splits == {"statements": Split(mirror=100)}
        later = asyncio.create_task(told(http, after=wanted.version))
        assert (await told(http, after=0)).version == wanted.version
        await asyncio.sleep(0.1)
        assert not later.done()
        await conducted.move("back")
        assert (await later).version > wanted.version


async def told(http: aiohttp.ClientSession, *, after: int) -> Wanted:
    async with http.get(f"/v1/edges/other/wanted?after={after}") as answer:
        assert answer.status == 200
        return Wanted.model_validate(await answer.json())


async def test_a_move_is_told_line_by_line(conducted: Place) -> None:
    async with (
        conducted.edge() as edge,
        aiohttp.ClientSession(conducted.url, headers=KEY) as http,
    ):
        await conducted.gates_pass(edge)
        async with http.post("/v1/slices/statements/advance", json={"who": "ana"}) as answer:
            assert answer.content_type == "application/x-ndjson"
            lines = [json.loads(line) async for line in answer.content]
        assert [line.get("event") for line in lines] == [
            "planned", "acted", "acted", "arrived", None,
        ]  # fmt: skip
        assert lines[-1]["done"]["position"] == {"stage": "shadowing", "percent": 0}


async def test_a_step_that_began_ends_when_its_client_goes_away(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        edge.stuck = True
        moving = asyncio.create_task(conducted.move("advance", to="switched", wait=600))
        await eventually(lambda: under_way(conducted))
        moving.cancel()
        await asyncio.gather(moving, return_exceptions=True)
        edge.stuck = False
        await eventually(lambda: arrived(conducted, "shadowing"))
        edge.serve_well("statements")
        await asyncio.sleep(2)
        assert await arrived(conducted, "shadowing"), "a step began that nobody was there to see"


async def under_way(conducted: Place) -> bool:
    return (await conducted.slice()).move is not None


async def arrived(conducted: Place, stage: str) -> bool:
    seen = await conducted.slice()
    return seen.stage == stage and seen.move is None


async def test_waiting_for_gates_ends_when_its_client_goes_away(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        await conducted.move("advance")
        waiting = asyncio.create_task(conducted.move("advance", wait=600))
        await asyncio.sleep(0.7)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await eventually(lambda: free_again(conducted))


async def free_again(conducted: Place) -> bool:
    try:
        await conducted.move("advance")
    except GatesNotPassed:
        return True
    except MatapaloError:
        return False
    return False


async def test_it_listens_on_the_loopback_only(conducted: Place) -> None:
    assert conducted.process
    sockets = psutil.Process(conducted.process.pid).net_connections("inet")
    listening = [one.laddr for one in sockets if one.status == psutil.CONN_LISTEN]
    assert [(place.ip, place.port) for place in listening] == [("127.0.0.1", conducted.port)]


async def test_the_client_finds_the_conductor_by_the_state_folder(conducted: Place) -> None:
    async with connect(seat_of(conducted.folder / ".matapalo")) as conductor:
        assert [one.name for one in await conductor.slices()] == [
            "payments", "receipts", "statements",
        ]  # fmt: skip


async def test_no_conductor_is_a_clear_error(conducted: Place) -> None:
    with pytest.raises(ConductorSilent, match="no conductor runs here"):
        seat_of(conducted.folder)
    async with connect(Seat(f"http://127.0.0.1:{free_port()}", TOKEN)) as conductor:
        with pytest.raises(ConductorSilent, match="does not answer"):
            await conductor.slices()


async def test_a_dry_run_is_told_as_the_plan_and_no_more(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        events = await conducted.move("advance", dry_run=True)
        assert [type(event) for event in events] == [Planned]
        assert await conducted.entries() == ()


async def test_sigterm_ends_it_in_good_order_though_edges_are_asking(conducted: Place) -> None:
    async with conducted.edge(), conducted.edge("edge-2"):
        await eventually(lambda: known(conducted, 2))
        assert await conducted.stop() == 0


async def known(conducted: Place, count: int) -> bool:
    return len(await conducted.edges()) == count
