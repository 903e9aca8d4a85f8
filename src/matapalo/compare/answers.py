"""Whether one answer is as another: status, chosen headers, body.

    status differs      ─▶ that, and nothing else: an error's body has another shape
    headers, body       ─▶ each difference; JSON by place, anything else as a whole

What the monolith answers differently from one time to the next is not looked at.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from matapalo.blueprint.jsonpath import JsonPath, covers
from matapalo.compare.documents import Json, differing, read
from matapalo.compare.found import ABSENT, Absent, Found

_JSON = re.compile(r"application/(.+\+)?json")


@dataclass(frozen=True, slots=True)
class Body:
    """A body: all of it, or only what tells it from others where it is large."""

    size: int = 0
    digest: bytes = hashlib.sha256().digest()
    content: bytes | None = b""

    @classmethod
    def of(cls, content: bytes) -> "Body":
        """Return a body that is known whole."""
        return cls(len(content), hashlib.sha256(content).digest(), content)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = Body()


@dataclass(frozen=True, slots=True)
class Measure:
    """What is compared: these headers, and all of a JSON body but what may differ."""

    headers: Sequence[str] = ("content-type",)
    ignore: Sequence[JsonPath] = ()


def compare(one: Answer, new: Answer, two: Answer, measure: Measure) -> Iterator[Found]:
    """Yield what differs in the new side's answer from what both of the monolith's say.

    The monolith's answers have the same status.
    """
    if new.status != one.status:
        yield Found("status", "", one.status, new.status)
        return
    yield from _headers(one, new, two, measure.headers)
    yield from _without(_bodies(one, new, two), measure.ignore)


def _headers(one: Answer, new: Answer, two: Answer, names: Iterable[str]) -> Iterator[Found]:
    for name in (name.lower() for name in names):
        values = [answer.headers.get(name) for answer in (one, new, two)]
        said, instead, again = (_meaning(name, value) for value in values)
        if said == again and said != instead:
            yield Found("header", name, *(ABSENT if v is None else v for v in values[:2]))


def _meaning(name: str, value: str | None) -> object:
    """A media type is the same in capitals, and JSON is UTF-8 whether or not it says so."""
    if name != "content-type" or value is None:
        return value
    media, *given = (part.strip().lower() for part in value.split(";"))
    parameters = {part.replace('"', "").replace(" ", "") for part in given if part}
    if _JSON.fullmatch(media):
        parameters.discard("charset=utf-8")
    return media, frozenset(parameters)


def media_type(answer: Answer) -> str:
    """Return an answer's media type without its parameters, in lower case."""
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower()


def _bodies(one: Answer, new: Answer, two: Answer) -> Iterator[Found]:
    if one.body.digest == two.body.digest == new.body.digest:
        return
    said, again = _document(one, one), _document(two, one)
    if isinstance(said, Absent) or isinstance(again, Absent):
        if one.body.digest == two.body.digest:
            yield Found("body", (), one.body, new.body)
        return
    instead = _document(new, one)
    if isinstance(instead, Absent):
        yield Found("body", (), one.body, new.body)
    else:
        yield from differing(said, instead, again)


def _document(answer: Answer, monolith: Answer) -> Json | Absent:
    """Return the document in a body where the monolith speaks of JSON."""
    content = answer.body.content
    if content is None or not _JSON.fullmatch(media_type(monolith)):
        return ABSENT
    return read(content)


def _without(found: Iterable[Found], ignore: Sequence[JsonPath]) -> Iterator[Found]:
    for one in found:
        place = one.place
        if isinstance(place, str) or not any(covers(path, place) for path in ignore):
            yield one
