"""One blueprint uses every key, and is read in every environment."""

from pathlib import Path

import pytest

from matapalo.blueprint import Blueprint, examine
from matapalo.blueprint.walk import walk

EVERYTHING = Path(__file__).with_name("everything.yaml")
ENVIRONMENTS = ("local", "dev", "prod")
# What the loader takes away when it lays it upon the rest.
SPENT = {("Environment", "overlay")}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_everything_is_right_in_every_environment(environment: str) -> None:
    assert examine(EVERYTHING, environment, {}, look=False).problems == ()


def test_everything_uses_every_key_of_the_model() -> None:
    used: set[tuple[str, str]] = set(SPENT)
    for environment in ENVIRONMENTS:
        blueprint = examine(EVERYTHING, environment, {}, look=False).blueprint
        assert blueprint is not None
        used |= {
            (type(part).__name__, field)
            for _, part in walk(blueprint)
            for field in part.model_fields_set
        }
    assert _every_key() - used == set()


def test_every_key_says_what_it_means() -> None:
    schema = Blueprint.model_json_schema()
    silent = [
        f"{name}.{key}"
        for name, part in {**schema["$defs"], "Blueprint": schema}.items()
        for key, value in part.get("properties", {}).items()
        if not value.get("description") and "const" not in value and "$ref" not in str(value)
    ]
    assert silent == []


def _every_key() -> set[tuple[str, str]]:
    schema = Blueprint.model_json_schema()
    return {
        (name, key)
        for name, part in {**schema["$defs"], "Blueprint": schema}.items()
        for key in part.get("properties", {})
    }
