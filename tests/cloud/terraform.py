"""Terraform for tests: the real binary and the real provider, against emulators.

    Workspace(copy of a render) ─ root("prod/network") ─▶ init, validate, plan, apply

A provider override sends each service to the emulator that knows it best. The provider comes from a
mirror: `MATAPALO_TERRAFORM_MIRROR`, or a folder where Terraform itself would look. `terraform
providers mirror DIRECTORY`, run in a rendered root, makes one.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import given

PROVIDER = "registry.terraform.io/hashicorp/aws"
MIRRORS = (
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
    "/opt/*",
)
WITHIN = 280.0

# Whose emulator knows a service best; moto has the rest.
MINISTACK = frozenset({
    "cloudfront", "cloudwatch", "dynamodb", "docdb", "ecr", "eks", "elasticache",
    "eventbridge", "iam", "kms", "lambda", "logs", "rds", "s3", "scheduler", "secretsmanager",
    "sns", "sqs",
})  # fmt: skip
MOTO = frozenset({
    "accessanalyzer", "acm", "apigatewayv2", "appautoscaling", "cloudtrail", "codebuild",
    "codepipeline", "codestarconnections", "directconnect", "dms", "ds", "ec2", "elbv2",
    "guardduty", "identitystore", "organizations", "ram", "route53", "route53resolver", "s3control",
    "ssm", "ssoadmin", "sts", "synthetics", "wafv2", "xray",
})  # fmt: skip


def needed() -> bool:
    """Whether a machine without Terraform fails (as where changes are accepted), or skips."""
    return os.environ.get("MATAPALO_TERRAFORM") == "needed"


def mirror() -> Path | None:
    """Return the folder of a mirror that has the provider; None where there is none."""
    given = os.environ.get("MATAPALO_TERRAFORM_MIRROR")
    folders: Iterable[Path] = [Path(given)] if given else _candidates()
    return next((folder for folder in folders if (folder / PROVIDER).is_dir()), None)


def _candidates() -> Iterable[Path]:
    for pattern in MIRRORS:
        path = Path(pattern).expanduser()
        yield from sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def ready(folder: Path) -> "Terraform":
    """Return Terraform with a configuration of its own in a folder; skip, or fail, without it."""
    binary, found = shutil.which("terraform"), mirror()
    if binary is None or found is None:
        lacks = "`terraform`" if binary is None else "a mirror of its AWS provider"
        say = f"there is no {lacks}: see the top of tests/cloud/terraform.py"
        if needed():
            pytest.fail(say)
        pytest.skip(say)
    rc = folder / "terraform.rc"
    rc.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path    = "{found}"\n'
        '    include = ["*/*/*"]\n  }\n}\n'
    )
    return Terraform(binary, rc)


@dataclass(eq=False)
class Failed(Exception):
    """Terraform ended with an error."""

    said: str

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True)
class Terraform:
    """The binary, and its configuration."""

    binary: str
    rc: Path

    def __call__(self, folder: Path, *words: str, within: float = WITHIN) -> str:
        done = subprocess.run(
            [self.binary, *words],
            cwd=folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
        if done.returncode:
            raise Failed(
                f"terraform {' '.join(words)}:\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
            )
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Return what it runs with: nothing that leads to an account, or to another certificate."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
        return kept | {
            "TF_CLI_CONFIG_FILE": str(self.rc),
            "TF_IN_AUTOMATION": "1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CHECKPOINT_DISABLE": "1",
        }


@dataclass(frozen=True)
class Emulators:
    """Where the emulators answer."""

    ministack: str
    moto: str

    def endpoints(self, only: str | None = None) -> dict[str, str]:
        """Return the endpoint of each service; all at one emulator where `only` names it."""
        homes = dict.fromkeys(MINISTACK, self.ministack) | dict.fromkeys(MOTO, self.moto)
        return dict.fromkeys(homes, getattr(self, only)) if only else homes


# What no emulator can apply stays at plan: the module, what is taken out of it, and why.
LEFT_AT_PLAN = {
    "documentdb": (
        'output "secret_arn" {\n  value = "arn:aws:secretsmanager:us-east-1:0:secret:none"\n}\n'
        'output "statements" {\n  value = []\n}\n'
        'resource "aws_docdb_cluster_instance" "this" {\n  count = 0\n}\n',
        "ministack makes no secret for a cluster of DocumentDB, and answers wrongly of instances",
    ),
    "network": (
        'resource "aws_vpn_gateway_route_propagation" "private" {\n  for_each = {}\n}\n',
        "moto forgets which routes a gateway tells, and the provider waits for them",
    ),
    "replication": (
        'resource "aws_dms_replication_config" "this" {\n  for_each = {}\n}\n',
        "no emulator knows a replication without a server of its own",
    ),
    "threats": (
        'resource "aws_guardduty_organization_configuration" "this" {\n  count = 0\n}\n'
        'resource "aws_guardduty_organization_configuration_feature" "this" {\n'
        "  for_each = {}\n}\n",
        "moto does not know the configuration of GuardDuty for an organization",
    ),
    "sign-on": (
        'resource "aws_ssoadmin_account_assignment" "this" {\n  for_each = {}\n}\n'
        'resource "aws_ssoadmin_managed_policy_attachment" "this" {\n  for_each = {}\n}\n',
        "moto never says that it is done with what Identity Center provisions",
    ),
    "baseline": (
        'resource "aws_ebs_snapshot_block_public_access" "this" {\n  count = 0\n}\n'
        'resource "aws_accessanalyzer_analyzer" "this" {\n  count = 0\n}\n'
        'resource "aws_s3_account_public_access_block" "this" {\n  count = 0\n}\n'
        'output "analyzer_arn" {\n  value = null\n}\n',
        "no emulator knows Access Analyzer, or the block of shared snapshots; the block of public "
        "buckets is asked for at a host of the account's own name, which leads nowhere here",
    ),
}


@dataclass(frozen=True)
class Root:
    """One rendered root, ready to be run."""

    terraform: Terraform
    folder: Path

    def init(self) -> None:
        """Set it up, its state on this machine."""
        self.terraform(self.folder, "init", "-input=false", "-no-color")

    def validate(self) -> None:
        """Raise Failed where it is not valid."""
        self.terraform(self.folder, "validate", "-no-color")

    def plan(self, **variables: object) -> dict[str, Any]:
        """Return the plan as data."""
        words = [f"-var={name}={_written(value)}" for name, value in variables.items()]
        self.terraform(self.folder, "plan", "-input=false", "-no-color", "-out=plan", *words)
        found: dict[str, Any] = json.loads(self.terraform(self.folder, "show", "-json", "plan"))
        return found

    def apply(self) -> None:
        """Do the plan."""
        self.terraform(self.folder, "apply", "-input=false", "-no-color", "plan")

    def outputs(self) -> dict[str, Any]:
        """Return what it tells."""
        told = json.loads(self.terraform(self.folder, "output", "-json"))
        return {name: it["value"] for name, it in told.items()}


def prepared(
    terraform: Terraform,
    render: Path,
    path: str,
    emulators: Emulators,
    *,
    only: str | None = None,
    remote: Mapping[str, Mapping[str, object]] | None = None,
    whole: bool = False,
    stays: bool = False,
) -> Root:
    """Make a root ready: its state here, its calls to emulators, its account whichever they are.

    `remote` are outputs of roots by path, for those that it reads and that are not applied. `whole`
    leaves in it what no emulator can apply, for a plan. `stays` has its state, and those that it
    reads, where they are rendered to be: in the emulator's S3, whose bucket is there.
    """
    folder = render / "roots" / path
    texts = "\n".join(file.read_text() for file in sorted(folder.glob("*.tf")))
    overrides = [_provider(alias, emulators.endpoints(only)) for alias in _aliases(texts)]
    (folder / "emulators_override.tf").write_text("\n".join(overrides))
    (folder / "backend_override.tf").write_text(
        _in_s3(folder / "backend.tf", 'backend "s3" {', emulators)
        if stays
        else 'terraform {\n  backend "local" {}\n}\n'
    )
    if stays and (folder / "remote.tf").exists():
        reads = _in_s3(folder / "remote.tf", "config = {", emulators)
        (folder / "remote_override.tf").write_text(reads)
    if remote:
        _remote(folder, remote)
    if 'module "boundary"' not in texts:
        _bound(texts, emulators.endpoints(only)["iam"])
    for module, (text, _why) in LEFT_AT_PLAN.items():
        if not whole and (render / "modules" / module).is_dir():
            (render / "modules" / module / "left_override.tf").write_text(text)
    root = Root(terraform, folder)
    root.init()
    return root


def _bound(texts: str, iam: str) -> None:
    """Make the boundaries that roles of a root have, as `access` would have: IAM looks for them."""
    client = given.client("iam", iam)
    for name in sorted({*re.findall(r':policy/([\w-]+)"', texts)}):
        with suppress(client.exceptions.EntityAlreadyExistsException):
            client.create_policy(PolicyName=name, PolicyDocument=given.POLICY)


def kept(root: Root, emulators: Emulators) -> None:
    """Have a root's state where it is rendered to be, in the emulator's S3; what is there moves."""
    text = _in_s3(root.folder / "backend.tf", 'backend "s3" {', emulators)
    (root.folder / "backend_override.tf").write_text(text)
    root.terraform(
        root.folder, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy"
    )


def _in_s3(file: Path, before: str, emulators: Emulators) -> str:
    """Return what a rendered file says of states, and that S3 is the emulator's."""
    return file.read_text().replace(
        f"  {before}\n",
        f"  {before}\n"
        f'    endpoints = {{ s3 = "{emulators.ministack}" }}\n'
        "    use_path_style              = true\n"
        "    skip_credentials_validation = true\n"
        "    skip_requesting_account_id  = true\n"
        "    skip_metadata_api_check     = true\n",
    )


