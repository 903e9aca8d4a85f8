"""A gate's answer: pass, fail, or too little to judge by."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a gate says."""

    PASS = "pass"  # noqa: S105 - an answer, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Verdict:
    """One gate's answer, with what it measured and what it allows."""

    name: str
    outcome: Outcome
    why: str
    value: float | None = None
    bound: float | None = None


def bounded(name: str, value: float | None, bound: float, text: str) -> Verdict:
    """Return the verdict on a value that may not exceed a bound; `text` says both."""
    if value is None:
        return Verdict(name, Outcome.INCONCLUSIVE, "nothing was measured", None, bound)
    outcome = Outcome.PASS if value <= bound else Outcome.FAIL
    return Verdict(name, outcome, text.format(value, bound), value, bound)


def passed(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether every gate passed."""
    return all(verdict.outcome is Outcome.PASS for verdict in verdicts)


def failed(verdicts: tuple[Verdict, ...]) -> bool:
    """Whether any gate failed: waiting for more evidence is of no use."""
    return any(verdict.outcome is Outcome.FAIL for verdict in verdicts)
