"""JSON paths, as people write them."""

import pytest

from matapalo.blueprint.jsonpath import Place, covers, parse

COVERED: list[tuple[str, Place, bool]] = [
    ("$", (), True),
    ("$", ("a",), True),
    ("$.a", ("a",), True),
    ("$.a", ("a", 3, "b"), True),
    ("$.a", ("b",), False),
    ("$.a", (), False),
    ("$.a.b", ("a",), False),
    ("$.items[*].at", ("items", 7, "at"), True),
    ("$.items[*].at", ("items", "x", "at"), False),
    ("$.items[3]", ("items", 3), True),
    ("$.items[3]", ("items", 30), False),
    ("$[0][1]", (0, 1), True),
    ("$.*", ("any thing",), True),
    ("$.*", (0,), False),
    ("$..at", ("at",), True),
    ("$..at", ("a", 1, "b", "at", "c"), True),
    ("$..at", ("a", "bat"), False),
    ("$.a..b.c", ("a", "b", "x", "b", "c"), True),
    ("$.a..b.c", ("b", "c"), False),
    ("$..b..b", ("b", "b"), True),
    ("$..b..b", ("b",), False),
    ("$['odd name'].x", ("odd name", "x"), True),
    ('$["a.b"][*]', ("a.b", 0), True),
    ("$.año.$ref.@type.x-1", ("año", "$ref", "@type", "x-1"), True),
]  # fmt: skip


@pytest.mark.parametrize(("path", "place", "so"), COVERED)
def test_a_path_names_a_place_and_all_that_is_inside(path: str, place: Place, so: bool) -> None:
    assert covers(parse(path), place) is so


WRONG = {
    "": "begins with $",
    "a.b": "begins with $",
    "$a": "`a` is no step",
    "$.": "`.` is no step",
    "$.a.": "`.` is no step",
    "$..": "`..` is no step",
    "$...a": "`...a` is no step",
    "$[": "`[` is no step",
    "$[]": "`[]` is no step",
    "$[-1]": "`[-1]` is no step",
    "$[1:2]": "`[1:2]` is no step",
    "$.a[?(@.b)]": "`[?(@.b)]` is no step",
    "$['a]": "`['a]` is no step",
    "$.a b": "` b` is no step",
    "$.items[x]": "`[x]` is no step",
}


@pytest.mark.parametrize("path", WRONG)
def test_what_is_no_path_is_refused_with_the_place(path: str) -> None:
    with pytest.raises(ValueError, match=r"JSON path") as caught:
        parse(path)
    assert WRONG[path] in str(caught.value)
