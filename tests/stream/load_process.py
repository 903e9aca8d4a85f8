"""A load as a process of its own, which a test may kill: `python -m tests.stream.load_process`."""

import json
import sys

from matapalo.blueprint import Table
from matapalo.stream.load import Order, Sizes, load
from matapalo.stream.names import Stream


def main(text: str) -> None:
    """Load what the JSON text says."""
    told = json.loads(text)
    order = Order(
        stream=Stream(told["stream"]),
        source=told["source"],
        target=told["target"],
        tables=[Table.model_validate(table) for table in told["tables"]],
        jobs=told["jobs"],
        sizes=Sizes(piece=told["piece"]),
    )
    for event in load(order):
        sys.stdout.write(f"{type(event).__name__}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
