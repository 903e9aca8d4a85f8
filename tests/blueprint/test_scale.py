"""A large blueprint takes as much longer to read as it is larger."""

import time
from pathlib import Path

from matapalo.blueprint import examine
from matapalo.blueprint.relations import relations


def large(services: int) -> str:
    lines = ["name: shop", 'monolith: {url: "http://127.0.0.1:8080"}', "products:"]
    for number in range(services // 10):
        lines += [f"  p{number}:", "    services:"]
        for each in range(10):
            uses = f"[monolith, s{(each + 1) % 10}]"
            lines.append(
                f"      s{each}: {{url: 'http://127.0.0.1:1', uses: {uses},"
                f" routes: [GET /p{number}/s{each}], env: {{A: x, B: y}}}}"
            )
    lines.append("slices:")
    lines += [f"  a{n}: {{to: p{n // 10}/s1, routes: [/a{n}]}}" for n in range(services)]
    return "\n".join(lines)


def seconds(folder: Path, services: int) -> float:
    """Return the least processor time of three readings."""
    path = folder / "matapalo.yaml"
    path.write_text(large(services), encoding="utf-8")
    took = []
    for _ in range(3):
        began = time.process_time()
        found = examine(path, environ={}, look=False)
        assert found.blueprint is not None
        assert relations(found.blueprint)
        took.append(time.process_time() - began)
        assert not found.errors, [str(problem) for problem in found.errors][:3]
    return min(took)


def test_ten_times_the_services_take_about_ten_times_as_long(tmp_path: Path) -> None:
    small, big = seconds(tmp_path, 50), seconds(tmp_path, 500)
    assert big < 30 * small
