"""What a function returns becomes the answer that API Gateway would give."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.local.functions import Kind, Outcome
from matapalo.local.functions.answer import Answer, answer_of

JSON = (("content-type", "application/json"),)
PLAIN = (("content-type", "text/plain; charset=utf-8"),)
ERROR = Answer(500, JSON, b'{"message": "Internal Server Error"}')


def answer(result: Any) -> Answer:
    return answer_of(Outcome(Kind.DONE, json.dumps(result).encode()))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"message": "hola"}, Answer(200, JSON, b'{"message": "hola"}')),
        ("hola", Answer(200, JSON, b"hola")),
        ([1, 2], Answer(200, JSON, b"[1, 2]")),
        (None, Answer(200, JSON, b"null")),
        ({"body": "no status"}, Answer(200, JSON, b'{"body": "no status"}')),
        ({"statusCode": 200}, Answer(200, PLAIN)),
        ({"statusCode": "201", "body": "x"}, Answer(201, PLAIN, b"x")),
        ({"statusCode": 204, "body": "x"}, Answer(204, PLAIN)),
        ({"statusCode": 200, "body": None, "headers": None, "cookies": None}, Answer(200, PLAIN)),
        (
            {"statusCode": 200, "headers": {"Content-Type": "text/html", "X-N": 7, "X-B": True}},
            Answer(200, (("content-type", "text/html"), ("x-n", "7"), ("x-b", "true"))),
        ),
        (
            {"statusCode": 200, "headers": {"Content-Length": "99", "Connection": "close"}},
            Answer(200, PLAIN),
        ),
        (
            {"statusCode": 302, "cookies": ["a=1; Secure", "b=2"], "headers": {"location": "/"}},
            Answer(
                302,
                (("set-cookie", "a=1; Secure"), ("set-cookie", "b=2"), ("location", "/"), *PLAIN),
            ),
        ),
    ],
)
def test_a_result_is_answered_by_the_rules_of_payload_2(result: Any, expected: Answer) -> None:
    assert answer(result) == expected


@pytest.mark.parametrize(
    "result",
    [
        {"statusCode": "ok"},
        {"statusCode": 99},
        {"statusCode": 600},
        {"statusCode": True},
        {"statusCode": None},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "%%", "isBase64Encoded": True},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": ["b"]}},
        {"statusCode": 200, "headers": {"a": "b\r\nset-cookie: c"}},
        {"statusCode": 200, "headers": {"a b": "c"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "cookies": ["a=1\nb"]},
    ],
)
def test_a_result_that_breaks_the_rules_is_the_gateways_own_error(result: Any) -> None:
    assert answer(result) == ERROR


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (Kind.ERROR, 500),
        (Kind.EXITED, 502),
        (Kind.TIMEOUT, 504),
        (Kind.THROTTLED, 429),
        (Kind.TOO_LARGE, 413),
    ],
)
def test_what_went_wrong_inside_is_not_told_outside(kind: Kind, status: int) -> None:
    said = answer_of(Outcome(kind, b'{"errorMessage": "the password is 1234"}'))
    assert said.status == status
    assert b"1234" not in said.body


@given(body=st.binary())
def test_any_binary_body_comes_through(body: bytes) -> None:
    encoded = base64.b64encode(body).decode()
    assert answer({"statusCode": 200, "body": encoded, "isBase64Encoded": True}).body == body


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_body_comes_through(text: str) -> None:
    assert answer({"statusCode": 200, "body": text}).body == text.encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(result=json_values, status=st.integers())
def test_no_result_whatever_breaks_the_gateway(result: Any, status: int) -> None:
    for shaped in (
        result,
        {"statusCode": status, "body": result},
        {"statusCode": 200, "headers": result},
        {"statusCode": 200, "cookies": result},
    ):
        said = answer(shaped)
        assert 200 <= said.status <= 599
        assert all("\n" not in value for _, value in said.headers)
