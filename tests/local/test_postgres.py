import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest

from matapalo.local import postgres
from matapalo.local.home import Home
from matapalo.local.identity import MARK
from matapalo.local.ports import free_port
from matapalo.local.spec import Command, DatabaseHealth, NewDatabase, NewServer, ProcessSpec
from tests.local.processes import Stage, home_in
from tests.support import eventually


def database_server(home: Home) -> ProcessSpec:
    """Return the process as the topology would."""
    port, data = free_port(), home.database_server("db")
    admin = postgres.dsn(port, postgres.ADMIN, "root-password", "postgres")
    env = ((MARK, str(home.folder)), ("PATH", os.environ["PATH"]))
    return ProcessSpec(
        name="db",
        command=Command(postgres.server_command(data, port), home.folder, env),
        port=port,
        health=DatabaseHealth(admin),
        before=(NewServer(data, "root-password", env),),
        then=(NewDatabase(admin, "shop", "owner", "owner-password"),),
        stop=signal.SIGINT,
        grace=30,
    )


def owner(spec: ProcessSpec) -> str:
    return postgres.dsn(spec.port, "owner", "owner-password", "shop")


def fetch(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    home = home_in(tmp_path)
    async with Stage(home, (database_server(home),)) as stage:
        await stage.supervisor.start()
        yield stage


async def test_a_server_has_the_database_and_an_owner_without_further_rights(stage: Stage) -> None:
    dsn = owner(stage.keeper("db").spec)
    fetch(dsn, "CREATE SCHEMA own; CREATE TABLE own.t (n int)")
    assert fetch(dsn, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        fetch(dsn, "CREATE ROLE other")


async def test_the_settings_are_safe_and_fit_for_streams(stage: Stage) -> None:
    (new,) = stage.keeper("db").spec.then
    assert isinstance(new, NewDatabase)
    for setting, wanted in {
        "wal_level": "logical",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "server_encoding": "UTF8",
    }.items():
        assert fetch(new.admin, f"SHOW {setting}") == wanted


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_nobody_comes_in_without_the_password(stage: Stage, password: str) -> None:
    spec = stage.keeper("db").spec
    for role in (postgres.ADMIN, "owner"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(postgres.dsn(spec.port, role, password, "postgres"))


async def test_no_password_stands_in_an_argument(stage: Stage) -> None:
    words = " ".join(psutil.Process(stage.keeper("db").pid).cmdline())
    assert "-password" not in words


async def test_it_does_not_run_as_root(stage: Stage) -> None:
    assert psutil.Process(stage.keeper("db").pid).uids().effective != 0


async def test_committed_rows_outlive_a_killed_server(stage: Stage) -> None:
    keeper = stage.keeper("db")
    dsn, before = owner(keeper.spec), keeper.pid
    fetch(dsn, "CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
    os.kill(before or 0, signal.SIGKILL)
    await eventually(lambda: keeper.running and keeper.pid != before)
    assert fetch(dsn, "SELECT sum(n) FROM t") == 500500


async def test_rows_outlive_a_stop_and_a_start_and_passwords_may_change(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    spec = database_server(home)
    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        fetch(owner(spec), "CREATE TABLE t AS SELECT 7 AS n")
    (new,) = (action for action in spec.then if isinstance(action, NewDatabase))
    changed = replace(spec, then=(replace(new, password="another-password"),))
    async with Stage(home, (changed,)) as stage:
        await stage.supervisor.start()
        dsn = postgres.dsn(spec.port, "owner", "another-password", "shop")
        assert fetch(dsn, "SELECT n FROM t") == 7


async def test_a_lock_with_the_id_of_another_process_does_not_stop_a_start(
    tmp_path: Path,
) -> None:
    home = home_in(tmp_path)
    spec = database_server(home)
    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        lock = (home.database_server("db") / "postmaster.pid").read_text()
    lines = lock.splitlines()
    lines[0] = str(os.getppid())  # alive, and no PostgreSQL
    path = home.database_server("db") / "postmaster.pid"
    path.write_text("\n".join(lines) + "\n")
    async with Stage(home, (spec,)) as stage:
        await stage.supervisor.start()
        assert stage.keeper("db").running


async def test_a_folder_left_half_made_is_made_anew(tmp_path: Path) -> None:
    home = home_in(tmp_path)
    half = home.database_server("db.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    async with Stage(home, (database_server(home),)) as stage:
        await stage.supervisor.start()
        assert not half.exists()


async def test_it_runs_below_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    """As root too, though PostgreSQL itself is another user then."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = home_in(closed)
    async with Stage(home, (database_server(home),)) as stage:
        await stage.supervisor.start()
        assert fetch(owner(stage.keeper("db").spec), "SELECT 1") == 1
