"""What copies tables: mappings as AWS reads them, and replications that nobody started."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from matapalo.blueprint import Table
from matapalo.cloud import render
from matapalo.cloud.roots.mappings import mappings
from matapalo.cloud.writing import write
from tests.cloud import given
from tests.cloud.terraform import Emulators, Terraform, prepared


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
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_replications_are_planned_and_not_started(
    terraform: Terraform, emulators: Emulators, tmp_path: Path, environment: str
) -> None:
    system = given.everything()
    scene = next(each for each in system.scenes if each.environment == environment)
    tree = render(system)
    write(tmp_path / "aws", tree)
    told = given.remote(scene) | {f"{environment}/network": given.network(scene, emulators.moto)}
    reads = tree[f"roots/{environment}/migration/remote.tf"]
    root = prepared(
        terraform,
        tmp_path / "aws",
        f"{environment}/migration",
        emulators,
        remote={path: it for path, it in told.items() if f'"{path}.tfstate"' in reads},
    )
    planned = {each["address"]: each["change"]["after"] for each in root.plan()["resource_changes"]}
    serverless = 'module.replication.aws_dms_replication_config.this["bills"]'
    task = 'module.replication.aws_dms_replication_task.this["bills"]'
    if environment == "prod":
        assert task not in planned
        assert planned[serverless]["start_replication"] is False
    else:
        assert serverless not in planned
        assert planned[task]["start_replication_task"] is False
