"""How long a render takes: 10, 100 and 1,000 services, in memory and into a directory.

    python bench/render.py [--cdk PYTHON]

A service has a store, routes and somebody that it calls; products have ten services. Beside the
time stands what it is of the goal (2 s for 1,000), and how far it is from linear: 1.0 is linear.

AWS CDK is measured beside it where an interpreter is named that has it, in an environment of its
own with Node.js at hand; its app (bench/_cdk.py) has less to make than the render:

    python -m venv DIR && DIR/bin/pip install aws-cdk-lib
    MATAPALO_CDK=DIR/bin/python make bench
"""

import argparse
import json
import os
import platform
import subprocess
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
ROOT = Path(__file__).parent.parent
RESULT = ROOT / "bench" / "results" / "render.json"


def main() -> int:
    """Measure, print and keep; return 1 where the goal is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--cdk", default=os.environ.get("MATAPALO_CDK"), help="an interpreter with aws-cdk-lib"
    )
    cdk = parser.parse_args().cdk
    print(
        f"{'services':>9} {'files':>7} {'render':>9} {'ms each':>8} {'linear':>7} {'write':>9}"
        f" {'CDK':>9} {'CDK : render':>13}"
    )
    found: list[dict[str, float]] = []
    for count in COUNTS:
        found.append(_line(count, cdk, found[0]["render"] / COUNTS[0] if found else None))
    took = found[-1]["render"]
    print(f"goal: {GOAL} s for {COUNTS[-1]} services; {took / GOAL:.2f} of it")
    _keep(found)
    return 0 if took < GOAL else 1


def _line(count: int, cdk: str | None, first: float | None) -> dict[str, float]:
    """Measure and print one number of services; `first` is what one took in the first line."""
    took, files, wrote = _measured(_blueprint(count))
    linear = took / count / (first or took / count)
    line = f"{count:>9} {files:>7} {took:>8.3f}s {took / count * 1000:>8.2f} {linear:>7.2f}"
    found = {"services": count, "files": files, "render": took, "linear": linear, "write": wrote}
    if cdk:
        found["cdk"] = _synthesized(cdk, count)
    peer = f" {found['cdk']:>8.3f}s {found['cdk'] / took:>12.1f}x" if cdk else "   not asked for"
    print(f"{line} {wrote:>8.3f}s{peer}")
    return found


def _synthesized(python: str, count: int) -> float:
    """Return the seconds that CDK takes, imports not counted."""
    quiet = {
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
    }
    done = subprocess.run(
        [python, str(ROOT / "bench" / "_cdk.py"), str(count), str(PER_PRODUCT)],
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _keep(found: list[dict[str, float]]) -> None:
    RESULT.parent.mkdir(exist_ok=True)
    about = {"machine": platform.platform(), "cores": os.cpu_count(), "load": os.getloadavg()[1]}
    RESULT.write_text(json.dumps({**about, "goal": GOAL, "measured": found}, indent=2) + "\n")


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
