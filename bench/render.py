"""How long a render takes: 10, 100 and 1,000 services, in memory and into a directory.

    python bench/render.py

A service has a store, routes and somebody that it calls; products have ten services. Beside the
time stands what it is of the goal (2 s for 1,000), and how far it is from linear: 1.0 is linear.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from matapalo.blueprint import Blueprint, load
from matapalo.cloud import render, system_of
from matapalo.cloud.writing import write

COUNTS = (10, 100, 1000)
PER_PRODUCT = 10
GOAL = 2.0
TRIES = 3


def main() -> int:
    """Measure, print a table, and return 1 where the goal is missed."""
    print(f"{'services':>9} {'files':>7} {'render':>9} {'ms each':>8} {'linear':>7} {'write':>9}")
    first, took = 0.0, 0.0
    for count in COUNTS:
        took, files, wrote = _measured(_blueprint(count))
        each = took / count
        first = first or each
        line = f"{count:>9} {files:>7} {took:>8.3f}s {each * 1000:>8.2f} {each / first:>7.2f}"
        print(f"{line} {wrote:>8.3f}s")
    print(f"goal: {GOAL} s for {COUNTS[-1]} services; {took / GOAL:.2f} of it")
    return 0 if took < GOAL else 1


def _measured(blueprint: Blueprint) -> tuple[float, int, float]:
    system = system_of({"prod": blueprint})
    tree = render(system)
    took = _least(lambda: render(system))
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        write(Path(folder) / "aws", tree)
        wrote = time.perf_counter() - began
    return took, len(tree), wrote


def _least(work: Callable[[], object]) -> float:
    found = []
    for _ in range(TRIES):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def _blueprint(count: int) -> Blueprint:
    """Return a system of so many services, read as any other is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matapalo.yaml"
        path.write_text(_text(count))
        return load(path, "prod", environ={})


def _text(count: int) -> str:
    lines = [
        "name: large",
        "monolith: {url: 'https://monolith.example'}",
        "delivery: {repository: {name: a/b}}",
        "environments: {prod: {region: us-east-1, protected: true}}",
        "products:",
    ]
    for product in range(count // PER_PRODUCT):
        lines += [f"  p{product}:", "    services:"]
        for n in range(PER_PRODUCT):
            uses = f"[s{n}-data, monolith]"
            lines += [
                f"      s{n}:",
                f"        code: services/p{product}/s{n}",
                f"        uses: {uses}",
                f"        routes: [GET /p{product}/s{n}]",
            ]
        lines.append("    stores:")
        lines += [f"      s{n}-data: {{kind: dynamodb, key: id}}" for n in range(PER_PRODUCT)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
