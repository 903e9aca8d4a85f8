"""The JSON Schema takes what the loader takes, and refuses what it refuses by shape."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from matapalo.blueprint.schema import schema
from matapalo.blueprint.starter import starter
from tests.blueprint.test_mistakes import MISTAKES
from tests.blueprint.written import MINIMAL, marked

WALLET = Path(__file__).parents[2] / "examples" / "wallet" / "matapalo.yaml"
EVERYTHING = Path(__file__).with_name("everything.yaml")

# What a schema cannot say: what is right depends on the value itself, or on a second key.
BEYOND_A_SCHEMA = {
    "a needed key with nothing behind it",
    "an account that neither exists nor is made",
    "an account id of 11 digits",  # without quotes it is a number to a schema
    "a number that is not finite",
    "an address range with bits on the right",
    "an address range without a length",
    "an address range that is none",
}


def faults(text: str) -> list[str]:
    value: Any = YAML(typ="safe", pure=True).load(text)
    return [error.message for error in Draft202012Validator(schema()).iter_errors(value)]


def test_it_is_a_schema_of_its_draft() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", [WALLET, EVERYTHING])
def test_it_takes_whole_blueprints(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_it_takes_what_init_writes() -> None:
    assert faults(starter("shop", "http://127.0.0.1:8080")) == []


@pytest.mark.parametrize(
    "text",
    [
        'edge: {port: "${PORT}"}',
        "edge: {port: , reveal_side: '${REVEAL:-true}', limits: }",
        "tags: {code: 12, on: true}",
        "secrets: {login: }",
        "slices: {a: {to: p/s, routes: [/a, 'GET,POST /b', {path: /c}], tables: [t, a.b]}}",
        "logs: {level: '${LEVEL:-info}', keep: '${DAYS}'}",
    ],
)
def test_it_takes_variables_short_forms_and_nothing(text: str) -> None:
    assert faults(MINIMAL + text) == []


@pytest.mark.parametrize("mistake", sorted(MISTAKES.keys() - BEYOND_A_SCHEMA))
def test_it_refuses_what_the_loader_refuses_by_shape(mistake: str) -> None:
    assert faults(marked(MINIMAL + MISTAKES[mistake][0]).text) != []


def test_every_key_has_a_description_for_the_editor() -> None:
    parts = schema()["$defs"].values()
    keys = [key for part in parts for key in part.get("properties", {}).values()]
    described = [key for key in keys if key.get("description")]
    assert len(described) > len(keys) * 0.7
