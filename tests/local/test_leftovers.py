import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from matapalo.local.home import Home
from matapalo.local.identity import MARK, Identity, identify, lives
from matapalo.local.leftovers import Record, end_leftovers, leftovers, recall, remember
from tests.local.processes import home_in

SLEEP = "import time; time.sleep(600)"


class Nursery:
    """Starts processes, and ends them when the test is over."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []

    def sleeper(self, mark: Path | None, code: str = SLEEP) -> psutil.Process:
        env = {MARK: str(mark)} if mark else {}
        self.processes.append(
            subprocess.Popen([sys.executable, "-S", "-c", code], env=env, start_new_session=True)
        )
        return psutil.Process(self.processes[-1].pid)


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    for process in nursery.processes:
        process.kill()
        process.wait()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path)


def record(process: psutil.Process, *, earlier: float = 0) -> Record:
    identity = Identity(process.pid, process.create_time() - earlier)
    return Record("a", identity, signal.SIGTERM)


def test_a_recorded_process_is_ended(home: Home, nursery: Nursery) -> None:
    left = nursery.sleeper(home.folder)
    remember(home, [record(left)])
    assert end_leftovers(home) == 1
    assert not lives(left)
    assert recall(home) == []


def test_a_marked_process_that_nobody_recorded_is_ended(home: Home, nursery: Nursery) -> None:
    left = nursery.sleeper(home.folder)
    assert [p.pid for p in leftovers(home)] == [left.pid]
    assert end_leftovers(home) == 1
    assert not lives(left)


def test_an_innocent_with_a_recorded_id_and_another_start_is_left_alone(
    home: Home, nursery: Nursery
) -> None:
    innocent = nursery.sleeper(None)
    remember(home, [record(innocent, earlier=5)])
    assert end_leftovers(home) == 0
    assert lives(innocent)


def test_an_innocent_of_another_folder_is_left_alone(
    home: Home, nursery: Nursery, tmp_path: Path
) -> None:
    innocent = nursery.sleeper(tmp_path / "other" / ".matapalo")
    remember(home, [record(innocent)])  # even with the right time of start
    assert end_leftovers(home) == 0
    assert lives(innocent)


def test_each_is_asked_in_its_own_way(home: Home, nursery: Nursery, tmp_path: Path) -> None:
    told = tmp_path / "told"
    code = (
        "import signal, pathlib, sys, time\n"
        f"def note(number, _): pathlib.Path({str(told)!r}).write_text(str(number)); sys.exit()\n"
        "for n in (signal.SIGINT, signal.SIGTERM): signal.signal(n, note)\n"
        f"pathlib.Path({str(told)!r}).write_text('ready')\n" + SLEEP
    )
    left = nursery.sleeper(home.folder, code)
    while not told.exists() or told.read_text() != "ready":
        assert lives(left)
    remember(home, [Record("a", Identity(left.pid, left.create_time()), signal.SIGINT)])
    end_leftovers(home)
    assert told.read_text() == str(int(signal.SIGINT))


def test_a_stubborn_one_is_killed(home: Home, nursery: Nursery, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = "import signal, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    left = nursery.sleeper(home.folder, f"{deaf}pathlib.Path({str(ready)!r}).touch()\n{SLEEP}")
    while not ready.exists():
        assert lives(left)
    end_leftovers(home, grace=0.3)
    assert not lives(left)


def test_we_and_those_who_called_us_are_never_among_them(home: Home) -> None:
    code = (
        "from matapalo.local.leftovers import end_leftovers\n"
        "from matapalo.local.home import Home\n"
        "from pathlib import Path\n"
        f"print(end_leftovers(Home(Path({str(home.folder)!r}))))"
    )
    env = {**os.environ, MARK: str(home.folder)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "0"


def test_a_record_that_cannot_be_read_is_no_record(home: Home) -> None:
    home.processes.write_text('[{"name": "a", "pi')
    assert recall(home) == []
    assert end_leftovers(home) == 0


def test_the_record_is_replaced_whole(home: Home, nursery: Nursery) -> None:
    left = nursery.sleeper(home.folder)
    remember(home, [record(left)])
    assert [entry["pid"] for entry in json.loads(home.processes.read_text())] == [left.pid]
    assert [path.name for path in home.folder.iterdir() if "processes" in path.name] == [
        "processes.json"
    ]


def test_an_id_that_nobody_has_is_nobody() -> None:
    gone = subprocess.Popen([sys.executable, "-S", "-c", ""])
    gone.wait()
    assert identify(gone.pid) is None
    assert Identity(gone.pid, 0).process() is None
