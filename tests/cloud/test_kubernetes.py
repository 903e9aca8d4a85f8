"""What runs in the cluster: manifests that Kubernetes takes, of pods that may do little."""

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from matapalo.blueprint import load
from matapalo.cloud import System, render
from matapalo.cloud.kubernetes.databases import SCRIPT
from matapalo.cloud.kubernetes.settled import blueprint_text, endpoints_text, settled
from matapalo.cloud.roots import rights
from matapalo.edge.endpoints import Endpoints
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.given import everything

OTHERS = {"NodeClass", "NodePool", "SecretProviderClass", "TargetGroupBinding"}
"""Kinds that add-ons bring: Kubernetes has no schemas of them."""


def manifests(system: System) -> Iterator[dict[str, Any]]:
    for path, text in render(system).items():
        if path.startswith("kubernetes/") and path.endswith(".yaml"):
            yield from YAML(typ="safe").load_all(text)


@pytest.fixture(
    scope="module", params=[lambda: system_from(WALLET), everything], ids=["wallet", "everything"]
)
def system(request: pytest.FixtureRequest) -> System:
    made: System = request.param()
    return made


def test_kubernetes_takes_every_manifest(system: System) -> None:
    count = 0
    for manifest in manifests(system):
        if manifest["kind"] not in OTHERS:
            kubernetes_validate.validate(manifest, "1.33", strict=True)
            count += 1
    assert count > 50


def pods(system: System) -> list[dict[str, Any]]:
    return [m["spec"]["template"]["spec"] for m in manifests(system) if m["kind"] == "Deployment"]


def test_every_pod_is_hardened(system: System) -> None:
    for pod in pods(system):
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True
            assert context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]["limits"]) == {"cpu", "memory"}


def test_every_namespace_is_closed_and_every_deployment_has_a_policy(system: System) -> None:
    found = list(manifests(system))
    spaces = {m["metadata"]["name"] for m in found if m["kind"] == "Namespace"}
    policies = {
        (m["metadata"]["namespace"], m["metadata"]["name"])
        for m in found
        if m["kind"] == "NetworkPolicy"
    }
    deployed = {
        (m["metadata"]["namespace"], m["metadata"]["name"])
        for m in found
        if m["kind"] == "Deployment"
    }
    assert {(space, "closed") for space in spaces} <= policies
    assert deployed <= policies


def test_no_secret_is_written_out(system: System) -> None:
    assert not [m for m in manifests(system) if m["kind"] == "Secret"]


def test_pods_read_the_blueprint_that_was_rendered(system: System, tmp_path: Path) -> None:
    for scene in system.scenes:
        file = tmp_path / "matapalo.yaml"
        file.write_text(blueprint_text(scene))
        assert load(file, scene.environment, environ={}) == settled(scene)


def test_the_edge_reads_where_everything_answers(system: System) -> None:
    for scene in system.scenes:
        endpoints = Endpoints.model_validate_json(endpoints_text(scene))
        answering = {piece.to for piece in scene.blueprint.slices.values() if piece.routes}
        assert {*scene.blueprint.services(), *answering} <= set(endpoints.at)


def test_a_slice_that_goes_to_a_function_is_brought_there_by_pods_that_may_call_it(
    wallet: System,
) -> None:
    """Endpoint, service, network policies and the role's rights say the same."""
    tree = render(wallet)
    endpoint = Endpoints.model_validate_json(endpoints_text(wallet.scenes[-1])).at[
        "payments/limits"
    ]
    found = list(YAML(typ="safe").load_all(tree["kubernetes/prod/matapalo/relays.yaml"]))
    (service,) = [it for it in found if it["kind"] == "Service"]
    (deployment,) = [it for it in found if it["kind"] == "Deployment"]
    home = f"{service['metadata']['name']}.matapalo.svc.cluster.local"
    assert [(it.host, it.port) for it in endpoint] == [(home, service["spec"]["ports"][0]["port"])]
    pod = deployment["spec"]["template"]["spec"]
    arn = "arn:aws:lambda:us-east-1:${ACCOUNT}:function:wallet-prod-payments-limits:live"
    assert arn in pod["containers"][0]["command"]
    rights = tree["roots/prod/platform/pods.tf"]
    assert arn.replace("${ACCOUNT}", "${data.aws_caller_identity.this.account_id}") in rights
    assert pod["serviceAccountName"] == "relay"
    for caller in ("edge", "comparison"):
        text = tree[f"kubernetes/prod/matapalo/{caller}.yaml"]
        assert f"app.kubernetes.io/name: {service['metadata']['name']}" in text


