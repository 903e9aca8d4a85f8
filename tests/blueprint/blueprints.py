"""Random parts of a blueprint: every shape that the model takes, whether or not it makes sense."""

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, MinLen
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from matapalo.blueprint import Account, Blueprint
from matapalo.blueprint.delivery import RepositoryName
from matapalo.blueprint.edge import Country
from matapalo.blueprint.json import Json
from matapalo.blueprint.named import (
    AccountName,
    LinkName,
    PermissionSetName,
    SecretName,
    UnitName,
)
from matapalo.blueprint.part import Name, Part, Url
from matapalo.blueprint.product import Handler
from matapalo.blueprint.route import Path
from matapalo.blueprint.slices import TableName
from matapalo.blueprint.words import (
    RETENTIONS,
    AccountId,
    Address,
    Arn,
    Cidr,
    Domain,
    Email,
    Region,
    RetentionDays,
)

letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], max_codepoint=0x2FFF)
text = st.text(letters, max_size=8)
words = st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
finite = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | finite | text,
    lambda below: st.lists(below, max_size=2) | st.dictionaries(text, below, max_size=2),
    max_leaves=4,
)

SHAPED: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Name, words),
    (AccountName, words),
    (LinkName, words),
    (PermissionSetName, words),
    (SecretName, words),
    (UnitName, words),
    (Url, words.map(lambda word: f"https://{word}.co:8443/x")),
    (Path, st.lists(words, max_size=3).map(lambda parts: "/" + "/".join(parts))),
    (TableName, st.from_regex(r"[a-zA-Z_]{1,9}(\.[a-z_]{1,9})?", fullmatch=True)),
    (AccountId, st.from_regex(r"[0-9]{12}", fullmatch=True)),
    (Region, st.sampled_from(["us-east-1", "sa-east-1"])),
    (Domain, words.map(lambda word: f"{word}.example.com")),
    (Email, words.map(lambda word: f"{word}@example.com")),
    (Arn, words.map(lambda word: f"arn:aws:s3:::{word}")),
    (Cidr, st.integers(0, 255).map(lambda n: f"10.{n}.0.0/16")),
    (Address, st.integers(0, 255).map(lambda n: f"10.0.0.{n}")),
    (RetentionDays, st.sampled_from(RETENTIONS)),
    (Country, st.sampled_from(["CO", "EC"])),
    (Json, values),
    (Handler, words.map(lambda word: f"{word.replace('-', '_')}.handle")),
    (RepositoryName, words.map(lambda word: f"totumo/{word}")),
]


def values_of(key: str) -> st.SearchStrategy[Any]:
    """Return random values of one key of a blueprint."""
    hints = get_type_hints(Blueprint, include_extras=True)
    return _of(hints[key], list(Blueprint.model_fields[key].metadata))


@cache
def parts(part: type[Part]) -> st.SearchStrategy[Any]:
    """Return random parts of one kind: what is needed, and any of the rest."""
    hints = get_type_hints(part, include_extras=True)
    # The loader takes overlays away when it has laid them upon the rest.
    fields = {name: field for name, field in part.model_fields.items() if name != "overlay"}
    needed = {n: _field(hints[n], f) for n, f in fields.items() if f.is_required()}
    rest = {n: _field(hints[n], f) for n, f in fields.items() if not f.is_required()}
    made = st.fixed_dictionaries(needed, optional=rest)
    if part is Account:
        made = made.filter(lambda fields: bool(fields.get("id") or fields.get("email")))
    return made.map(lambda fields: part(**fields))


def _field(annotation: Any, field: FieldInfo) -> st.SearchStrategy[Any]:
    return _of(annotation, list(field.metadata))


def _of(annotation: Any, bounds: list[Any]) -> st.SearchStrategy[Any]:
    for known, strategy in SHAPED:
        if annotation is known or annotation == known:
            return strategy
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extras = get_args(annotation)
        below = [m for e in extras for m in (e.metadata if isinstance(e, FieldInfo) else [e])]
        return _of(inner, [*bounds, *below])
    if origin in {Union, UnionType}:
        options = [option for option in get_args(annotation) if option is not NoneType]
        return st.one_of([_of(option, bounds) for option in options])
    return _container(annotation, origin, bounds)


def _container(annotation: Any, origin: Any, bounds: list[Any]) -> st.SearchStrategy[Any]:
    if origin is Literal:
        return st.sampled_from(get_args(annotation))
    if origin is dict:
        key, value = get_args(annotation)
        return st.dictionaries(_of(key, []), _of(value, []), max_size=2)
    if origin is tuple:
        least = max([b.min_length for b in bounds if isinstance(b, MinLen)], default=0)
        items = st.lists(_of(get_args(annotation)[0], []), min_size=least, max_size=2)
        return items.map(tuple)
    return _scalar(annotation, bounds)


def _scalar(annotation: Any, bounds: list[Any]) -> st.SearchStrategy[Any]:
    low = max(_bounds(bounds, Ge, "ge"), default=None)
    above = max(_bounds(bounds, Gt, "gt"), default=None)
    high = min(_bounds(bounds, Le, "le"), default=None)
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(low if above is None else above + 1, high)
    if annotation is float:
        least = low if above is None else above
        return st.floats(
            least, high, exclude_min=above is not None, allow_nan=False, allow_infinity=False
        )
    if annotation is str:
        return text
    return parts(annotation)


def _bounds(bounds: list[Any], kind: type, name: str) -> list[Any]:
    return [getattr(bound, name) for bound in bounds if isinstance(bound, kind)]
