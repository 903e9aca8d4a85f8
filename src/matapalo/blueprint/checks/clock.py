"""Schedules as EventBridge writes them: rate(), cron() and at()."""

import re
from datetime import datetime

RATE = "rate(5 minutes), with minute, hour or day in the singular after 1"
CRON = "cron(minute hour day-of-month month day-of-week year), like cron(0 6 * * ? *)"
AT = "at(2030-01-31T06:00:00)"

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, tuple(_MONTHS)),
    ("day of the week", 1, 7, tuple(_DAYS)),
    ("year", 1970, 2199, ()),
)


def wrong_with(when: str) -> tuple[str, str]:
    """Return what is wrong with a schedule and what would be right; two empty texts if nothing is.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
    """
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", when.strip())
    if match is None:
        return f"`{when}` is no schedule", f"{RATE}; or {CRON}; or {AT}"
    kind, inside = match.groups()
    if kind == "rate":
        return _rate(inside)
    return _cron(inside) if kind == "cron" else _at(inside)


def _rate(inside: str) -> tuple[str, str]:
    match = re.fullmatch(r"([0-9]+) (minute|hour|day)(s?)", inside)
    if match is None or int(match[1]) == 0 or (int(match[1]) == 1) == bool(match[3]):
        return f"`rate({inside})` is no rate", RATE
    return "", ""


def _at(inside: str) -> tuple[str, str]:
    try:
        datetime.strptime(inside, "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return f"`at({inside})` is no time", AT
    return "", ""


def _cron(inside: str) -> tuple[str, str]:
    fields = inside.split()
    if len(fields) != len(_FIELDS):
        return f"six fields are needed, and there are {len(fields)}", CRON
    for text, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
        if not all(_fits(part, name, low, high, words) for part in text.split(",")):
            return f"`{text}` is no {name}", f"{low} to {high}, *, ranges (1-5) and steps (0/15)"
    if (fields[2] == "?") == (fields[4] == "?"):
        return "day of the month and day of the week: just one has to be ?", CRON
    return "", ""


def _fits(part: str, name: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    day = name.startswith("day")
    if part == "*" or (day and part in {"?", "L"}):
        return True
    if name == "day of the month" and re.fullmatch(r"LW|[0-9]{1,2}W", part):
        return True
    if name == "day of the week" and (match := re.fullmatch(r"(\w+)(#[1-5]|L)", part)):
        part = match[1]
    match = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/([0-9]+))?", part)
    if match is None:
        return False
    bounds = [_number(text, words) for text in match.groups()[:2] if text and text != "*"]
    return all(low <= bound <= high for bound in bounds) and match[3] != "0"


def _number(text: str, words: tuple[str, ...]) -> int:
    """Return a field's number, or -1 where it is none."""
    if text.upper() in words:
        return words.index(text.upper()) + 1
    return int(text) if text.isdigit() else -1
