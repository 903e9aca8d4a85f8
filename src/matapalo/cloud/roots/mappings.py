"""A slice's tables as Database Migration Service writes mappings: what to take, and how it changes.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.html
"""

from collections.abc import Iterator

from matapalo.blueprint import Table
from matapalo.blueprint.tablename import split_table_name
from matapalo.cloud.hcl import Value

LONGEST_CONSTANT = 255
"""How many characters a constant column holds."""

Rule = dict[str, Value]


def mappings(tables: tuple[Table, ...], schema: str = "") -> dict[str, Value]:
    """Return the rules of all tables, numbered. `schema` is the source's where it has but one."""
    rules = list(_schemas(tables, schema))
    rules += [rule for table in tables for rule in _rules(table, schema)]
    return {"rules": [_numbered(number, rule) for number, rule in enumerate(rules, start=1)]}


def _numbered(number: int, rule: Rule) -> Rule:
    return {"rule-id": str(number), "rule-name": str(number), **rule}


def _schemas(tables: tuple[Table, ...], schema: str) -> Iterator[Rule]:
    """A schema is renamed as a whole: `matapalo check` refuses tables that part ways."""
    names = {
        schema or split_table_name(table.name)[0]: split_table_name(table.target)[0]
        for table in tables
    }
    for here, there in sorted(names.items()):
        if here != there:
            yield _change("schema", "rename", {"schema-name": here}, value=there)


def _rules(table: Table, schema: str) -> Iterator[Rule]:
    here, name = split_table_name(table.name)
    _, new = split_table_name(table.target)
    at: Rule = {"schema-name": schema or here, "table-name": name}
    yield {"rule-type": "selection", "object-locator": at, "rule-action": "include"}
    if new != name:
        yield _change("table", "rename", at, value=new)
    yield from _columns(table, at)


def _columns(table: Table, at: Rule) -> Iterator[Rule]:
    for column in table.only:
        yield _change("column", "include-column", {**at, "column-name": column})
    for column in table.omit:
        yield _change("column", "remove-column", {**at, "column-name": column})
    for old, new in table.columns.items():
        yield _change("column", "rename", {**at, "column-name": old}, value=new)
    for column, value in table.constant.items():
        quoted = value.replace("'", "''")
        yield {
            **_change("column", "add-column", at, value=column),
            "expression": f"'{quoted}'",
            "data-type": {"type": "string", "length": LONGEST_CONSTANT},
        }


def _change(target: str, action: str, at: Rule, value: str | None = None) -> Rule:
    rule: Rule = {
        "rule-type": "transformation",
        "rule-target": target,
        "object-locator": at,
        "rule-action": action,
    }
    return rule if value is None else {**rule, "value": value}
