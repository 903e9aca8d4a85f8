"""A process that serves a stream: it works when it is wanted, and only then."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from matapalo.blueprint import Blueprint, Table
from matapalo.errors import StreamBusy, StreamError
from matapalo.stream import control
from matapalo.stream.alone import alone, take
from matapalo.stream.control import Entry
from matapalo.stream.database import connect
from matapalo.stream.databases import Databases, job_of, read
from matapalo.stream.names import Stream
from matapalo.stream.process import identity
from tests.stream.servers import database, fetch, run
from tests.support import eventually

BLUEPRINT: dict[str, Any] = {
    "name": "town",
    "monolith": {
        "url": "http://127.0.0.1:1",
        "database": {"name": "town", "url": "postgresql://127.0.0.1:3/town"},
    },
    "products": {
        "money": {
            "services": {"bank": {"url": "http://127.0.0.1:2", "uses": ["vault"]}},
            "stores": {"vault": {"kind": "aurora"}},
        }
    },
}


class Served:
    """A slice, its two databases, and the process that serves its stream."""

    def __init__(self, postgres: str, folder: Path) -> None:
        self.monolith, self.new = database(postgres), database(postgres)
        self.name = "s" + self.new.rpartition("_")[2]
        run(self.monolith, "CREATE TABLE t (id int PRIMARY KEY, v text)")
        run(self.monolith, "INSERT INTO t SELECT g, 'v' FROM generate_series(1, 100) g")
        slices = {self.name: {"to": "money/bank", "tables": ["t"]}}
        self.blueprint = Blueprint.model_validate({**BLUEPRINT, "slices": slices})
        self._file = folder / "matapalo.yaml"
        self._file.write_text(self.blueprint.model_dump_json(exclude_unset=True))
        self._databases = folder / "databases.json"
        self._databases.write_text(
            Databases(monolith=self.monolith, stores={"money/vault": self.new}).model_dump_json()
        )
        self.log = folder / "log"

    @property
    def stream(self) -> Stream:
        return Stream(self.name)

    @contextmanager
    def process(self, status: int = 0) -> Iterator["subprocess.Popen[bytes]"]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "matapalo", "stream", "run", self.name,
                    "--blueprint", self._file, "--databases", self._databases,
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )  # fmt: skip
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == status, self.log.read_text()
        finally:
            process.kill()
            process.wait()

    def want(self) -> None:
        with connect(self.monolith) as source, connect(self.new) as target:
            control.install(target)
            tables = (Table(name="t"),)
            control.want(target, self.stream, source=identity(source), tables=tables)

    def unwant(self) -> None:
        run(self.new, f"UPDATE matapalo.stream SET wanted = false WHERE name = '{self.name}'")

    def entry(self) -> Entry:
        with connect(self.new) as target:
            return control.entry(target, self.stream)

    def count(self) -> int:
        ((count,),) = fetch(self.new, "SELECT count(*) FROM t")
        assert isinstance(count, int)
        return count

    def said(self, word: str) -> Callable[[], bool]:
        return lambda: f'"event": "{word}"' in self.log.read_text()


@pytest.fixture
def served(postgres: str, tmp_path: Path) -> Iterator[Served]:
    served = Served(postgres, tmp_path)
    yield served
    name = served.stream.on_server
    run(
        served.monolith,
        f"SELECT pg_drop_replication_slot('{name}') FROM pg_replication_slots"
        f" WHERE slot_name = '{name}'",
    )
    run(
        served.new,
        f"SELECT pg_replication_origin_drop('{name}') FROM pg_replication_origin"
        f" WHERE roname = '{name}'",
    )


async def test_it_loads_and_follows_when_it_is_wanted_and_rests_when_not(served: Served) -> None:
    with served.process():
        await eventually(served.said("serving"))
        assert fetch(served.new, "SELECT to_regclass('matapalo.stream')") == [(None,)]
        served.want()
        await eventually(lambda: served.entry().phase == "following", within=60)
        assert served.count() == 100
        run(served.monolith, "INSERT INTO t VALUES (101, 'x')")
        await eventually(lambda: served.count() == 101)
        served.unwant()
        await eventually(lambda: served.entry().phase == "stopped")
        assert not served.entry().running
        run(served.monolith, "INSERT INTO t VALUES (102, 'x')")
        served.want()
        await eventually(lambda: served.count() == 102)


async def test_whoever_ends_a_stream_waits_for_its_work_to_end(served: Served) -> None:
    with served.process(), connect(served.new) as other:
        served.want()
        await eventually(lambda: served.entry().phase == "following", within=60)
        with pytest.raises(StreamBusy), alone(other, served.stream, within=0.5):
            pass
        served.unwant()
        with alone(other, served.stream, within=30):
            assert not served.entry().running
            served.want()
            with connect(served.new) as third:
                assert not take(third, served.stream)
            assert not served.entry().running
        await eventually(lambda: served.entry().phase == "following", within=60)


async def test_what_a_person_has_to_mend_is_told_and_it_goes_on_by_itself(served: Served) -> None:
    run(served.new, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'mine')")
    with served.process():
        served.want()
        await eventually(lambda: served.entry().phase == "waiting", within=60)
        assert "rows already" in served.entry().trouble
        run(served.new, "DELETE FROM t")
        await eventually(lambda: served.entry().phase == "following", within=60)
        assert served.entry().trouble == ""
        assert served.count() == 100


async def test_without_a_slice_of_that_name_it_does_not_start(served: Served) -> None:
    served.name = "nobody"
    with served.process(status=1) as process:
        process.wait(60)
    assert "no slice `nobody`" in served.log.read_text()


def test_databases_are_not_told_when_their_file_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "databases.json"
    with pytest.raises(StreamError, match="cannot be read"):
        read(file)
    file.write_text('{"monolith": "postgresql://x:secret@h/d", "shops": 1}')
    with pytest.raises(StreamError) as wrong:
        read(file)
    assert "secret" not in str(wrong.value)
    assert "secret" not in repr(Databases(monolith="postgresql://x:secret@h/d"))


def test_a_database_that_is_missing_is_named(served: Served) -> None:
    with pytest.raises(StreamError, match="money/vault"):
        job_of(served.blueprint, Databases(monolith=served.monolith), served.name)
    with pytest.raises(StreamError, match="the monolith"):
        job_of(served.blueprint, Databases(), served.name)
