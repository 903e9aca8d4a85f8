"""Errors over HTTP: what goes in comes out."""

import pytest

from matapalo import errors
from matapalo.console.fault import status, told, understood
from matapalo.errors import ConductorError, MatapaloError

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type)
    and issubclass(kind, MatapaloError)
    and not issubclass(kind, errors.BlueprintError)
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_back_as_what_it_was(kind: type[MatapaloError]) -> None:
    error = understood(told(kind("it broke", where="here", hint="mend it")))
    assert type(error) is kind
    assert str(error) == "here: it broke\n  mend it"


@pytest.mark.parametrize("kind", ["Surprise", "Path", "annotations", "", None, 3])
def test_a_kind_that_is_not_known_here_is_an_error_all_the_same(kind: object) -> None:
    error = understood({"error": {"kind": kind, "what": "it broke"}})
    assert type(error) is MatapaloError
    assert error.what == "it broke"


def test_who_cannot_lead_is_unavailable_and_who_is_refused_is_not() -> None:
    assert status(errors.LedgerSilent("x")) == status(errors.NotLeading("x")) == 503
    assert status(errors.GatesNotPassed("x")) == status(errors.MoveRefused("x")) == 409
    assert status(errors.ConfigRejected("x")) == status(errors.EdgeSilent("x")) == 502
    assert status(errors.UnknownSlice("x")) == 404
    assert status(ConductorError("x")) == 500
