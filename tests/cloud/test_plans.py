"""Every root of three blueprints is planned by the real provider, with nothing taken out of it.

The roots are those that are rendered: none can be forgotten. What a root reads of others is given;
emulators answer what is looked up, and nothing is made there but what a company has before.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matapalo.blueprint.checks.names import PIPELINES
from matapalo.cloud import Scene, System, render
from matapalo.cloud.packaging.zips import zipped
from matapalo.cloud.pipelines.commands import BY_HAND
from matapalo.cloud.readme import steps_of
from matapalo.cloud.roots.access import NAMED
from matapalo.cloud.writing import write
from tests.cloud import given, seed
from tests.cloud.conftest import WALLET, started, system_from
from tests.cloud.terraform import Emulators, Terraform, prepared
from tests.cloud.test_render import SMALLEST

GROUPS = (
    "Developers",
    *(f"{name}@corp.totumo.example" for name in ("Wallet Developers", "Platform")),
    *(f"{name}@corp.totumo.example" for name in ("Platform On Call", "Security")),
)
SECRETS = ("shop/login", "wallet/directory")
# What a person gives, where a root cannot know it.
GIVEN: Mapping[str, Mapping[str, object]] = {
    "directory": {"vpc_id": "vpc-0a", "subnet_ids": ["subnet-0a", "subnet-0b"]},
}
NOT_PLANNED: Mapping[str, str] = {}
"""Roots (`wallet/prod/door`) that no plan can be made of, each with the reason."""

IAM = {
    "aws_iam_role", "aws_iam_role_policy", "aws_iam_role_policy_attachment",
    "aws_iam_account_password_policy",
}  # fmt: skip
"""What of IAM a pipeline may make."""

_ZIP = re.compile(r"\$\{var\.packages\}/([\w/-]+\.zip)")
_READ = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")


def _smallest() -> System:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matapalo.yaml"
        path.write_text(SMALLEST)
        return system_from(path)


SYSTEMS = {"wallet": system_from(WALLET), "smallest": _smallest(), "everything": given.everything()}
ROOTS = [
    (name, root.removeprefix("roots/"))
    for name, system in SYSTEMS.items()
    for root in steps_of(system, render(system))
    if f"{name}/{root.removeprefix('roots/')}" not in NOT_PLANNED
]


@dataclass(frozen=True)
class Company:
    """What there is before the first plan, and each blueprint's render."""

    emulators: Emulators
    numbers: Mapping[str, str]
    renders: Mapping[str, Path]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Emulators with an organization, its groups and secrets; the three renders."""
    folder = tmp_path_factory.mktemp("plans")
    with started(folder) as emulators:
        made = seed.organization(emulators, GROUPS)
        root, other = made["111122223333"], made["444455556666"]
        numbers = {**made, "012345678901": root, "111111111111": other}
        for region in ("us-east-1", "sa-east-1"):
            secrets = given.client("secretsmanager", emulators.ministack, region)
            for name in SECRETS:
                secrets.create_secret(Name=name, SecretString="theirs")
        yield Company(emulators, numbers, {name: _rendered(folder, name) for name in SYSTEMS})


def _rendered(folder: Path, name: str) -> Path:
    tree = render(SYSTEMS[name])
    write(folder / name, tree)
    for zip_ in {found for text in tree.values() for found in _ZIP.findall(text)}:
        path = folder / name / "packages" / zip_
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zipped({"code.py": b""}))
    return folder / name


@pytest.mark.soak
@pytest.mark.parametrize(("name", "path"), ROOTS, ids=map("/".join, ROOTS))
def test_every_root_can_be_planned(
    terraform: Terraform, company: Company, name: str, path: str
) -> None:
    folder = company.renders[name] / "roots" / path
    if path == "organization":
        _numbered(folder, company.numbers)
    scene = _scene(SYSTEMS[name], path)
    told = given.remote(scene) if scene else {}
    root = prepared(
        terraform, company.renders[name], path, company.emulators, remote=told, whole=True
    )
    plan = root.plan(**GIVEN.get(path, {}))
    planned = [it for it in plan["resource_changes"] if it["mode"] == "managed"]
    done = [it["change"]["actions"] for it in planned]
    assert ["create"] in done
    assert not [actions for actions in done if "delete" in actions]
    if scene and path.split("/")[1] not in BY_HAND:
        _may_be_applied(scene, planned)


def _may_be_applied(scene: Scene, planned: Iterable[Mapping[str, Any]]) -> None:
    """The pipeline makes roles of its environment only, and nothing else of IAM."""
    of_iam = [it for it in planned if it["type"].startswith("aws_iam_")]
    assert {it["type"] for it in of_iam} <= IAM
    names = [it["change"]["after"]["name"] for it in of_iam if it["type"] == "aws_iam_role"]
    names = [name for name in names if name not in NAMED]
    guarded = tuple(f"{scene.names.prefix}-{it}-" for it in PIPELINES)
    assert all(name.startswith(f"{scene.names.prefix}-") for name in names), names
    assert not [name for name in names if name.startswith(guarded)]


def _numbered(folder: Path, numbers: Mapping[str, str]) -> None:
    """Name the accounts that are there: accounts are adopted by their numbers."""
    for file in folder.glob("*.tf"):
        text = file.read_text()
        file.write_text(re.sub(r"\b\d{12}\b", lambda it: numbers.get(it[0], it[0]), text))


def _scene(system: System, path: str) -> Scene | None:
    environment = path.partition("/")[0]
    return next((each for each in system.scenes if each.environment == environment), None)


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_a_root_reads_another_one_tells_and_is_given_here(name: str) -> None:
    tree = render(SYSTEMS[name])
    told = {
        re.sub(r"[-/]", "_", path.removeprefix("roots/").removesuffix("/outputs.tf")): set(
            re.findall(r'^output "(\w+)"', text, re.MULTILINE)
        )
        for path, text in tree.items()
        if path.startswith("roots/") and path.endswith("/outputs.tf")
    }
    stands_in = {
        re.sub(r"[-/]", "_", path): set(outputs)
        for scene in SYSTEMS[name].scenes
        for path, outputs in given.remote(scene).items()
    }
    asked = {found for text in tree.values() for found in _READ.findall(text)}
    assert asked
    for root, output in asked:
        assert output in told[root], f"{root} does not tell {output}"
        assert output in stands_in[root], f"tests/cloud/given.py does not tell {output} of {root}"
