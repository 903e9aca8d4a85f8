"""What a comparison finds: one difference between two answers, with its values."""

from dataclasses import dataclass

from matapalo.blueprint.jsonpath import Place
from matapalo.compare.report import Kind


class Absent:
    """The value of what is not there."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. `place` is where in a JSON body, or a header's name, or nothing."""

    kind: Kind
    place: Place | str
    monolith: object
    new: object
