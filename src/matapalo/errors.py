"""What can go wrong, in one tree.

    MatapaloError               a sentence for a person; the command line exits with 1
    ├── BlueprintError          the blueprint is wrong: every problem, each with its place
    ├── EdgeError
    │   ├── ConfigRejected      Envoy refused a configuration and keeps the one before
    │   └── EdgeSilent          Envoy or an edge does not answer
    ├── LocalError
    │   ├── AlreadyUp           another `up` holds this folder
    │   ├── NotUp               nothing runs from this folder
    │   ├── PortTaken           a port that the blueprint names is in use
    │   ├── StartFailed         a process did not become healthy
    │   └── FolderUnusable      the state folder cannot be written
    ├── ConductorError
    │   ├── UnknownSlice        no slice of that name
    │   ├── MoveRefused         a stage that cannot be reached from here
    │   ├── GatesNotPassed      a gate failed, or has too little to judge by
    │   ├── ConductorBusy       another move is at work
    │   ├── NotLeading          another conductor leads, or this one does not yet
    │   ├── SwitchUnready       writes cannot change owner now; nothing has changed
    │   ├── LedgerSilent        the ledger's database does not answer
    │   ├── RequestRefused      the conductor was asked in a way that it does not take
    │   └── ConductorSilent     the conductor does not answer
    ├── CloudError              something about what is rendered for AWS
    │   └── FilesEdited         files that a person wrote or edited are where a render writes
    └── StreamError
        ├── DatabaseSilent      a source or a target does not answer
        ├── DatabaseRefused     a source or a target says no: a right, a setting, a statement
        ├── PreflightFailed     something would hurt later, and nothing was touched
        ├── MappingWrong        a mapping does not fit the tables of both sides
        ├── NotInvertible       a mapping cannot be undone, so no stream can run in reverse
        ├── LoadFailed          a full load ended before its end
        ├── SlotLost            the source has thrown away what a stream had yet to read
        ├── StreamBusy          another process is at work on this stream
        ├── UnknownStream       no stream of that name
        ├── ShapeChanged        a followed table has changed, and the target does not fit it
        ├── GuardBlocked        writers do not end, so that tables can be closed to others
        ├── CannotPin           no common moment of both sides to compare at
        └── TableRewritten      a table was emptied or rewritten under a snapshot of it

Every error says what happened, where, and what to do about it.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class MatapaloError(Exception):
    """Something a person can act upon.

    `what` is one sentence; `where` a file:line:column, a path in the blueprint, a process or a
    slice; `hint` what to do.
    """

    def __init__(self, what: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  {self.hint}" if self.hint else text


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A point in a text file; lines and columns count from 1, and 0 means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a blueprint, or (a warning) that deserves a second look.

    `path` is where it is in the blueprint (`slices.statements.routes[0].path`), `what` what is
    wrong, `hint` what would be right.
    """

    place: Place
    path: str
    what: str
    hint: str = ""
    warning: bool = False

    def __str__(self) -> str:
        where = f"{self.place}: {self.path}" if self.path else str(self.place)
        text = f"{where}: {self.what}"
        return f"{text}\n  {self.hint}" if self.hint else text


class BlueprintError(MatapaloError):
    """The blueprint is wrong. `problems` holds every error in it, in the order of the text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        super().__init__(f"the blueprint has {count} {'error' if count == 1 else 'errors'}")
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.what, *map(str, self.problems)])


class EdgeError(MatapaloError):
    """Something at the door."""


class ConfigRejected(EdgeError):
    """Envoy refused a configuration; the one before stays in force."""


class EdgeSilent(EdgeError):
    """Envoy or an edge does not answer."""


class LocalError(MatapaloError):
    """Something on this machine."""


class AlreadyUp(LocalError):
    """Another `up` holds this folder."""


class NotUp(LocalError):
    """Nothing runs from this folder."""


class PortTaken(LocalError):
    """A port that the blueprint names is in use."""


class StartFailed(LocalError):
    """A process did not become healthy."""


class FolderUnusable(LocalError):
    """The state folder cannot be written."""


class ConductorError(MatapaloError):
    """Something about a slice or its way."""


class UnknownSlice(ConductorError):
    """No slice of that name."""


class MoveRefused(ConductorError):
    """A stage that cannot be reached from here."""


class GatesNotPassed(ConductorError):
    """A gate failed, or has too little to judge by."""


class ConductorBusy(ConductorError):
    """Another move is at work."""


class NotLeading(ConductorError):
    """Another conductor leads, or this one does not yet."""


class SwitchUnready(ConductorError):
    """Writes cannot change owner now. Who had them has them still."""


class LedgerSilent(ConductorError):
    """The ledger's database does not answer."""


class RequestRefused(ConductorError):
    """The conductor was asked in a way that it does not take."""


class ConductorSilent(ConductorError):
    """The conductor does not answer."""


class CloudError(MatapaloError):
    """Something about what is rendered for AWS."""


class FilesEdited(CloudError):
    """Files that a person wrote or edited are where a render would write. Nothing is written."""


class StreamError(MatapaloError):
    """Something about rows on their way from one database to another."""


class DatabaseSilent(StreamError):
    """A source or a target does not answer."""


class DatabaseRefused(StreamError):
    """A source or a target says no: a right, a setting, a statement."""


class PreflightFailed(StreamError):
    """Something would hurt later; it was found before anything was touched."""


class MappingWrong(StreamError):
    """A mapping does not fit the tables of both sides."""


class NotInvertible(StreamError):
    """A mapping cannot be undone, so no stream can run in reverse."""


class LoadFailed(StreamError):
    """A full load ended before its end; it goes on where it was when it is started again."""


class SlotLost(StreamError):
    """The source has thrown away what a stream had yet to read: only a new load helps."""


class StreamBusy(StreamError):
    """Another process is at work on this stream."""


class UnknownStream(StreamError):
    """No stream of that name."""


class ShapeChanged(StreamError):
    """A followed table has changed, and the target does not fit it."""


class GuardBlocked(StreamError):
    """Transactions that have written do not end, so that tables cannot be closed to others."""


class CannotPin(StreamError):
    """No common moment of both sides can be had to compare them at."""


class TableRewritten(StreamError):
    """A table was emptied or rewritten while it was read, and an old snapshot sees none of it."""