def test_a_service_that_is_told_of_events_knows_its_queue_and_may_take_from_it(
    tmp_path: Path,
) -> None:
    for each in WALLET.parent.iterdir():
        (tmp_path / each.name).symlink_to(each)
    path = tmp_path / "told.yaml"
    path.write_text(WALLET.read_text().replace("to: [to-report]", "to: [to-report, payments/pay]"))
    system = system_from(path)
    tree, queue = render(system, ["prod"]), rights.inbox(system.scenes[-1], "payments/pay")
    found = YAML(typ="safe").load_all(tree["kubernetes/prod/payments/pay.yaml"])
    (pod,) = [m["spec"]["template"]["spec"] for m in found if m["kind"] == "Deployment"]
    assert {"name": "INBOX_QUEUE", "value": queue} in pod["containers"][0]["env"]
    assert f':{queue}"' in tree["roots/prod/products/payments/pods.tf"]
    assert f'"{queue}"' in "".join(
        text for name, text in tree.items() if name.startswith("roots/prod/events/")
    )


def test_databases_are_written_privately(tmp_path: Path) -> None:
    file = tmp_path / "databases.json"
    environment = {
        "DATABASES": str(file),
        "STORES": '{"payments/ledger": "PAYMENTS_LEDGER"}',
        "MONOLITH_DATABASE_URL": "postgresql://reader@10.1.2.3:5432/shop",
        "MONOLITH_DATABASE_PASSWORD": "it's/odd %",
        "PAYMENTS_LEDGER_URL": "postgresql://ledger:5432/ledger?sslmode=require",
        "PAYMENTS_LEDGER_USER": "me",
        "PAYMENTS_LEDGER_PASSWORD": "x",
    }
    subprocess.run([sys.executable, "-c", SCRIPT], env={**os.environ, **environment}, check=True)
    told = json.loads(file.read_text())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert r"it\'s/odd %" in told["monolith"]
    assert "user=me" in told["stores"]["payments/ledger"]


AWS = """\
#!/bin/sh
case "$*" in
  *get-caller-identity*) echo 111122223333 ;;
  *get-parameters-by-path*) cat "$PARAMETERS" ;;
  *) echo us-east-1 ;;
esac
"""


def test_the_script_fills_in_what_terraform_knows_and_applies_nothing_half_known(
    wallet: System, tmp_path: Path
) -> None:
    for path, text in render(wallet).items():
        if path.startswith("kubernetes/"):
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
    tools, parameters, applied = tmp_path / "bin", tmp_path / "parameters", tmp_path / "applied"
    tools.mkdir()
    for name, text in {
        "aws": AWS,
        "kubectl": f'#!/bin/sh\n[ "$1" = apply ] && cat >"{applied}"\ntrue\n',
    }.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    environment = {"PATH": f"{tools}:{os.environ['PATH']}", "PARAMETERS": str(parameters)}
    command = ["sh", str(tmp_path / "kubernetes/apply.sh"), "prod", "payments", "7"]

    parameters.write_text("/wallet-prod/payments/LEDGER_URL\tpostgresql://db/l?a=b&c=d\n")
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "${LEDGER_SECRET_ARN}" in refused.stderr
    assert not applied.exists()

    with parameters.open("a") as file:
        file.write("/wallet-prod/payments/LEDGER_SECRET_ARN\tarn:aws:s\n")
        file.write("/wallet-prod/payments/PAY_TARGET_GROUP_ARN\tarn:aws:t\n")
    subprocess.run(command, env=environment, check=True)
    text = applied.read_text()
    assert "postgresql://db/l?a=b&c=d" in text
    assert not re.search(r"\$\{[A-Z_]+\}", text)
    assert len(list(YAML(typ="safe").load_all(text))) > 10
