"""A desk keeps its sessions, opens lost ones anew, and never keeps anybody waiting for ever."""

import asyncio
import threading

import pytest

from matapalo.conductor.tables.desk import Desk, Sessions
from matapalo.errors import DatabaseRefused, DatabaseSilent
from tests.stream.servers import run, server

Asked = Sessions[str]


def backend(sessions: Asked) -> int:
    row = sessions["one"].execute("SELECT pg_backend_pid()").fetchone()
    return int(row[0]) if row else 0


async def test_one_session_and_one_thread_do_everything_in_order(postgres: str) -> None:
    desk = Desk({"one": postgres}, "test")
    order: list[int] = []

    def note(number: int) -> tuple[int, str]:
        order.append(number)
        return number, threading.current_thread().name

    asked = [desk.ask(lambda _, n=n: note(n), within=30) for n in range(20)]  # type: ignore[misc]
    answers = await asyncio.gather(*asked)
    assert order == sorted(order)
    assert {name for _, name in answers} == {"test"}
    assert await desk.ask(backend, within=30) == await desk.ask(backend, within=30)
    desk.end()


async def test_a_lost_session_is_opened_anew_and_the_work_done_again(postgres: str) -> None:
    desk = Desk({"one": postgres}, "test")
    before = await desk.ask(backend, within=30)
    run(postgres, f"SELECT pg_terminate_backend({before})")
    assert await desk.ask(backend, within=30) != before
    desk.end()


async def test_what_takes_too_long_is_cut_and_the_next_is_served() -> None:
    with server() as one:
        desk = Desk({"one": one.url}, "test", patience=2)
        await desk.ask(backend, within=30)
        with one.hung():
            for _ in range(2):
                with pytest.raises(DatabaseSilent, match="no answer within"):
                    await desk.ask(backend, within=0.3)
        assert await desk.ask(backend, within=30)
        desk.end()


async def test_nobody_waits_for_a_server_that_is_not_there() -> None:
    with server() as one:
        one.stop()
        desk = Desk({"one": one.url}, "test")
        with pytest.raises(DatabaseSilent):
            await desk.ask(backend, within=30)
        one.start()
        assert await desk.ask(backend, within=30)
        desk.end()


async def test_what_a_server_says_is_told_as_an_error_of_ours(postgres: str) -> None:
    desk = Desk({"one": postgres}, "test")
    with pytest.raises(DatabaseRefused, match="does not exist"):
        await desk.ask(lambda sessions: sessions["one"].execute("SELECT FROM nowhere"), within=30)
    desk.end()
