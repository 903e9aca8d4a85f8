"""From what a function returned to an HTTP answer, by the rules of payload 2.0.

An object with a `statusCode` is an answer. Any other JSON is the body of a 200. What breaks the
rules is the gateway's own 500, as is an error of the function's.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matapalo.local.functions.event import HOP_BY_HOP
from matapalo.local.functions.outcome import Kind, Outcome

Headers = tuple[tuple[str, str], ...]
JSON: Headers = (("content-type", "application/json"),)
PLAIN = "text/plain; charset=utf-8"
NO_BODY = {204, 304}
STATUSES = range(200, 600)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Headers = ()
    body: bytes = b""


class Malformed(ValueError):
    """What the function returned is no answer."""


def _own(status: int, message: str) -> Answer:
    return Answer(status, JSON, json.dumps({"message": message}).encode())


OWN_ANSWERS = {
    Kind.ERROR: _own(500, "Internal Server Error"),
    Kind.EXITED: _own(502, "Bad Gateway"),
    Kind.TIMEOUT: _own(504, "Endpoint request timed out"),
    Kind.THROTTLED: _own(429, "Too Many Requests"),
    Kind.TOO_LARGE: _own(413, "Request Entity Too Large"),
}


def answer_of(outcome: Outcome) -> Answer:
    """Return the answer for what came of an invocation."""
    if outcome.kind in OWN_ANSWERS:
        return OWN_ANSWERS[outcome.kind]
    try:
        result = json.loads(outcome.payload)
        if isinstance(result, dict) and "statusCode" in result:
            return _written(result)
    except ValueError:  # Malformed is one
        return OWN_ANSWERS[Kind.ERROR]
    text = result.encode() if isinstance(result, str) else outcome.payload
    return Answer(200, JSON, text)


def _written(result: dict[str, Any]) -> Answer:
    status = _status(result["statusCode"])
    headers = tuple(_headers(result.get("headers") or {}))
    cookies = tuple(_cookies(result.get("cookies") or []))
    if not any(name == "content-type" for name, _ in headers):
        headers += (("content-type", PLAIN),)
    body = b"" if status in NO_BODY else _body(result)
    return Answer(status, (*cookies, *headers), body)


def _status(status: object) -> int:
    if isinstance(status, str) and re.fullmatch("[0-9]{3}", status):
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int) or status not in STATUSES:
        raise Malformed(f"statusCode {status!r}")
    return status


def _headers(headers: object) -> Iterator[tuple[str, str]]:
    if not isinstance(headers, dict):
        raise Malformed("headers are an object")
    for name, value in headers.items():
        if isinstance(value, dict | list) or value is None:
            raise Malformed(f"header {name}")
        text = json.dumps(value) if isinstance(value, bool | int | float) else value
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name) or re.search(r"[\r\n\0]", text):
            raise Malformed(f"header {name}")
        if name.lower() not in HOP_BY_HOP | {"content-length"}:
            yield name.lower(), text


def _cookies(cookies: object) -> Iterator[tuple[str, str]]:
    if not isinstance(cookies, list):
        raise Malformed("cookies are a list")
    for cookie in cookies:
        if not isinstance(cookie, str) or re.search(r"[\r\n\0]", cookie):
            raise Malformed("a cookie is a text")
        yield "set-cookie", cookie


def _body(result: dict[str, Any]) -> bytes:
    body = result.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise Malformed("body is a text")
    if not result.get("isBase64Encoded"):
        return body.encode()
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        raise Malformed("body is not base64") from None
