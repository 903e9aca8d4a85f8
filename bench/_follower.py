"""A stream in a process of its own: _follower.py SOURCE TARGET NAME BATCH."""

import signal
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._stream import TABLES
from matapalo.blueprint import Table
from matapalo.stream.follow import Orders, State, follow
from tests.stream.following import Pair


def main() -> None:
    """Follow until SIGTERM; say what it does, and say in the end what it cost."""
    source, target, name, batch = sys.argv[1:]
    tables = tuple(Table.model_validate(table) for table in TABLES)
    pair = Pair(source, target, tables, name=name)
    orders = Orders()
    signal.signal(signal.SIGTERM, lambda *_: orders.stop())
    follow(replace(pair.task(), batch=int(batch)), orders, _tell)


def _tell(state: State) -> None:
    if state.trouble:
        print(state.phase, state.trouble, file=sys.stderr)


if __name__ == "__main__":
    main()
