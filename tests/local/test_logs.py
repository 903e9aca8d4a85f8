import asyncio
import os
import time
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.local.logs import Reader, keep_logs, last_lines, mark_start, open_log, writing
from tests.support import eventually

LINE = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")))


def append(log: Path, text: str) -> None:
    with os.fdopen(open_log(log), "a") as file:
        file.write(text)


def texts(log: Path, count: int = 1000) -> list[str]:
    return [line.text for line in last_lines(log, count)]


def is_noted(log: Path) -> bool:
    noted = writing.times_of(log).read_text().splitlines()[-1]
    return noted.split()[0] == str(log.stat().st_size)


async def test_lines_of_many_logs_come_in_the_order_of_time(tmp_path: Path) -> None:
    a, b = tmp_path / "a.log", tmp_path / "shop.b.log"
    keeping = asyncio.create_task(keep_logs(tmp_path, pytest.fail))
    for n in range(6):
        log = (a, b)[n % 2]
        append(log, f"{n}\n")
        await eventually(partial(is_noted, log))
    keeping.cancel()
    lines = Reader((a, b)).last(100)
    assert [line.text for line in lines] == ["0", "1", "2", "3", "4", "5"]
    assert [line.name for line in lines[:2]] == ["a", "shop/b"]
    assert all(abs(line.at - time.time()) < 60 for line in lines)


async def test_a_log_that_grows_too_large_is_put_aside_and_written_on(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    with os.fdopen(open_log(log), "ab", buffering=0) as process:
        process.write(b"x" * writing.LARGEST + b"\nlast\n")
        keeping = asyncio.create_task(keep_logs(tmp_path, pytest.fail))
        await eventually(lambda: writing.aside(log).exists() and log.stat().st_size == 0)
        process.write(b"first\n")  # its file is the same one
        keeping.cancel()
    assert log.read_bytes() == b"first\n"
    assert texts(log, 2) == ["last", "first"]
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert total < 2 * writing.LARGEST


def test_a_start_is_marked_and_earlier_runs_stay(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "before\n")
    mark_start(log, "a starts")
    first, second = texts(log)
    assert first == "before"
    assert second.startswith("--- 2")
    assert second.endswith("a starts")
    assert oct(log.stat().st_mode)[-3:] == "600"


def test_a_reader_goes_on_where_it_stopped(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "one\ntwo\n")
    reader = Reader((log, tmp_path / "none.log"))
    assert [line.text for line in reader.last(1)] == ["two"]
    assert reader.more() == []
    append(log, "thr")
    assert reader.more() == [], "the line is not complete"
    append(log, "ee\nfour\n")
    assert [line.text for line in reader.more()] == ["three", "four"]
    os.truncate(log, 0)
    append(log, "5\n")
    assert [line.text for line in reader.more()] == ["5"]


def test_nothing_of_an_unfinished_last_line_is_shown_twice(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    append(log, "one\nhalf")
    reader = Reader((log,))
    shown = [line.text for line in reader.last(10)]
    append(log, " done\n")
    shown += [line.text for line in reader.more()]
    assert shown == ["one", "half", " done"]


@given(lines=st.lists(LINE), n=st.integers(0, 50))
def test_the_last_lines_are_the_last_lines(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], n: int
) -> None:
    log = tmp_path_factory.mktemp("logs") / "a.log"
    append(log, "".join(f"{line}\n" for line in lines))
    assert texts(log, n) == (lines[-n:] if n else [])


def test_lines_across_chunks_are_whole(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    lines = [f"{n} " + "é" * 5000 for n in range(200)]
    append(log, "\n".join(lines) + "\n")
    assert texts(log, 150) == lines[-150:]