def _aliases(texts: str) -> list[str | None]:
    found = re.findall(r'^provider "aws" \{\n(?:  alias += "([a-z0-9_]+)"\n)?', texts, re.MULTILINE)
    return [alias or None for alias in found]


def _provider(alias: str | None, endpoints: Mapping[str, str]) -> str:
    named = f'  alias = "{alias}"\n' if alias else ""
    homes = "\n".join(f'    {name} = "{url}"' for name, url in sorted(endpoints.items()))
    return (
        f'provider "aws" {{\n{named}  allowed_account_ids         = null\n'
        "  skip_metadata_api_check     = true\n"
        "  skip_region_validation      = true\n"
        "  s3_use_path_style           = true\n"
        f"  endpoints {{\n{homes}\n  }}\n}}\n"
    )


def _remote(folder: Path, remote: Mapping[str, Mapping[str, object]]) -> None:
    """Put states in place of those that other roots would have left, where this one reads them."""
    blocks = []
    file = folder / "remote.tf"
    reads = file.read_text() if file.exists() else ""
    for path, outputs in remote.items():
        if f'"{path}.tfstate"' not in reads:
            continue
        name = re.sub(r"[-/]", "_", path)
        state = folder / f"{name}.tfstate"
        told = {key: {"value": value, "type": _type(value)} for key, value in outputs.items()}
        state.write_text(
            json.dumps({
                "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": name,
                "outputs": told, "resources": [], "check_results": None,
            })
        )  # fmt: skip
        blocks.append(
            f'data "terraform_remote_state" "{name}" {{\n  backend = "local"\n'
            f'  config = {{\n    path = "{state}"\n  }}\n}}\n'
        )
    (folder / "remote_override.tf").write_text("\n".join(blocks))


def _type(value: object) -> object:
    if isinstance(value, Mapping):
        return ["object", {key: _type(item) for key, item in value.items()}]
    if isinstance(value, list | tuple):
        return ["tuple", [_type(item) for item in value]]
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else "string"


def _written(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def changes(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what a plan would do to each address; what stays as it is is left out."""
    return {
        change["address"]: tuple(change["change"]["actions"])
        for change in plan.get("resource_changes", [])
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
