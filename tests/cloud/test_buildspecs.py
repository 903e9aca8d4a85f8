"""Buildspecs, run as CodeBuild runs them: their own commands, the real tools, against the emulator.

What a project tells its build is read from the rendered root, what it runs from the rendered spec.
"""

import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import ruamel.yaml

from matapalo.cloud import render
from matapalo.cloud.packaging.zips import files_of, zipped
from matapalo.cloud.writing import write
from tests.cloud.given import ACCOUNT, client
from tests.cloud.terraform import Emulators
from tests.cloud.test_codepipeline import by_codepipeline, project_of
from tests.support import eventually

NAME = "wallet-prod-payments-limits"
QUOTE = {"rawPath": "/api/quotes", "queryStringParameters": {"amount": "50000"}}
PHASES = ("install", "pre_build", "build", "post_build")
# One shell for all commands of a phase, which ends at the first that fails.
SHELL = 'for command in "$@"; do eval "$command" || exit; done'

PASSES = """\
import os
os.environ["MONOLITH_URL"] = "http://127.0.0.1:1"
import markupsafe
from limits import quote

def test_a_quote_has_a_fee():
    assert '"fee": 4000' in quote("50000")["body"]
"""


@dataclass(frozen=True)
class Build:
    """A repository with the render in it, and what one project tells its build."""

    source: Path
    spec: Path
    told: dict[str, str]

    def start(self, **more: str) -> "subprocess.Popen[str]":
        """Begin it; what it says goes to its standard output."""
        script = "\n".join(
            f"bash -c {_quoted(SHELL)} {phase} {' '.join(map(_quoted, commands))} || exit"
            for phase, commands in self._phases()
        )
        return subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.source,
            env={**self.told, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, **more: str) -> tuple[int, str]:
        """Do all of it; return how it ended, and what it said."""
        running = self.start(**more)
        said, _ = running.communicate(timeout=240)
        return running.returncode, said

    def _phases(self) -> Iterator[tuple[str, list[str]]]:
        spec = ruamel.yaml.YAML(typ="safe").load(self.spec.read_text())
        assert spec["env"]["shell"] == "bash"
        assert set(spec["phases"]) <= set(PHASES)
        for phase in PHASES:
            if phase in spec["phases"]:
                yield phase, spec["phases"][phase]["commands"]


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The wallet's repository, delivered by CodePipeline, with its render."""
    folder = tmp_path / "source"
    write(folder / "aws", render(by_codepipeline(folder)))
    return folder


def build(source: Path, emulators: Emulators, project: str, **made: str) -> Build:
    """Return the build of a project; `made` are names that other roots have told its own."""
    text = (source / "aws/roots/prod/pipelines/main.tf").read_text()
    known = {"data.aws_caller_identity.this.account_id": ACCOUNT} | {
        f"data.terraform_remote_state.prod_door.outputs.{name}": it for name, it in made.items()
    }
    values = {name: known.get(it, it) for name, it in project_of(text, project).items()}
    tools = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(source.parent),
        "AWS_ENDPOINT_URL": emulators.ministack,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PAUSE": "0",
    }
    pip = {key: value for key, value in os.environ.items() if key.startswith(("PIP_", "SSL_"))}
    told = {key: value for key, value in values.items() if key.isupper()}
    return Build(source, source / values["buildspec"], pip | tools | told)


@pytest.fixture
def lambdas(source: Path, emulators: Emulators) -> Any:
    """Lambda, with the function and its alarms as Terraform leaves them."""
    role = client("iam", emulators.ministack).create_role(
        RoleName=NAME, AssumeRolePolicyDocument="{}"
    )
    there = client("lambda", emulators.ministack)
    there.create_function(
        FunctionName=NAME,
        Runtime="python3.13",
        Architectures=["arm64"],
        Role=role["Role"]["Arn"],
        Handler="limits.handle",
        Code={"ZipFile": zipped(files_of(source / "functions/limits"))},
        Environment={"Variables": {"MONOLITH_URL": "http://127.0.0.1:1"}},
        Publish=True,
    )
    there.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    for kind in ("errors", "failed", "slow", "throttles"):
        _alarm(emulators, f"{NAME}-{kind}", "OK")
    return there


