"""Comparing JSON documents: equal ones never differ, and a change is found unless it is noise."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from matapalo.blueprint.jsonpath import Place, covers, parse
from matapalo.compare import masking
from matapalo.compare.documents import Json, differing, kind_of, read
from matapalo.compare.found import ABSENT, Absent, Found

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
documents: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=4), below, max_size=4)
    ),
    max_leaves=20,
)


def found(one: Json, new: Json, two: Json | Absent = ABSENT) -> list[tuple[str, Place]]:
    again = one if isinstance(two, Absent) else two
    return [
        (str(f.kind), f.place) for f in differing(one, new, again) if isinstance(f.place, tuple)
    ]


def leaves_of(document: Json, place: Place = ()) -> Iterator[Place]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from leaves_of(value, (*place, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from leaves_of(value, (*place, index))
    else:
        yield place


def changed(document: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    copy = document.copy()
    copy[place[0]] = changed(document[place[0]], place[1:], value)
    return copy


def at(document: Any, place: Place) -> Any:
    for part in place:
        document = document[part]
    return document


def shuffled(document: Any) -> Any:
    """Return the same document with its keys in another order."""
    if isinstance(document, dict):
        return {key: shuffled(document[key]) for key in reversed(document)}
    return [shuffled(one) for one in document] if isinstance(document, list) else document


@given(documents)
def test_equal_documents_never_differ(document: Json) -> None:
    assert found(document, shuffled(document)) == []


@given(documents, documents)
def test_one_that_is_as_the_monolith_s_first_or_second_answer_never_differs(
    one: Json, two: Json
) -> None:
    assert found(one, one, two) == []
    assert found(one, two, two) == []


@given(documents, leaves, st.data())
def test_a_changed_leaf_is_found_and_named(document: Json, value: Any, data: st.DataObject) -> None:
    places = list(leaves_of(document))
    assume(places)
    place = data.draw(st.sampled_from(places))
    before = at(document, place)
    assume((kind_of(value), value) != (kind_of(before), before))
    kind = "value" if kind_of(value) == kind_of(before) else "type"
    assert found(document, changed(document, place, value)) == [(kind, place)]


@given(documents, leaves, leaves, st.data())
def test_a_changed_leaf_that_wavers_at_the_monolith_is_noise(
    document: Json, value: Any, other: Any, data: st.DataObject
) -> None:
    places = list(leaves_of(document))
    assume(places)
    place = data.draw(st.sampled_from(places))
    before = at(document, place)
    assume((kind_of(other), other) != (kind_of(before), before))
    wavering = changed(document, place, other)
    assert found(document, changed(document, place, value), wavering) == []


@given(documents, documents, documents)
def test_every_difference_has_a_path_that_can_be_ignored(one: Json, new: Json, two: Json) -> None:
    for difference in differing(one, new, two):
        assert isinstance(difference.place, tuple)
        assert covers(parse(masking.grouped(difference.place)), difference.place)


CASES: dict[str, tuple[str, str, str | None, list[tuple[str, Place]]]] = {
    "a key less": ('{"a": 1, "b": 2}', '{"a": 1}', None, [("missing", ("b",))]),
    "a key more": ('{"a": 1}', '{"a": 1, "b": 2}', None, [("extra", ("b",))]),
    "a key that comes and goes": ('{"a": 1}', "{}", "{}", []),
    "a key that comes and goes the other way": ("{}", '{"a": 1}', '{"a": 1}', []),
    "a value that wavers and is lacking": ('{"a": 1}', "{}", '{"a": 2}', [("missing", ("a",))]),
    "null is not nothing": ('{"a": null}', "{}", None, [("missing", ("a",))]),
    "null is no text": ('{"a": null}', '{"a": ""}', None, [("type", ("a",))]),
    "one is not true": ("[1]", "[true]", None, [("type", (0,))]),
    "a number is no text": ("[1]", '["1"]', None, [("type", (0,))]),
    "a whole number is a number": ("[1, 2.50]", "[1.0, 2.5]", None, []),
    "pesos beyond what a float can tell apart": (
        "[9007199254740993]", "[9007199254740992.0]", None, [("value", (0,))],
    ),
    "cents that floats blur": ("[0.1]", "[0.10000000000000001]", None, [("value", (0,))]),
    "an item less says only that": ("[1, 2, 3]", "[2, 3]", None, [("length", ())]),
    "a length that wavers": ("[1, 2]", "[1]", "[1, 2, 3]", []),
    "what all have of a list that grows": ("[1, 2]", "[7, 2, 3]", "[1, 2, 3]", [("value", (0,))]),
    "a list in another order": ("[1, 2]", "[2, 1]", None, [("value", (0,)), ("value", (1,))]),
    "an object instead of a list": ("[]", "{}", None, [("type", ())]),
    "a thing that wavers between kinds": ('{"a": []}', '{"a": 7}', '{"a": {}}', []),
    "in the order of the text": (
        '{"a": {"b": 1, "c": 2}, "d": 3}', '{"a": {"b": 9, "c": 9}, "d": 9}', None,
        [("value", ("a", "b")), ("value", ("a", "c")), ("value", ("d",))],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_differences(case: str) -> None:
    texts = CASES[case]
    one, new, two = (read((text or texts[0]).encode()) for text in texts[:3])
    assert not isinstance(one, Absent)
    assert not isinstance(new, Absent)
    assert found(one, new, two) == texts[3]


NO_JSON = ["", "{", "NaN", "[Infinity]", '"\\ud800', "[" * 100_000, "1" * 10_000, "\xff"]


@pytest.mark.parametrize("text", NO_JSON, ids=lambda text: text[:10])
def test_what_is_no_json_is_not_read(text: str) -> None:
    assert isinstance(read(text.encode("latin-1")), Absent)


def test_a_document_is_compared_however_deep_it_can_be_read() -> None:
    deep = b"[" * 900 + b"%d" + b"]" * 900
    one, new = read(deep % 1), read(deep % 2)
    assert not isinstance(one, Absent)
    assert not isinstance(new, Absent)
    assert [len(difference.place) for difference in differing(one, new, one)] == [900]


@given(st.dictionaries(st.text(max_size=5), documents), st.data())
def test_what_is_ignored_is_not_found(document: dict[str, Json], data: st.DataObject) -> None:
    places = [place for place in leaves_of(document) if place]
    assume(places)
    place = data.draw(st.sampled_from(places))
    path = masking.grouped(place[: data.draw(st.integers(1, len(place)))])
    difference = Found("value", place, 1, 2)
    assert isinstance(difference.place, tuple)
    assert covers(parse(path), difference.place)


def test_numbers_are_exact() -> None:
    assert json.loads("0.1") == 0.1
    assert read(b"0.1") == Decimal("0.1")
