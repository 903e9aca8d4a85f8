"""Which part of the model a path leads to, so that a message can name the keys that fit there."""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args

from pydantic import Tag

from matapalo.blueprint.part import Part
from matapalo.blueprint.reading.tree import Loc

Annotation = Any  # what Python writes behind a colon: there is no narrower type for it


@dataclass(frozen=True)
class Traced:
    """A path as the validator gives it, understood.

    `loc` is the path in the blueprint, without the names that the validator gives to the members
    of a union. `model` is the part that the last step lies in.
    """

    loc: Loc
    model: type[Part] | None
    annotation: Annotation
    on_key: bool = False


def trace(root: type[Part], loc: Loc) -> Traced:
    """Follow `loc` from `root` down."""
    here: Annotation = root
    clean: list[str | int] = []
    model: type[Part] | None = None
    for step in loc:
        if step == "[key]":
            return Traced(tuple(clean), model, str, on_key=True)
        member = _member(here, step)
        if member is not None:
            here = member
            continue
        model, here = _below(here, step)
        clean.append(step)
    return Traced(tuple(clean), model, here)


def alternatives(annotation: Annotation) -> Iterator[tuple[str, Annotation]]:
    """Yield the types that an annotation stands for, each with the tag that chooses it, if any."""
    if origin(annotation) is Annotated:
        inner, *extras = get_args(annotation)
        tag = next((extra.tag for extra in extras if isinstance(extra, Tag)), "")
        for below, found in alternatives(inner):
            yield tag or below, found
    elif origin(annotation) in {Union, UnionType}:
        for option in get_args(annotation):
            yield from alternatives(option)
    elif annotation is not NoneType:
        yield _kind(annotation), annotation


def origin(annotation: Annotation) -> object:
    """Return `dict` of `dict[str, int]`: what an annotation is made with."""
    return typing.get_origin(annotation)


def tags(annotation: Annotation) -> list[str]:
    """Return the values that choose between the members of a union."""
    return [tag for tag, _ in alternatives(annotation) if tag]


def part_of(annotation: Annotation) -> type[Part] | None:
    """Return the part that an annotation stands for, if it is just one."""
    parts = [found for _, found in alternatives(annotation) if _is_part(found)]
    return parts[0] if len(parts) == 1 else None


def _member(annotation: Annotation, step: str | int) -> Annotation:
    """Return the member of a union that `step` names, or None where it names none."""
    options = list(alternatives(annotation))
    if len(options) < 2:  # noqa: PLR2004 - a union has two members
        return None
    return next((found for tag, found in options if tag and tag == step), None)


def _below(annotation: Annotation, step: str | int) -> tuple[type[Part] | None, Annotation]:
    """Return the part that `step` is a key of, if any, and what stands below the step."""
    for _, found in alternatives(annotation):
        if _is_part(found):
            field = found.model_fields.get(str(step))
            return found, field.annotation if field else None
        if origin(found) is dict:
            return None, get_args(found)[1]
        if origin(found) is tuple:
            return None, get_args(found)[0]
    return None, None


def _is_part(found: Annotation) -> bool:
    return isinstance(found, type) and issubclass(found, Part)


def _kind(found: Annotation) -> str:
    """Return the value of `kind` that chooses this part, or nothing."""
    if not _is_part(found) or "kind" not in found.model_fields:
        return ""
    annotation = found.model_fields["kind"].annotation
    return str(get_args(annotation)[0]) if origin(annotation) is Literal else ""
