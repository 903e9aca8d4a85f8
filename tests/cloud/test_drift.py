"""What an emulator forgets is let pass, and nothing else."""

from collections.abc import Mapping
from typing import Any

from tests.cloud.drift import drift

FIRST = {"endpoint": "it.cluster-0a.rds.amazonaws.com", "reader_endpoint": "it.cluster-ro-0a"}
MOVED = {"endpoint": "localhost", "reader_endpoint": "localhost"}


def _plan(was: str, is_: str) -> Mapping[str, Any]:
    setting = {
        "before": {"value": was, "version": 1, "key_id": "a"},
        "after": {"value": is_, "key_id": "a"},
        "after_unknown": {"version": True},
        "actions": ["update"],
    }
    return {
        "resource_drift": [
            {"type": "aws_rds_cluster", "change": {"before": FIRST, "after": MOVED}}
        ],
        "resource_changes": [
            {"type": "aws_ssm_parameter", "address": "setting", "change": setting}
        ],
    }


def test_who_was_told_where_a_database_is_may_be_told_where_the_emulator_moved_it() -> None:
    assert (
        drift(_plan(f"postgresql://{FIRST['endpoint']}:5432/x", "postgresql://localhost:5432/x"))
        == []
    )


def test_a_setting_that_says_something_else_is_a_change() -> None:
    for was, is_ in (
        (f"postgresql://{FIRST['endpoint']}:5432/x", "postgresql://localhost:5432/y"),
        ("postgresql://elsewhere:5432/x", "postgresql://localhost:5432/x"),
    ):
        assert drift(_plan(was, is_)) == ["setting ['update'] ['value', 'version']"]
