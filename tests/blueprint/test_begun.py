"""What was renamed is found by the names that things began with, by all who name it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matapalo.blueprint import Blueprint, examine
from matapalo.blueprint.begun import as_begun, as_written, lasting
from matapalo.blueprint.checks import Setting, check
from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.targets import Targets
from tests import support

Names = Mapping[Loc, str]
"""Another name of each thing, by the thing's path."""


def _everything() -> Blueprint:
    blueprint = examine(Path(__file__).with_name("everything.yaml"), "prod", {}, look=False)
    assert blueprint.blueprint
    return as_begun(blueprint.blueprint)


EVERYTHING = _everything()
THINGS: list[Loc] = [
    (*path, name) for path, things in lasting(EVERYTHING).items() for name in things
]


def _with_former(value: Any, names: Names, loc: Loc = ()) -> Any:
    match value:
        case Part():
            fields = type(value).model_fields
            update = {n: _with_former(getattr(value, n), names, (*loc, n)) for n in fields}
            if loc in names:
                update["formerly"] = (names[loc],)
            return value.model_copy(update=update)
        case dict():
            return {key: _with_former(each, names, (*loc, key)) for key, each in value.items()}
        case _:
            return value


def _old(renamed: Blueprint) -> Names:
    """Return what things are called in `renamed`, by their paths as it began."""
    begun = as_begun(renamed)
    paths = ((*path, name) for path, things in lasting(begun).items() for name in things)
    written = {path: as_written(renamed, path) for path in paths}
    return {path: str(now[-1]) for path, now in written.items() if now[-1] != path[-1]}


@settings(deadline=None, max_examples=support.examples(30))
@given(chosen=st.sets(st.sampled_from(THINGS)))
def test_whatever_is_renamed_is_known_to_all_and_is_on_aws_what_it_was(chosen: set[Loc]) -> None:
    names = {loc: f"new-{number}" for number, loc in enumerate(sorted(chosen, key=str))}
    renaming = _with_former(EVERYTHING, names)
    renamed = _with_former(as_begun(renaming), _old(renaming))
    found = check(Setting(renamed, "prod", Targets(renamed)))
    assert not [finding for finding in found if not finding.warning]
    assert as_begun(renamed) == EVERYTHING
    assert (renamed == EVERYTHING) == (not chosen)


@pytest.mark.parametrize("loc", THINGS, ids=str)
def test_a_path_leads_from_the_first_name_to_the_one_now(loc: Loc) -> None:
    renamed = _with_former(EVERYTHING, {loc: "new"})
    assert as_written(renamed, (*loc[:-1], "new", "x")) == (*loc, "x")
