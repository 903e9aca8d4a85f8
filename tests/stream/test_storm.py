"""Storms: whatever happens to streams and servers, no row is lost and none comes twice."""

import os
import random
from pathlib import Path
from types import ModuleType

import pytest

from tests.stream.storm import bank, kinds
from tests.stream.storm.storm import storm

SCHEMAS = [pytest.param(bank, id="bank"), pytest.param(kinds, id="kinds")]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("schema", SCHEMAS)
def test_no_row_is_lost_in_a_short_storm(
    schema: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = storm(schema, seed=random.randrange(1_000_000), seconds=20, folder=tmp_path)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.losses, str(report)


@pytest.mark.soak
@pytest.mark.parametrize("schema", SCHEMAS)
def test_no_row_is_lost_in_a_long_storm(
    schema: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = float(os.environ.get("MATAPALO_SOAK_MINUTES", "10")) * 60 / len(SCHEMAS)
    seed = int(os.environ.get("MATAPALO_SOAK_SEED", random.randrange(1_000_000)))
    report = storm(schema, seed, seconds, tmp_path)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.losses, str(report)
