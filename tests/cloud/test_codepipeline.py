"""Pipelines of CodePipeline: laid out, made at an emulator, and the same as those of GitHub."""

import json
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matapalo.cloud import System, render
from matapalo.cloud.writing import write
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.drift import drift
from tests.cloud.given import client, over_http
from tests.cloud.terraform import Emulators, Root, Terraform, prepared

DOOR = {"site_bucket": "wallet-prod-site", "front_id": "E2EXAMPLE"}
WANTED = """pipelines: codepipeline
  connection: arn:aws:codeconnections:us-east-1:111111111111:connection/0abc"""
TRUST = '{"Version": "2012-10-17", "Statement": []}'

pytestmark = pytest.mark.timeout(600)


class Split(Emulators):
    """All at moto, whose CodePipeline looks for roles there; but buckets."""

    def endpoints(self, only: str | None = None) -> dict[str, str]:
        return super().endpoints("moto") | {"s3": self.ministack}


def by_codepipeline(folder: Path) -> System:
    """Return the wallet, delivered by CodePipeline, its files in a folder of its own."""
    text = WALLET.read_text()
    assert "pipelines: github-actions" in text
    left = shutil.ignore_patterns(".matapalo", "__pycache__")
    shutil.copytree(WALLET.parent, folder, ignore=left, dirs_exist_ok=True)
    path = folder / WALLET.name
    path.write_text(text.replace("pipelines: github-actions", WANTED))
    return system_from(path)


def project_of(text: str, name: str) -> dict[str, str]:
    """Return what a root says of a project: words as they are, references as written."""
    found = re.search(rf'^    "?{name}"? = {{\n(.*?)^    }}\n', text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no project {name}"
    pairs = re.findall(r"^ +(\w+) += (.*[^{])$", found[1], re.MULTILINE)
    return {key: str(json.loads(it)) if it.startswith('"') else it for key, it in pairs}


@pytest.fixture
def ours(tmp_path: Path) -> System:
    """The wallet, delivered by CodePipeline; a person lets it into prod."""
    return by_codepipeline(tmp_path / "wallet")


@pytest.fixture
def aws(ours: System, tmp_path: Path) -> Path:
    """It, rendered."""
    out = tmp_path / "aws"
    write(out, render(ours))
    return out


@pytest.fixture
def root(aws: Path, terraform: Terraform, emulators: Emulators) -> Root:
    """The root of prod, its roles there, as `access` and `delivery` leave them."""
    iam = client("iam", emulators.moto)
    text = (aws / "roots/prod/pipelines/main.tf").read_text()
    names = {line.split('"')[1] for line in text.splitlines() if line.strip().startswith("role ")}
    for name in names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    over_http(aws)
    split = Split(emulators.ministack, emulators.moto)
    return prepared(terraform, aws, "prod/pipelines", split, remote={"prod/door": DOOR})


def test_what_is_rendered_is_laid_out_as_terraform_does_it(aws: Path, terraform: Terraform) -> None:
    for folder in ("roots/prod/pipelines", "roots/dev/pipelines", "modules/pipeline"):
        assert terraform(aws / folder, "fmt", "-check", "-diff") == ""


@pytest.mark.soak
def test_pipelines_are_made_and_stay_as_they_are(root: Root) -> None:
    planned = [it["change"]["after"] for it in root.plan()["resource_changes"]]
    names = {each["name"] for each in planned if each and "pipeline_type" in each}
    assert {"wallet-prod-infra-roots", "wallet-prod-infra-drift"} < names
    assert "wallet-prod-deliver-site" in names
    root.apply()
    assert drift(root.plan()) == []


def test_only_where_it_is_asked_for_a_person_is_asked(ours: System) -> None:
    tree = render(ours)
    assert "approve" in tree["roots/prod/pipelines/main.tf"]
    assert "approve" not in tree["roots/dev/pipelines/main.tf"]


def test_a_render_has_the_pipelines_of_one_host_only(ours: System, wallet: System) -> None:
    assert not [path for path in render(ours) if path.startswith(".github/")]
    assert not [path for path in render(wallet) if "buildspec" in path or "/pipelines/" in path]


def test_a_delivery_is_the_same_steps_wherever_it_runs(ours: System, wallet: System) -> None:
    on_aws, on_github = render(ours), render(wallet)
    compared = 0
    for path, text in on_github.items():
        name = re.fullmatch(r"\.github/workflows/(?:service-|function-)?([^/]+)\.yml", path)
        if name is None or name[1].startswith("matapalo"):
            continue
        flow = YAML(typ="safe").load(text)
        for environment, job in flow["jobs"].items():
            root = on_aws[f"roots/{environment}/pipelines/main.tf"]
            told, given = project_of(root, name[1]), job["with"]
            assert given["test"] == told["TEST"]
            assert given["build"] == told["BUILD"]
            commit = told["COMMAND"].replace("CODEBUILD_RESOLVED_SOURCE_VERSION", "GITHUB_SHA")
            assert given["command"] == commit
            assert given["role"] == told["role"]
            assert json.dumps(flow["on"]["push"]["paths"]) in root
            compared += 1
    assert compared == len(wallet.scenes) * 4

    flow = YAML(typ="safe").load(on_github[".github/workflows/matapalo-deliver.yml"])
    said = [step["run"] for step in flow["jobs"]["deliver"]["steps"] if "run" in step]
    spec = YAML(typ="safe").load(on_aws["pipelines/buildspecs/deliver.yml"])
    assert said == spec["phases"]["build"]["commands"]


def test_a_render_of_one_environment_has_its_pipelines_as_a_whole_one_has(ours: System) -> None:
    path = "roots/prod/pipelines/main.tf"
    assert render(ours, ["prod"])[path] == render(ours)[path]


def test_no_pipeline_applies_what_it_has_its_rights_from(ours: System, wallet: System) -> None:
    """It would be refused: those rights it may not change."""
    roots = render(ours)["roots/prod/pipelines/main.tf"]
    flows = render(wallet)[".github/workflows/matapalo-infrastructure.yml"]
    assert '"roots/prod/door"' in roots
    assert "root: roots/prod/door\n" in flows
    for by_hand in ("access", "delivery", "pipelines"):
        assert f'"roots/prod/{by_hand}"' not in roots
        assert f"root: roots/prod/{by_hand}\n" not in flows
    assert '"codepipeline:*"' not in render(ours)["roots/prod/access/main.tf"]
