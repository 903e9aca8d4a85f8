"""The event that a function gets is the one that API Gateway would make of the request."""

import base64
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Route
from matapalo.local.functions.event import Request, event_of

AT = datetime(2026, 3, 12, 19, 3, 58, tzinfo=UTC)
ROUTES = (
    Route(path="/api/limits", methods=("GET",)),
    Route(path="/api/limits/daily"),
    Route(path="/api/quotes", methods=("GET", "POST")),
)
names = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
values = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=",;"))


def event(method: str = "GET", path: str = "/api/limits", **parts: object) -> dict[str, object]:
    return event_of(Request(method, path, **parts), ROUTES, "id-1", AT)  # type: ignore[arg-type]


def test_a_request_becomes_the_documented_event() -> None:
    made = event(
        "POST",
        "/api/quotes/7",
        query="parameter1=value1&parameter1=value2&parameter2=value",
        headers=(
            ("Host", "id.example.com:8080"),
            ("Cookie", "cookie1=a; cookie2=b"),
            ("Header1", "value1"),
            ("Header1", "value2"),
            ("User-Agent", "agent"),
            ("X-Forwarded-For", "10.0.0.9, 192.0.2.1"),
            ("x-matapalo-user", "42"),
            ("Content-Type", "application/json"),
            ("Connection", "keep-alive"),
        ),
        body=b'{"a": 1}',
    )
    assert made == {
        "version": "2.0",
        "routeKey": "POST /api/quotes/{proxy+}",
        "rawPath": "/api/quotes/7",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1=a", "cookie2=b"],
        "headers": {
            "host": "id.example.com:8080",
            "header1": "value1,value2",
            "user-agent": "agent",
            "x-forwarded-for": "10.0.0.9, 192.0.2.1",
            "x-matapalo-user": "42",
            "content-type": "application/json",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value"},
        "pathParameters": {"proxy": "7"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": {"lambda": {"user": "42"}},
            "domainName": "id.example.com",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/api/quotes/7",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": "id-1",
            "routeKey": "POST /api/quotes/{proxy+}",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1773342238000,
        },
        "body": '{"a": 1}',
        "isBase64Encoded": False,
    }


def test_what_a_request_does_not_have_its_event_does_not_have() -> None:
    made = event()
    absent = {"body", "cookies", "queryStringParameters", "pathParameters"}
    assert not absent & made.keys()
    assert made["isBase64Encoded"] is False
    assert "authorizer" not in made["requestContext"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/api/limits", "GET /api/limits"),
        ("GET", "/api/limits/", "GET /api/limits"),
        ("GET", "/api/limits/x/y", "GET /api/limits/{proxy+}"),
        ("PUT", "/api/limits/daily", "ANY /api/limits/daily"),
        ("GET", "/api/limits/daily/1", "ANY /api/limits/daily/{proxy+}"),
        ("PUT", "/api/limits", "$default"),
        ("GET", "/api/limits-old", "$default"),
        ("GET", "/", "$default"),
    ],
)
def test_the_longest_route_that_takes_the_request_names_it(
    method: str, path: str, key: str
) -> None:
    assert event(method, path)["routeKey"] == key


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("text/csv", True),
        ("Application/XML", True),
        ("application/javascript", True),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("application/octet-stream", False),
        ("", False),
    ],
)
def test_a_body_is_text_only_for_the_kinds_that_the_gateway_knows(kind: str, text: bool) -> None:
    made = event("POST", headers=(("content-type", kind),) if kind else (), body=b"a=1")
    assert made["isBase64Encoded"] is not text
    assert made["body"] == ("a=1" if text else base64.b64encode(b"a=1").decode())


def test_a_path_arrives_decoded_except_for_the_percent_sign() -> None:
    made = event(path="/api/a%20b%2Fc%2525%C3%B1")
    assert made["rawPath"] == "/api/a b/c%2525ñ"


@given(segment=st.text(st.characters(exclude_characters="%", exclude_categories=["Cs"])))
def test_any_path_without_a_percent_sign_comes_through(segment: str) -> None:
    assert event(path=f"/p/{quote(segment, safe='')}")["rawPath"] == f"/p/{segment}"


@given(body=st.binary(min_size=1))
def test_any_body_can_be_had_back(body: bytes) -> None:
    made = event("POST", body=body)
    assert base64.b64decode(str(made["body"])) == body


@given(pairs=st.dictionaries(names, values, max_size=5))
def test_every_query_parameter_and_header_comes_through_once(pairs: dict[str, str]) -> None:
    made = event(query=urlencode(pairs), headers=tuple((f"X-{n}", v) for n, v in pairs.items()))
    assert made.get("queryStringParameters", {}) == pairs
    assert made["headers"] == {f"x-{name}": value for name, value in pairs.items()}


@given(first=values.filter(bool), second=values.filter(bool))
def test_cookies_of_several_headers_are_one_list(first: str, second: str) -> None:
    made = event(headers=(("cookie", f"a={first}"), ("cookie", f"b={second}")))
    assert made["cookies"] == [f"a={first}", f"b={second}"]
    assert "cookie" not in made["headers"]  # type: ignore[operator]
