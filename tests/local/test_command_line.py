"""The command line, as a person calls it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from matapalo.local.identity import identify, marked
from matapalo.local.leftovers import recall
from matapalo.local.ports import free_port
from tests.local.shop import (
    SERVER,
    end,
    home_of,
    matapalo,
    names,
    ports,
    secrets,
    shop,
    small,
    start_up,
    status,
)


@pytest.fixture(scope="module")
def monolith() -> Iterator[str]:
    """Give the URL of a server that runs elsewhere."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-S", SERVER, str(port)]) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.fixture
def file(tmp_path: Path, monolith: str) -> Iterator[Path]:
    """Give the blueprint of a small system; whatever runs of it is ended after the test."""
    file = small(tmp_path, monolith)
    yield file
    matapalo(file, "down")
    assert marked(str(home_of(file).folder)) == []


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory, monolith: str) -> Iterator[Path]:
    """Give the blueprint of a system that runs, detached; every test leaves it running."""
    file = small(tmp_path_factory.mktemp("up"), monolith)
    said = matapalo(file, "up", "--detach")
    assert f"the edge is {edge(file)}" in said
    yield file
    assert ask(edge(file)), "it still runs"
    assert "ended 3 processes" in matapalo(file, "down")
    assert marked(str(home_of(file).folder)) == []
    assert matapalo(file, "down") == "nothing ran\n"


