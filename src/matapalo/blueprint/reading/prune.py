"""A blueprint without its broken leaves, so that the rest can be checked in the same go.

Only what may be left out is left out, and never something that other parts name: a service that is
gone would be missed everywhere, and the messages about that would hide the real one.
"""

from copy import deepcopy
from typing import TypeVar

from pydantic import ValidationError

from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.shape import trace
from matapalo.blueprint.reading.tree import Loc, Plain

UNNAMED: frozenset[Loc] = frozenset({("slices",), ("events", "rules"), ("events", "schedules")})
"""What no other part names: such a thing can be left out whole."""

Model = TypeVar("Model", bound=Part)


def pruned(
    value: Plain, error: ValidationError, root: type[Model]
) -> tuple[Model | None, frozenset[Loc]]:
    """Return what is left without the mistakes, and the paths cut away; None if too much is."""
    cuts: set[Loc] = set()
    for details in error.errors():
        cut = _cut(details["loc"], root, unknown=details["type"] == "extra_forbidden")
        if cut is None:
            return None, frozenset()
        cuts.add(cut)
    rest = deepcopy(value)
    for cut in cuts:
        _remove(rest, cut)
    try:
        return root.model_validate(rest), frozenset(cuts)
    except ValidationError:
        return None, frozenset(cuts)


def concerns(loc: Loc, cuts: frozenset[Loc]) -> bool:
    """Whether a finding at `loc` may be no more than a consequence of what was cut away."""
    return any(cut[: len(loc)] == loc or loc[: len(cut)] == cut for cut in cuts)


def _cut(loc: Loc, root: type[Part], *, unknown: bool) -> Loc | None:
    """Return the smallest path around `loc` that may be left out."""
    if unknown and not any(isinstance(step, int) for step in loc):
        return trace(root, loc).loc
    for end in range(len(loc), 0, -1):
        traced = trace(root, loc[:end])
        if traced.on_key or not traced.loc:
            return None
        step = traced.loc[-1]
        if traced.model is None and isinstance(step, str):
            return traced.loc if traced.loc[:-1] in UNNAMED else None
        field = traced.model.model_fields.get(str(step)) if traced.model else None
        # An item that is taken out of a list would move those behind it: the list goes whole.
        in_list = any(isinstance(each, int) for each in traced.loc)
        if field is not None and not field.is_required() and not in_list:
            return traced.loc
    return None


def _remove(value: Plain, loc: Loc) -> None:
    *above, last = loc
    for step in above:
        value = value.get(str(step)) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value.pop(str(last), None)
