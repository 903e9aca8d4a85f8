"""Errors on their way over HTTP, and back into the error that they were."""

from typing import Any

from matapalo import errors
from matapalo.errors import MatapaloError

_STATUS: dict[type[MatapaloError], int] = {
    errors.RequestRefused: 400,
    errors.UnknownSlice: 404,
    errors.MoveRefused: 409,
    errors.ConductorBusy: 409,
    errors.GatesNotPassed: 409,
    errors.SwitchUnready: 409,
    errors.PreflightFailed: 409,
    errors.EdgeError: 502,
    errors.NotLeading: 503,
    errors.LedgerSilent: 503,
}


def status(error: MatapaloError) -> int:
    """Return the HTTP status that fits an error."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def told(error: MatapaloError) -> dict[str, Any]:
    """Return an error as JSON takes it."""
    return {
        "error": {
            "kind": type(error).__name__,
            "what": error.what,
            "where": error.where,
            "hint": error.hint,
        }
    }


def understood(answer: dict[str, Any]) -> MatapaloError:
    """Return the error that an answer tells of, as what it was where that is known here."""
    told = answer["error"]
    kind = getattr(errors, str(told.get("kind")), MatapaloError)
    if not (isinstance(kind, type) and issubclass(kind, MatapaloError)):
        kind = MatapaloError
    return kind(
        str(told.get("what", "the conductor refused")),
        where=str(told.get("where", "")),
        hint=str(told.get("hint", "")),
    )
