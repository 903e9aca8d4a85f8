"""What is kept in the state folder from run to run: ports, secrets, the lock, the folder itself."""

import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.errors import AlreadyUp, FolderUnusable, PortTaken
from matapalo.local.backoff import LONGEST, pause
from matapalo.local.home import SOCKET_PATH_LIMIT, Home, open_home
from matapalo.local.lock import holder, holding
from matapalo.local.ports import free_port, is_free, keep_ports
from matapalo.local.secrets import Secrets, keep_secrets, load_secrets
from tests.local.processes import home_in


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return home_in(tmp_path)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Ports


def test_ports_are_free_different_and_the_same_the_next_time(home: Home) -> None:
    names = [f"p{n}" for n in range(20)]
    ports = keep_ports(home, names, {})
    assert len(set(ports.values())) == 20
    assert all(is_free(port) for port in ports.values())
    assert keep_ports(home, [*names, "new"], {}) == {
        **ports,
        "new": keep_ports(home, ["new"], {})["new"],
    }


def test_a_kept_port_that_somebody_took_is_chosen_anew(home: Home, listener: socket.socket) -> None:
    taken = listener.getsockname()[1]
    home.ports.write_text(f'{{"a": {taken}}}')
    assert keep_ports(home, ["a"], {})["a"] != taken


def test_a_named_port_in_use_is_refused_with_who_has_it(
    home: Home, listener: socket.socket
) -> None:
    taken = listener.getsockname()[1]
    with pytest.raises(PortTaken) as caught:
        keep_ports(home, ["edge"], {"edge": taken})
    assert str(taken) in caught.value.what
    assert f"process {os.getpid()}" in caught.value.what
    assert caught.value.where == "edge"
    assert not home.ports.exists()


def test_a_named_port_is_taken_from_nobody_else(home: Home) -> None:
    port = free_port()
    home.ports.write_text(f'{{"a": {port}}}')
    ports = keep_ports(home, ["a", "edge"], {"edge": port})
    assert ports["edge"] == port
    assert ports["a"] != port


# Secrets


def test_secrets_are_made_once_and_for_the_owner_alone(home: Home) -> None:
    first = keep_secrets(home, ["a", "b"])
    assert len({first["a"], first["b"]}) == 2
    assert keep_secrets(home, ["a", "b", "c"])["a"] == first["a"]
    assert load_secrets(home)["b"] == first["b"]
    assert mode(home.secrets) == 0o600


def test_secrets_do_not_show_themselves(home: Home) -> None:
    secrets = keep_secrets(home, ["a"])
    assert secrets["a"] not in repr(secrets)


@given(st.lists(st.text(min_size=8), min_size=1), st.text(), st.text())
def test_a_masked_text_holds_no_secret(values: list[str], before: str, after: str) -> None:
    secrets = Secrets({str(n): value for n, value in enumerate(values)})
    masked = secrets.mask(before + values[0] + after)
    assert all(value not in masked for value in values if "*" not in value)


# The lock


def test_a_second_run_is_refused_and_told_who_runs_since_when(home: Home) -> None:
    with holding(home):
        refused = pytest.raises(AlreadyUp, match=rf"process {os.getpid()} .* since 2")
        with refused, holding(home):
            raise AssertionError("two hold it")
        told = holder(home)
        assert told is not None
        assert told["pid"] == os.getpid()
    assert holder(home) is None


def test_the_lock_goes_with_a_killed_holder(home: Home) -> None:
    code = (
        "import time, pathlib\n"
        "from matapalo.local.home import Home\n"
        "from matapalo.local.lock import holding\n"
        f"with holding(Home(pathlib.Path({str(home.folder)!r}))):\n"
        "    print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        assert holder(home)
        process.kill()
    with holding(home):
        assert holder(home)


# The folder


def test_the_folder_is_for_its_owner_alone(home: Home) -> None:
    assert mode(home.folder) == 0o700
    assert mode(home.logs) == 0o700


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / ".matapalo").write_text("in the way")
    with pytest.raises(FolderUnusable) as caught:
        open_home(tmp_path / "matapalo.yaml")
    assert str(tmp_path) in caught.value.where


def test_a_long_path_gets_a_short_socket_that_everybody_finds(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    home = home_in(deep)
    assert len(os.fsencode(home.socket)) <= SOCKET_PATH_LIMIT
    assert Home(home.folder).socket == home.socket
    assert mode(home.socket.parent) == 0o700
    home.socket.parent.rmdir()


# The pauses between starts


@given(st.integers(min_value=0, max_value=10_000))
def test_pauses_grow_from_nothing_to_a_bound(failures: int) -> None:
    assert pause(0) == 0
    assert pause(failures) <= pause(failures + 1) <= LONGEST
