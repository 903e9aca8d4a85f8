"""Comparing answers: status, headers, bodies."""

import json
from typing import Any

import pytest

from matapalo.blueprint.jsonpath import parse
from matapalo.compare.answers import Answer, Body, Measure, compare


def answer(value: Any, status: int = 200, **headers: str) -> Answer:
    given = {name.replace("_", "-"): text for name, text in headers.items()}
    content = json.dumps(value).encode()
    return Answer(status, {"content-type": "application/json", **given}, Body.of(content))


def text(content: bytes, kind: str = "text/html") -> Answer:
    return Answer(200, {"content-type": kind}, Body.of(content))


def found(one: Answer, new: Answer, two: Answer | None = None, **measure: Any) -> list[str]:
    differences = compare(one, new, two or one, Measure(**measure))
    return [f"{difference.kind} {difference.place}".strip() for difference in differences]


def test_another_status_is_the_only_difference() -> None:
    assert found(answer({"a": 1}), answer({"error": "x"}, 500, content_type="text/x")) == ["status"]


def test_only_chosen_headers_are_compared_whatever_their_case() -> None:
    one, new = answer(1, etag="1", x_page="7", date="1"), answer(1, etag="2", x_page="8", date="2")
    assert found(one, new) == []
    assert found(one, new, headers=("X-Page", "etag")) == ["header x-page", "header etag"]
    assert found(one, answer(1), headers=("x-page",)) == ["header x-page"]
    assert found(answer(1), new, headers=("x-page",)) == ["header x-page"]


def test_a_header_that_wavers_is_noise() -> None:
    one, two = answer(1, x_page="7"), answer(1, x_page="8")
    assert found(one, answer(1, x_page="9"), two, headers=("x-page",)) == []


SAME = [
    ("application/json", "application/json; charset=utf-8"),
    ("application/problem+json", "Application/Problem+JSON;charset=UTF-8"),
    ("text/html; charset=utf-8", 'text/html;charset="UTF-8"'),
]
OTHER = [
    ("application/json", "text/json"),
    ("text/html", "text/html; charset=utf-8"),
    ("text/html; charset=utf-8", "text/html; charset=latin-1"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_media_type_may_be_written_in_other_ways(one: str, other: str) -> None:
    assert found(answer(1, content_type=one), answer(1, content_type=other)) == []


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_media_type_is_a_difference(one: str, other: str) -> None:
    assert found(answer(1, content_type=one), answer(1, content_type=other)) == [
        "header content-type"
    ]


def test_json_is_compared_by_what_it_says_and_not_by_how_it_is_written() -> None:
    new = Answer(200, answer(1).headers, Body.of(b' {"b": [1.0],\n"a": "\\u00e9"}'))
    assert found(answer({"a": "é", "b": [1]}), new) == []


def test_a_body_that_should_be_json_and_is_none_differs_as_a_whole() -> None:
    assert found(answer({"a": 1}), Answer(200, answer(1).headers, Body.of(b"oops"))) == ["body ()"]


def test_json_under_another_name_is_compared_by_place_too() -> None:
    new = text(b'{"a": 2}', "text/plain")
    assert found(answer({"a": 1}), new) == ["header content-type", "value ('a',)"]


def test_anything_else_is_compared_as_a_whole() -> None:
    assert found(text(b"<p>"), text(b"<p>")) == []
    assert found(text(b"<p>"), text(b"<p> ")) == ["body ()"]
    assert found(text(b"<p>"), text(b"<q>"), text(b"<r>")) == []


def test_what_may_differ_is_left_out_with_all_that_is_inside_of_it() -> None:
    one, new = answer({"a": {"b": 1}, "c": 1}), answer({"a": {"b": 2, "d": 3}, "c": 2})
    assert found(one, new, ignore=[parse("$.a")]) == ["value ('c',)"]
    assert found(one, new, ignore=[parse("$..b"), parse("$.c")]) == ["extra ('a', 'd')"]
    assert found(one, new, ignore=[parse("$")]) == []
    assert found(text(b"1"), text(b"2"), ignore=[parse("$")]) == []


def test_a_large_body_is_the_same_or_not() -> None:
    def large(content: bytes) -> Answer:
        whole = Body.of(content)
        return Answer(200, answer(1).headers, Body(whole.size, whole.digest, None))

    assert found(large(b"[1]"), large(b"[1]")) == []
    assert found(large(b"[1]"), answer([2])) == ["body ()"]
    assert found(large(b"[1]"), answer([2]), large(b"[3]")) == []
