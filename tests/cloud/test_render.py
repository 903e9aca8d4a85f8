"""What is rendered is the same every time, well laid out, and understood by the real Terraform."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import ruamel.yaml

from matapalo.blueprint import load
from matapalo.cloud import System, render, system_of
from matapalo.cloud.readme import steps_of
from matapalo.cloud.tree import Tree
from matapalo.cloud.writing import write
from matapalo.errors import CloudError
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.given import everything
from tests.cloud.terraform import Terraform

SMALLEST = """\
name: small
monolith:
  url: http://127.0.0.1:8080
environments:
  prod:
    region: us-east-1
    overlay:
      monolith: {url: "https://monolith.example"}
"""


@pytest.fixture
def smallest(tmp_path: Path) -> System:
    """The least that a blueprint can be and still be rendered."""
    (tmp_path / "matapalo.yaml").write_text(SMALLEST)
    return system_from(tmp_path / "matapalo.yaml")


@pytest.fixture(params=["wallet", "smallest", "everything"])
def system(request: pytest.FixtureRequest, wallet: System) -> System:
    """One of three systems."""
    if request.param == "smallest":
        return request.getfixturevalue("smallest")  # type: ignore[no-any-return]
    return wallet if request.param == "wallet" else everything()


def test_the_same_blueprint_gives_the_same_bytes(system: System) -> None:
    assert dict(render(system)) == dict(render(system))


def test_the_same_file_gives_the_same_bytes_in_another_process() -> None:
    here = dict(render(system_from(WALLET)))
    code = (
        "from pathlib import Path; from tests.cloud.conftest import *; "
        "import hashlib; t = render(system_from(WALLET)); "
        "print(hashlib.sha256(repr(sorted(t.items())).encode()).hexdigest())"
    )
    wanted = hashlib.sha256(repr(sorted(here.items())).encode()).hexdigest()
    for seed in ("1", "2"):
        said = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        assert said.stdout.strip() == wanted


def test_terraform_has_nothing_to_lay_out_anew(
    system: System, terraform: Terraform, tmp_path: Path
) -> None:
    write(tmp_path / "aws", render(system))
    assert terraform(tmp_path / "aws", "fmt", "-check", "-recursive", "-diff") == ""


@pytest.mark.soak
def test_every_root_is_valid(system: System, terraform: Terraform, tmp_path: Path) -> None:
    out, tree = tmp_path / "aws", render(system)
    write(out, tree)
    for root in steps_of(system, tree):
        terraform(out / root, "init", "-backend=false", "-input=false")
        terraform(out / root, "validate", "-no-color")


def test_every_root_stands_in_the_order_of_what_to_do(system: System) -> None:
    tree = render(system)
    steps = steps_of(system, tree)
    assert {f"{step}/backend.tf" for step in steps} == {
        path for path in tree if path.endswith("/backend.tf")
    }
    for index, step in enumerate(steps):
        remote = tree.get(f"{step}/remote.tf", "")
        later = [f'"{one.removeprefix("roots/")}.tfstate"' for one in steps[index:]]
        assert not [key for key in later if key in remote], f"{step} reads what comes after it"


def test_no_two_roots_keep_their_state_in_one_place(system: System) -> None:
    tree = render(system)
    keys = [
        line.strip()
        for path, text in tree.items()
        if path.endswith("/backend.tf")
        for line in text.splitlines()
        if line.strip().startswith("key ")
    ]
    assert len(keys) == len(set(keys))


def test_every_module_is_explained_and_its_variables_and_outputs_are(system: System) -> None:
    tree = render(system)
    modules = {path.split("/")[1] for path in tree if path.startswith("modules/")}
    for module in modules:
        assert f"modules/{module}/README.md" in tree
        for path, text in tree.items():
            if path.startswith(f"modules/{module}/") and path.endswith(".tf"):
                _described(path, text)


def _described(path: str, text: str) -> None:
    for kind in ("variable", "output"):
        for block in text.split(f'\n{kind} "')[1:]:
            body = block.split("\n}")[0]
            assert "description" in body, f"{path}: {kind} {block.split(chr(34))[0]}"
            if kind == "variable":
                assert "type " in body, f"{path}: {block.split(chr(34))[0]} has no type"


def test_workflows_are_yaml_and_each_calls_what_is_there(wallet: System) -> None:
    tree = render(wallet)
    flows = {path: text for path, text in tree.items() if path.startswith(".github/")}
    assert flows
    for path, text in flows.items():
        jobs = ruamel.yaml.YAML(typ="safe").load(text)["jobs"]
        for name, job in jobs.items():
            assert "permissions" in job, f"{path}: {name}"
            if "uses" in job:
                assert job["uses"].removeprefix("./") in tree


def test_without_an_environment_there_is_nothing_to_render(tmp_path: Path) -> None:
    (tmp_path / "matapalo.yaml").write_text("name: a\nmonolith: {url: 'http://127.0.0.1:1'}\n")
    with pytest.raises(CloudError, match="no environment"):
        system_of({"local": load(tmp_path / "matapalo.yaml")})


def test_a_render_of_one_environment_says_nothing_of_others(wallet: System) -> None:
    tree: Tree = render(wallet, ["dev"])
    assert all("/prod/" not in path for path in tree)
    assert not [path for path in tree if path.startswith(("roots/bootstrap", ".github"))]
    whole = render(wallet)
    assert all(whole[path] == text for path, text in tree.items())