def ask(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return bytes(response.read())


def edge(file: Path) -> str:
    return f"http://127.0.0.1:{ports(file)['edge']}"


def test_status_tells_how_each_process_is_and_no_secret(up: Path) -> None:
    told = status(up)
    assert told["ready"]
    assert told["edge"] == edge(up)
    assert [p["state"] for p in told["processes"]] == ["running"] * 3
    assert all(p["memory"] > 0 for p in told["processes"])
    assert not [value for value in secrets(up).values() if value in json.dumps(told)]
    shown = matapalo(up, "status")
    assert all(p["name"] in shown for p in told["processes"])


def test_logs_are_shown_with_the_name_of_whose_they_are(up: Path) -> None:
    shown = matapalo(up, "logs", "ledger", "-n", "1000")
    assert "database system is ready" in shown
    assert all(line.startswith("ledger | ") for line in shown.splitlines())
    assert "edge | " in matapalo(up, "logs")


def test_logs_are_followed(up: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "matapalo", "logs", "-f", "-n", "0", "--blueprint", str(up)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as follower:  # fmt: skip
        assert follower.stdout
        asking = threading.Event()

        def customer() -> None:
            while not asking.wait(0.2):
                ask(f"{edge(up)}/followed")

        thread = threading.Thread(target=customer)
        thread.start()
        line = next(line for line in follower.stdout if "/followed" in line)
        asking.set()
        thread.join()
        assert line.startswith("edge | ")
        follower.kill()


def test_a_restart_gives_another_process(up: Path) -> None:
    def conductor() -> int:
        return int(next(p["pid"] for p in status(up)["processes"] if p["name"] == "conductor"))

    before = conductor()
    assert "conductor is restarted" in matapalo(up, "restart", "conductor")
    assert conductor() != before


def test_an_unknown_process_is_told(up: Path) -> None:
    assert "there are: ledger, conductor, edge" in matapalo(up, "restart", "egde", status=1)
    assert "there is no such log" in matapalo(up, "logs", "egde", status=1)


def test_two_at_once_are_refused(up: Path) -> None:
    for words in (("up",), ("up", "--detach")):
        said = matapalo(up, *words, status=1)
        assert f"process {status(up)['pid']} runs this system since" in said
        assert "Traceback" not in said


def test_up_tells_where_the_edge_is_and_ends_well(file: Path) -> None:
    process = start_up(file)
    assert ask(edge(file))
    assert "all has ended" in end(process)
    assert process.returncode == 0
    assert marked(str(home_of(file).folder)) == []
    assert "nothing runs from this folder" in matapalo(file, "status", status=1)
    assert "nothing runs from this folder" in matapalo(file, "restart", "edge", status=1)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_up_ends_well_however_it_is_asked(file: Path, how: signal.Signals) -> None:
    process = start_up(file)
    end(process, how)
    assert process.returncode == 0
    assert marked(str(home_of(file).folder)) == []


def test_a_killed_up_leaves_everything_serving_and_the_next_one_ends_it(file: Path) -> None:
    process = start_up(file)
    first = {record.name: record.identity.pid for record in recall(home_of(file))}
    kept, token = secrets(file), home_of(file).token.read_text()
    end(process, signal.SIGKILL)
    assert ask(edge(file)), "what it started goes on"
    assert "nothing runs" in matapalo(file, "status", status=1)
    process = start_up(file)
    second = {record.name: record.identity.pid for record in recall(home_of(file))}
    assert first.keys() == second.keys()
    assert not [pid for pid in first.values() if (i := identify(pid)) and i.process()]
    assert len([name for name in names(file) if "envoy" in name]) == 1
    assert (secrets(file), home_of(file).token.read_text()) == (kept, token)
    assert ask(edge(file))
    end(process)


def test_what_a_killed_up_left_is_ended_by_down(file: Path) -> None:
    end(start_up(file), signal.SIGKILL)
    assert "ended" in matapalo(file, "down")
    assert marked(str(home_of(file).folder)) == []


def test_a_system_can_be_ended_while_it_starts(file: Path) -> None:
    slow = "  health: /slow\nproducts: {p: {services: {s: {run: {command: [sleep, '60']}}}}}\n"
    file.write_text(file.read_text() + slow)
    process = subprocess.Popen(
        [sys.executable, "-m", "matapalo", "up", "--blueprint", str(file)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while "sleep" not in names(file):
        assert time.monotonic() < deadline
        assert process.poll() is None
    matapalo(file, "down")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "it was stopped before everything ran" in said
    assert marked(str(home_of(file).folder)) == []


def test_a_named_port_in_use_names_who_has_it(file: Path, monolith: str) -> None:
    taken = monolith.rpartition(":")[2]
    file.write_text(file.read_text() + f"edge:\n  port: {taken}\n")
    said = matapalo(file, "up", status=1)
    assert f"port {taken} cannot be listened on: it is in use by python" in said
    assert "Traceback" not in said


def test_a_monolith_that_is_down_is_told(tmp_path: Path) -> None:
    file = small(tmp_path, f"http://127.0.0.1:{free_port()}")
    said = matapalo(file, "up", "--detach", status=1)
    assert "the monolith does not answer" in said
    assert "monolith.url" in said
    assert "Traceback" not in said
    assert marked(str(home_of(file).folder)) == []


def test_a_process_that_fails_is_told_with_its_last_lines(tmp_path: Path) -> None:
    file = shop(tmp_path)
    file.write_text(file.read_text().replace("linger", "say, 'out of luck', fail", 1))
    for words in (("up",), ("up", "--detach")):
        said = matapalo(file, *words, status=1)
        assert "monolith: it ended at once, with status 3" in said
        assert "| out of luck" in said
        assert str(home_of(file).log("monolith")) in said
        assert "Traceback" not in said
        assert marked(str(home_of(file).folder)) == []


def test_a_folder_that_cannot_be_written_is_told(file: Path) -> None:
    home_of(file).folder.write_text("in the way")
    for words in (("up",), ("up", "--detach")):
        said = matapalo(file, *words, status=1)
        assert "the state folder cannot be written" in said
        assert "Traceback" not in said
    home_of(file).folder.unlink()


def test_the_state_folder_stays_as_it_was_when_the_blueprint_is_wrong(file: Path) -> None:
    file.write_text(file.read_text() + "nonsense: 1\n")
    for words in (("up",), ("up", "--detach")):
        assert "nonsense" in matapalo(file, *words, status=1)
    assert not home_of(file).folder.exists()
    file.write_text(file.read_text().replace("nonsense: 1\n", ""))
