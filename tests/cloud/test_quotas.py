"""What AWS would refuse for its number is told before anything is rendered, where it is written."""

import re
from pathlib import Path

import pytest

from matapalo.blueprint import Blueprint, examine
from matapalo.cloud import quotas, render
from matapalo.cloud.scene import Scene
from tests.cloud import given
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.test_command import matapalo

HEAD = """\
name: shop
monolith: {url: "https://shop.example.com", routes: [/api]}
environments: {prod: {region: us-east-1}}
"""


def _services(count: int, head: str = "") -> str:
    rows = "".join(
        f"      s{n}: {{url: 'https://s.example.com', routes: [/x{n}]}}\n" for n in range(count)
    )
    return f"{HEAD}{head}products:\n  p:\n    services:\n{rows}"


def _pods(count: int) -> str:
    return _services(count).replace("url: 'https://s.example.com'", "image: s:1")


def _functions(count: int, words: str) -> str:
    rows = "".join(f"      f{n}: {{code: f, handler: f.f, {words}}}\n" for n in range(count))
    return f"{HEAD}products:\n  p:\n    stores: {{db: {{kind: aurora}}}}\n    functions:\n{rows}"


def _rules(count: int) -> str:
    rows = "".join(f"    r{n}: {{types: [T], to: [q]}}\n" for n in range(count))
    return f"{HEAD}events:\n  queues: {{q: {{}}}}\n  rules:\n{rows}"


def _told_by_a_rule(count: int) -> str:
    queues = [f"q{n}" for n in range(count)]
    named = ", ".join(f"{name}: {{}}" for name in queues)
    told = ", ".join(queues)
    return f"{HEAD}events:\n  queues: {{{named}}}\n  rules: {{r: {{types: [T], to: [{told}]}}}}\n"


SITE = "site: {folder: site, path: /}\n"

# A blueprint that AWS takes, one that it does not, and whether it does if it is asked.
FITS_AND_NOT = {
    # `$default` has one, a path two.
    "routes in an API": (_services(149), _services(150), True),
    "integrations in an API": (_services(299), _services(300), False),
    # The edge has one, too.
    "target groups of a load balancer": (_pods(99), _pods(100), False),
    # The monolith's /api is a path, too.
    "behaviors of CloudFront": (_services(36, head=SITE), _services(37, head=SITE), False),
    "rules of a security group one way": (
        _functions(60, "uses: [db], concurrency: 1"),
        _functions(61, "uses: [db], concurrency: 1"),
        True,
    ),
    "calls at once that functions may reserve": (
        _functions(9, "concurrency: 100"), _functions(9, "concurrency: 101"), True,
    ),
    "rules on a bus": (_rules(300), _rules(301), True),
    "targets of a rule": (_told_by_a_rule(5), _told_by_a_rule(6), False),
}  # fmt: skip


@pytest.mark.parametrize("what", FITS_AND_NOT)
def test_what_fits_is_right_and_one_more_is_told(what: str, tmp_path: Path) -> None:
    fits, too_much, warns = FITS_AND_NOT[what]
    assert what not in "".join(_told(fits, tmp_path))
    (found,) = (it for it in _told(too_much, tmp_path) if what in it)
    assert found.startswith("warning" if warns else "error")


def test_what_is_counted_is_what_is_rendered() -> None:
    for system in (system_from(WALLET), given.everything()):
        scene = system.scenes[-1]
        tree = render(system)
        door = f"roots/{scene.environment}/door"
        _, _, routes = tree[f"{door}/stages.tf"].partition("\n  routes = {\n")
        assert _count(scene, quotas.ROUTES) == len(re.findall(r'^    "', routes, re.MULTILINE))
        groups = re.findall(r"^ +group +=", tree[f"{door}/api.tf"], re.MULTILINE)
        assert _count(scene, quotas.TARGET_GROUPS) == len(groups)


def test_a_render_refuses_what_aws_never_takes_and_says_where(tmp_path: Path) -> None:
    file = tmp_path / "matapalo.yaml"
    file.write_text(_pods(100))
    done = matapalo(tmp_path, "render")
    assert done.returncode == 1
    assert "matapalo.yaml:4:1: products: 101 target groups of a load balancer" in done.stderr
    assert not (tmp_path / "aws").exists()


def _told(text: str, folder: Path) -> list[str]:
    file = folder / "matapalo.yaml"
    file.write_text(text)
    found = examine(file, "prod", {}, look=False, more=(quotas.check,))
    assert isinstance(found.blueprint, Blueprint)
    return [f"{'warning' if it.warning else 'error'}: {it}" for it in found.problems]


def _count(scene: Scene, quota: quotas.Quota) -> int:
    return next(it.count for it in quotas.counted(scene) if it.quota is quota)
