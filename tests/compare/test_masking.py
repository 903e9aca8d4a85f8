"""Saying what differs without a value of it."""

import json
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Route
from matapalo.blueprint.jsonpath import Place
from matapalo.compare import masking
from matapalo.compare.answers import Body
from matapalo.compare.documents import Json
from matapalo.compare.found import ABSENT, Found
from matapalo.compare.report import Example
from tests.compare.test_documents import documents

SECRET = "Ximena Zúñiga 8291734650"
SECRET_NUMBER = 829173465012


def hide(document: Json) -> Json:
    """Put a secret in the place of every text and number."""
    if isinstance(document, dict):
        return {key: hide(value) for key, value in document.items()}
    if isinstance(document, list):
        return [hide(value) for value in document]
    if isinstance(document, str):
        return SECRET
    return document if document is None or isinstance(document, bool) else SECRET_NUMBER


@given(documents, documents)
def test_masking_shows_no_value(one: Json, new: Json) -> None:
    for kind in ("value", "type", "missing", "extra", "length", "body", "header"):
        found = Found(kind, ("a",), hide(one), hide(new))
        said = masking.example(found, "GET /a", show=False).model_dump_json()
        assert not re.search(r"Ximena|Zúñiga|829173", said)
        for side in masking.example(found, "GET /a", show=False).monolith.split():
            assert re.fullmatch(r"(text|list|object)\(\d+\)|number|boolean|null|nothing", side)


CASES = [
    ("ana@totumo.co", "text(13)", '"ana@totumo.co"'),
    (12, "number", "12"),
    (Decimal("12.50"), "number", "12.50"),
    (True, "boolean", "true"),
    (None, "null", "null"),
    (["é", Decimal(1)], "list(2)", '["é", 1.0]'),
    ({"a": 1}, "object(1)", '{"a": 1}'),
    (ABSENT, "nothing", "nothing"),
    ("\ud800!", "text(2)", '"?!"'),
    (Decimal("1e999999"), "number", "1E+999999"),
    (Body.of(b"<p>hello"), "body(8)", "body(8) <p>hello"),
    (Body(9, b"", None), "body(9)", "body(9) "),
]


@pytest.mark.parametrize(("value", "masked", "shown"), CASES, ids=lambda value: str(value)[:20])
def test_values(value: object, masked: str, shown: str) -> None:
    found = Found("value", ("a",), value, value)
    assert masking.example(found, "", show=False) == Example(
        asked="", place="$.a", monolith=masked, new=masked
    )
    assert masking.example(found, "", show=True).new == shown


def test_long_values_are_cut() -> None:
    found = Found("value", (), "x" * 1000, ["y" * 1000])
    said = masking.example(found, "", show=True)
    assert (len(said.monolith), len(said.new)) == (120, 120)


def test_what_tells_of_the_side_is_said() -> None:
    status = masking.example(Found("status", "", 200, 404), "", show=False)
    assert (status.monolith, status.new) == ("200", "404")
    late = masking.example(Found("timeout", "", 200, "no answer in 5 s"), "", show=False)
    assert late.new == "no answer in 5 s"
    media = Found("header", "content-type", "application/json; x=y", "text/html")
    said = masking.example(media, "", show=False)
    assert (said.monolith, said.new) == ("application/json", "text/html")
    odd = masking.example(Found("header", "content-type", "Ana Gómez", ABSENT), "", show=False)
    assert (odd.monolith, odd.new) == ("text(9)", "nothing")
    cookie = masking.example(Found("header", "set-cookie", "sid=1", "sid=2"), "", show=False)
    assert (cookie.monolith, cookie.new) == ("text(5)", "text(5)")


PLACES: list[tuple[Place, str, str]] = [
    ((), "$", "$"),
    (("items", 3, "at"), "$.items[3].at", "$.items[*].at"),
    (("by_day", "2024-03-01"), "$.by_day.*", "$.by_day.*"),
    (("people", "ana@totumo.co", "x"), "$.people.*.x", "$.people.*.x"),
    (("address1", "iso3166", "$ref"), "$.address1.*.*", "$.address1.*.*"),
    (("a.b", "", "c-d"), "$.*.*.c-d", "$.*.*.c-d"),
    (("3f0c9a52-7e1b-4f6d-9a61-0d3b5c7e8f90",), "$.*", "$.*"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "exact", "grouped"), PLACES, ids=str)
def test_places(place: Place, exact: str, grouped: str) -> None:
    assert masking.example(Found("value", place, 1, 2), "", show=False).place == exact
    assert masking.grouped(place) == grouped


REQUESTS = [
    ("/api/people", "GET /api/people"),
    ("/api/people/1020", "GET /api/people/*"),
    ("/api/people/1020/cards/7/", "GET /api/people/*/*/*"),
    ("/api/people?month=3&day=4&month=", "GET /api/people?day=&month="),
    ("/api/people?q&ana@totumo.co=1", "GET /api/people?*=&q="),
]


@pytest.mark.parametrize(("target", "said"), REQUESTS)
def test_requests(target: str, said: str) -> None:
    route = Route(path="/api/people")
    assert masking.request("GET", target, route, show=False) == said
    assert masking.request("GET", target, route, show=True) == f"GET {target}"


def test_a_request_of_the_route_of_everything() -> None:
    assert masking.request("GET", "/", Route(path="/"), show=False) == "GET /"
    assert masking.request("GET", "/a/b", Route(path="/"), show=False) == "GET /*/*"
    assert masking.request("GET", "/a/b", None, show=False) == "GET /*/*"


@given(st.text(), st.text())
def test_a_request_is_always_said_in_some_way(path: str, query: str) -> None:
    said = masking.request("GET", f"/{path}?{query}", None, show=False)
    assert re.fullmatch(r"GET /[*/]*(\?(\*|[A-Za-z_][\w-]*)=(&(\*|[A-Za-z_][\w-]*)=)*)?", said)
    json.dumps(said)
