"""Logs as they are read: the last lines of many, in the order of time, and what comes after."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matapalo.local.logs.writing import aside, times_of

CHUNK = 64 * 1024


@dataclass(frozen=True, order=True)
class Line:
    """A line of a log."""

    at: float
    """When it had been written, in seconds since 1970, at the latest."""
    name: str
    """The log's name, which is its process's."""
    place: int
    """Where it stands in its log; keeps lines of one time in their order."""
    text: str


class Reader:
    """Reads on from where it stopped, in every log that it was given."""

    def __init__(self, logs: Iterable[Path]) -> None:
        self._places = dict.fromkeys(logs, 0)

    def last(self, count: int) -> list[Line]:
        """Return the last lines of all logs together, and read on from behind them."""
        lines: list[Line] = []
        for log in self._places:
            self._places[log] = _size(log)
            lines += last_lines(log, count, self._places[log])
        return sorted(lines)[-count:] if count else []

    def more(self) -> list[Line]:
        """Return the lines that were completed since."""
        return sorted(line for log in self._places for line in self._more(log))

    def _more(self, log: Path) -> Iterator[Line]:
        size = _size(log)
        if size < self._places[log]:
            self._places[log] = 0  # it was put aside
        if size == self._places[log]:
            return
        with log.open("rb") as file:
            file.seek(self._places[log])
            whole, _, _ = file.read().rpartition(b"\n")
        if whole:
            yield from _lines(log, self._places[log], whole + b"\n")
            self._places[log] += len(whole) + 1


def last_lines(log: Path, count: int, end: int | None = None) -> list[Line]:
    """Return the last lines of one log before `end`; those put aside too, if it takes them."""
    lines = _last_of_file(log, log, count, _size(log) if end is None else end)
    if (missing := count - len(lines)) > 0:
        lines = _last_of_file(aside(log), log, missing, _size(aside(log))) + lines
    return lines


def _last_of_file(part: Path, log: Path, count: int, end: int) -> list[Line]:
    if not count or not end:
        return []
    with part.open("rb") as file:
        start, data = end, b""
        while start > 0 and data.count(b"\n") <= count:
            step = min(CHUNK, start)
            start -= step
            file.seek(start)
            data = file.read(step) + data
    return list(_lines(log, start, data, part))[-count:]


def _lines(log: Path, offset: int, data: bytes, part: Path | None = None) -> Iterator[Line]:
    notes = _notes(log, put_aside=part is not None and part != log)
    name = log.name.removesuffix(".log").replace(".", "/")
    for raw in data.splitlines(keepends=True):
        at = _time_of(notes, offset, part or log)
        yield Line(at, name, offset, raw.decode(errors="replace").rstrip("\r\n"))
        offset += len(raw)


def _notes(log: Path, *, put_aside: bool) -> list[tuple[int, float]]:
    times = times_of(log)
    try:
        text = (aside(times) if put_aside else times).read_text()
    except FileNotFoundError:
        return []
    pairs = (line.split() for line in text.splitlines())
    return [(int(offset), float(ms) / 1000) for offset, ms in pairs]


def _time_of(notes: list[tuple[int, float]], offset: int, part: Path) -> float:
    """Return the first noted time at which the log reached beyond an offset."""
    index = bisect_left(notes, (offset + 1, 0.0))
    return notes[index][1] if index < len(notes) else part.stat().st_mtime


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
