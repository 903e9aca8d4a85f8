"""The example is a right blueprint wherever it runs, without a warning."""

from pathlib import Path

import pytest

from matapalo.blueprint import examine

WALLET = Path(__file__).parents[2] / "examples" / "wallet" / "matapalo.yaml"


@pytest.mark.parametrize("environment", ["local", "dev", "prod"])
def test_the_wallet_is_right_everywhere(environment: str) -> None:
    assert examine(WALLET, environment, {}).problems == ()


def test_the_wallet_describes_every_part_of_the_mission() -> None:
    blueprint = examine(WALLET, "prod", {}).blueprint
    assert blueprint is not None
    unsaid = set(type(blueprint).model_fields) - blueprint.model_fields_set
    assert unsaid == set()