def _alarm(emulators: Emulators, name: str, state: str) -> None:
    watching = client("cloudwatch", emulators.ministack)
    watching.put_metric_alarm(
        AlarmName=name, Namespace="AWS/Lambda", MetricName="Errors", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    watching.set_alarm_state(AlarmName=name, StateValue=state, StateReason="the test says so")


def dearer(source: Path) -> None:
    """Change what the function answers."""
    code = source / "functions/limits/limits.py"
    assert "FEE = 3_800" in code.read_text()
    code.write_text(code.read_text().replace("FEE = 3_800", "FEE = 4_000"))


def fee(lambdas: Any) -> int:
    """Return what those are told who call the version in use."""
    answer = lambdas.invoke(FunctionName=f"{NAME}:live", Payload=json.dumps(QUOTE).encode())
    return int(json.loads(json.load(answer["Payload"])["body"])["fee"])


def shares(lambdas: Any) -> tuple[str, dict[str, float]]:
    """Return the version in use, and what others have of its calls."""
    live = lambdas.get_alias(FunctionName=NAME, Name="live")
    return live["FunctionVersion"], live.get("RoutingConfig", {}).get(
        "AdditionalVersionWeights", {}
    )


def test_a_build_publishes_a_function_and_its_callers_get_the_new_version(
    source: Path, emulators: Emulators, lambdas: Any
) -> None:
    assert fee(lambdas) == 3800
    dearer(source)
    # What mends a function has to get through, though its alarm is on.
    _alarm(emulators, f"{NAME}-errors", "ALARM")
    status, said = build(source, emulators, "payments-limits").run()
    assert status == 0, said
    assert "answers 0.1 of the calls" in said
    assert shares(lambdas) == ("2", {})
    assert fee(lambdas) == 4000
    packed = hashlib.sha256(zipped(files_of(source / "functions/limits"))).digest()
    version = lambdas.get_function_configuration(FunctionName=NAME, Qualifier="2")
    assert version["CodeSha256"] == base64.b64encode(packed).decode()

    # It can be done again. The emulator makes a version of what AWS would know as the last one.
    status, said = build(source, emulators, "payments-limits").run()
    assert (status, shares(lambdas)) == (0, ("3", {})), said
    assert fee(lambdas) == 4000


@pytest.mark.soak
@pytest.mark.parametrize(("why", "pause"), [("an alarm", "5"), ("a stop", "99")])
async def test_callers_are_back_where_they_were_whatever_ends_a_build(
    source: Path, emulators: Emulators, lambdas: Any, why: str, pause: str
) -> None:
    dearer(source)
    running = build(source, emulators, "payments-limits").start(PAUSE=pause)
    try:
        await eventually(lambda: shares(lambdas) == ("1", {"2": 0.1}), within=60, every=0.2)
        if why == "an alarm":
            _alarm(emulators, f"{NAME}-errors", "ALARM")
        else:
            os.killpg(running.pid, signal.SIGTERM)
        await eventually(lambda: shares(lambdas) == ("1", {}), within=60, every=0.2)
        assert fee(lambdas) == 3800
        said, _ = running.communicate(timeout=60)
        assert running.returncode != 0, said
    finally:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)


@pytest.mark.soak
def test_a_function_is_tested_and_packed_with_what_it_imports(
    source: Path, emulators: Emulators, lambdas: Any
) -> None:
    dearer(source)
    code = source / "functions/limits"
    (code / "requirements.txt").write_text("markupsafe==3.0.2\n")
    (code / "tests").mkdir()
    (code / "tests/test_limits.py").write_text(PASSES.replace("4000", "9"))
    status, said = build(source, emulators, "payments-limits").run()
    assert status != 0
    assert "1 failed" in said
    assert shares(lambdas) == ("1", {})

    (code / "tests/test_limits.py").write_text(PASSES)
    status, said = build(source, emulators, "payments-limits").run()
    assert status == 0, said
    assert fee(lambdas) == 4000
    where = lambdas.get_function(FunctionName=NAME)["Code"]["Location"]
    assert "markupsafe/_speedups.cpython-313-aarch64-linux-gnu.so" in _names(where)


def _names(url: str) -> list[str]:
    # The emulator gives a package only to who knows its access key.
    with urlopen(f"{url}&X-Amz-Credential=test/x", timeout=30) as answer:
        return zipfile.ZipFile(io.BytesIO(answer.read())).namelist()


def test_a_build_brings_a_site_to_its_bucket_and_tells_cloudfront(
    source: Path, emulators: Emulators
) -> None:
    s3, front = (client(n, emulators.ministack) for n in ("s3", "cloudfront"))
    s3.create_bucket(Bucket="site")
    s3.put_object(Bucket="site", Key="app/gone.js", Body=b"")
    s3.put_object(Bucket="site", Key="beside.txt", Body=b"")
    made = front.create_distribution(DistributionConfig=DISTRIBUTION)["Distribution"]["Id"]
    folder = source / "site"
    (folder / "assets").mkdir()
    for name in ("assets/app.3f9c2a1b.js", "assets/of 20260101.png", "assets/on-20260101.svg"):
        (folder / name).write_text(name)

    status, said = build(source, emulators, "site", site_bucket="site", front_id=made).run()
    assert status == 0, said
    kept = {
        it["Key"]: s3.get_object(Bucket="site", Key=it["Key"])
        for it in s3.list_objects_v2(Bucket="site")["Contents"]
    }
    assert {key: (it.get("CacheControl"), it["ContentType"]) for key, it in kept.items()} == {
        "app/app.js": (SHORT, "text/javascript"),
        "app/assets/app.3f9c2a1b.js": ("public, max-age=31536000, immutable", "text/javascript"),
        "app/assets/of 20260101.png": (SHORT, "image/png"),
        "app/assets/on-20260101.svg": (SHORT, "image/svg+xml"),
        "app/index.html": ("no-cache", "text/html"),
        "app/style.css": (SHORT, "text/css"),
        "beside.txt": (None, kept["beside.txt"]["ContentType"]),
    }
    assert kept["app/index.html"]["Body"].read() == (folder / "index.html").read_bytes()
    told = front.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
    asked = [front.get_invalidation(DistributionId=made, Id=it["Id"]) for it in told]
    paths = [it["Invalidation"]["InvalidationBatch"]["Paths"]["Items"] for it in asked]
    assert paths == [["/app/*"]]


SHORT = "public, max-age=300"
DISTRIBUTION = {
    "CallerReference": "1",
    "Comment": "",
    "Enabled": True,
    "Origins": {
        "Quantity": 1,
        "Items": [
            {
                "Id": "site",
                "DomainName": "site.s3.amazonaws.com",
                "S3OriginConfig": {"OriginAccessIdentity": ""},
            }
        ],
    },
    "DefaultCacheBehavior": {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "redirect-to-https",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    },
}
