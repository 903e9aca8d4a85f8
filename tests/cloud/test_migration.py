"""What copies tables: mappings as AWS reads them, and replications that nobody started."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from matapalo.blueprint import Table
from matapalo.cloud import Scene, System, render
from matapalo.cloud.roots import own
from matapalo.cloud.roots.mappings import mappings
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Root, Terraform, prepared


def _rules(*tables: Table, schema: str = "") -> list[Mapping[str, object]]:
    rules = mappings(tables, schema)["rules"]
    assert isinstance(rules, list)
    return rules


def test_every_table_is_taken_and_every_rule_has_a_number_of_its_own() -> None:
    rules = _rules(Table(name="bills"), Table(name="app.lines", to="app.rows"))
    taken = [rule["object-locator"] for rule in rules if rule["rule-type"] == "selection"]
    assert taken == [
        {"schema-name": "public", "table-name": "bills"},
        {"schema-name": "app", "table-name": "lines"},
    ]
    assert [rule["rule-id"] for rule in rules] == [str(n) for n in range(1, len(rules) + 1)]


def test_a_schema_is_renamed_once_for_all_its_tables() -> None:
    rules = _rules(Table(name="a.x", to="b.x"), Table(name="a.y", to="b.y"))
    renamed = [rule for rule in rules if rule.get("rule-target") == "schema"]
    assert [(rule["object-locator"], rule["value"]) for rule in renamed] == [
        ({"schema-name": "a"}, "b")
    ]


def test_a_database_of_mysql_is_the_schema() -> None:
    rules = _rules(Table(name="bills"), schema="shop")
    assert rules[0]["object-locator"] == {"schema-name": "shop"}
    assert rules[0]["value"] == "public"


def test_columns_are_renamed_left_out_and_added_with_quotes_kept() -> None:
    table = Table(name="t", columns={"a": "b"}, omit=("c",), constant={"d": "it's"})
    actions = {rule["rule-action"]: rule for rule in _rules(table)}
    assert actions["rename"]["value"] == "b"
    assert actions["remove-column"]["object-locator"] == {
        "schema-name": "public", "table-name": "t", "column-name": "c"
    }  # fmt: skip
    assert actions["add-column"]["expression"] == "'it''s'"


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_what_copies_tables_is_made_and_waits_until_it_is_started(
    terraform: Terraform, emulators: Emulators, tmp_path: Path, environment: str
) -> None:
    blueprint = tmp_path / "matapalo.yaml"
    # The accounts are the emulators' one: roles have a boundary there.
    text = re.sub(r"\b(\d)\1{11}\b", given.ACCOUNT, given.EVERYTHING.read_text())
    blueprint.write_text(text)
    system = given.everything(blueprint)
    scene = next(each for each in system.scenes if each.environment == environment)
    root = _prepared(system, scene, terraform, emulators, tmp_path, whole=True)
    planned = {each["address"]: each["change"]["after"] for each in root.plan()["resource_changes"]}
    serverless = 'module.replication.aws_dms_replication_config.this["bills"]'
    task = 'module.replication.aws_dms_replication_task.this["bills"]'
    if environment == "prod":
        assert task not in planned
        assert planned[serverless]["start_replication"] is False
    else:
        assert serverless not in planned
        assert planned[task]["start_replication_task"] is False

    root = _prepared(system, scene, terraform, emulators, tmp_path)
    root.plan()
    root.apply()
    assert drift(root.plan()) == []
    assert policies.faults(root) == []
    dms = given.client("dms", emulators.moto, scene.region)
    ends = dms.describe_endpoints()["Endpoints"]
    assert {(it["EndpointType"], it["EngineName"]) for it in ends} == {
        ("source", "postgres"),
        ("target", "aurora-postgresql"),
    }
    secrets = {it["PostgreSQLSettings"]["SecretsManagerSecretId"] for it in ends}
    assert secrets == {*root.outputs()["secret_arns"].values()}
    tasks = dms.describe_replication_tasks()["ReplicationTasks"]
    found = [(it["Status"], *_tables(json.loads(it["TableMappings"])["rules"])) for it in tasks]
    assert found == ([] if environment == "prod" else [("ready", "bills")])


def _tables(rules: list[Mapping[str, Any]]) -> list[str]:
    """Return the tables that a replication takes."""
    return [it["object-locator"]["table-name"] for it in rules if it["rule-type"] == "selection"]


def _prepared(
    system: System,
    scene: Scene,
    terraform: Terraform,
    emulators: Emulators,
    folder: Path,
    *,
    whole: bool = False,
) -> Root:
    tree, path = render(system), f"{scene.environment}/migration"
    write(folder / "aws", tree)
    told = given.remote(scene, emulators.ministack)
    told |= {f"{scene.environment}/network": given.network(scene, emulators.moto)}
    reads = tree[f"roots/{path}/remote.tf"]
    iam = given.client("iam", emulators.ministack)
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        role = scene.names.of("role", own.NAMESPACE, "streams")
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    remote = {path: it for path, it in told.items() if f'"{path}.tfstate"' in reads}
    return prepared(terraform, folder / "aws", path, emulators, remote=remote, whole=whole)
