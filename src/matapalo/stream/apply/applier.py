"""The applier: parcels in, transactions of the target out."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from types import TracebackType
from typing import Self

from psycopg import errors

from matapalo.stream import progress
from matapalo.stream.apply import conflict, statements
from matapalo.stream.apply.careful import carefully
from matapalo.stream.apply.inlet import Inlet
from matapalo.stream.apply.parcel import Item, Parcel
from matapalo.stream.apply.quick import Task, quickly
from matapalo.stream.apply.session import Session, check_triggers
from matapalo.stream.database import Connection, answers
from matapalo.stream.lsn import Lsn
from matapalo.stream.mapping import Flow, Outside, Part
from matapalo.stream.names import Stream
from matapalo.stream.pgoutput import Commit, Mark, Relation
from matapalo.stream.wire.status import seconds

Hear = Callable[[Connection, Mark], None]
"""What is done about a logical message, in the transaction of the rows around it."""


@dataclass(frozen=True, order=True, slots=True)
class Applied:
    """What was committed on the target, last."""

    position: Lsn
    commit_at: float = 0
    """When it was committed on the source, in seconds since 1970; 0 if nothing was."""
    at: float = 0
    transactions: int = 0
    rows: int = 0
    conflicts: int = 0
    careful: int = 0
    """How often the careful way was needed."""


class Applier:
    """Applies one stream to one target, in order, one session at a time.

    After any error it is of no more use: make another, and read the log again from `position`.
    """

    def __init__(
        self,
        url: str,
        stream: Stream,
        *,
        binary: bool = True,
        hear: Mapping[str, Hear] | None = None,
    ) -> None:
        """Connect, and read how far the stream has come.

        Raises UnknownStream, StreamBusy, DatabaseSilent, DatabaseRefused.
        """
        self._session = Session(url, stream)
        self._connection = self._session.connection
        self._stream = stream
        self._binary = binary
        self._hear = {progress.FENCE: self._receipt, **(hear or {})}
        self._inlets: dict[Relation, tuple[Inlet, ...]] = {}
        self._number = 0
        self._open = False
        self._rows = 0
        try:
            with answers(self._connection):
                progress.install(self._connection)
                conflict.install(self._connection)
                self.applied = Applied(progress.read(self._connection, stream).position)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session; an open transaction is rolled back."""
        self._session.close()

    def apply(self, parcel: Parcel) -> Applied:
        """Apply a parcel. Then every transaction that it ends is on the target's disk.

        Raises DatabaseSilent, DatabaseRefused, StreamBusy.
        """
        with answers(self._connection):
            self._prepare(parcel)
            for items in parcel.lists:
                self._take(items)
            self._rows += parcel.rows
            if not parcel.open:
                self._commit(parcel.commits, parcel.marks)
        return self.applied

    def note(self, position: Lsn) -> Applied:
        """Write down a position that was reached without a row, so that others see it."""
        with answers(self._connection), self._connection.transaction():
            self._session.stamp()
            self._advance((), position)
        return self.applied

    def _prepare(self, parcel: Parcel) -> None:
        """Make inlets before a transaction is opened: types made in it could vanish."""
        for item in chain.from_iterable(parcel.lists):
            if item.net.relation not in self._inlets:
                self._inlets[item.net.relation] = tuple(map(self._inlet, item.flows))

    def _inlet(self, flow: Flow) -> Inlet:
        name = flow.target.name
        row = self._connection.execute(
            "SELECT to_regclass(format('%%I.%%I', %s::text, %s::text))::oid::int8",
            [name.schema, name.table],
        ).fetchone()
        check_triggers(self._session, row or ())
        self._number += 1
        return Inlet(self._connection, flow, self._number, binary=self._binary)

    def _take(self, items: Sequence[Item]) -> None:
        """Apply what one list says: quickly, or else carefully."""
        first = not self._open
        self._begin()
        if not first:
            self._connection.execute("SAVEPOINT matapalo_net")
        tasks = [(inlet, item.net) for item in items for inlet in self._inlets[item.net.relation]]
        self._empty(tasks)
        if not quickly(self._connection, tasks):
            self._undo(whole=first)
            self._empty(tasks)
            self._carefully(tasks)
        if not first:
            self._connection.execute("RELEASE SAVEPOINT matapalo_net")

    def _undo(self, *, whole: bool) -> None:
        if not whole:
            self._connection.execute("ROLLBACK TO SAVEPOINT matapalo_net")
            return
        self._connection.execute("ROLLBACK")
        self._open = False
        self._begin()

    def _carefully(self, tasks: Iterable[Task]) -> None:
        found = 0
        for inlet, net in tasks:
            for one in carefully(self._connection, inlet, net):
                inlet.record(self._stream, self.applied.position, one)
                found += len(one.rows) + len(one.keys)
        self.applied = replace(
            self.applied,
            conflicts=self.applied.conflicts + found,
            careful=self.applied.careful + 1,
        )

    def _begin(self) -> None:
        if not self._open:
            self._session.begin()
            self._open = True

    def _empty(self, tasks: Iterable[Task]) -> None:
        """Empty the targets of truncated tables, all in one statement where that can be."""
        inlets = [inlet for inlet, net in tasks if net.emptied]
        whole = [inlet for inlet in inlets if _is_truncated(inlet.flow)]
        rest = [inlet for inlet in inlets if inlet not in whole]
        if whole:
            try:
                with self._connection.transaction():
                    statement = statements.truncate(inlet.flow for inlet in whole)
                    self._connection.execute(statement)
            except (errors.FeatureNotSupported, errors.InsufficientPrivilege):
                # A table that is not followed refers to one of them, or a right is missing.
                rest = inlets
        for inlet in rest:
            inlet.empty()

    def _commit(self, commits: Sequence[Commit], marks: Sequence[Mark]) -> None:
        self._begin()
        for mark in marks:
            if mark.prefix in self._hear:
                self._hear[mark.prefix](self._connection, mark)
        self._advance(commits, commits[-1].position if commits else self.applied.position)
        self._session.stamp()
        self._connection.execute("COMMIT")
        self._open = False
        self._rows = 0

    def _advance(self, commits: Sequence[Commit], position: Lsn) -> None:
        position = max(position, self.applied.position)
        commit_at = seconds(commits[-1].at) if commits else None
        step = progress.Step(
            since=self.applied.position,
            position=position,
            commit_at=commit_at,
            transactions=len(commits),
            rows=self._rows,
        )
        progress.advance(self._connection, self._stream, step)
        self.applied = replace(
            self.applied,
            position=position,
            commit_at=commit_at or self.applied.commit_at,
            at=time.time(),
            transactions=self.applied.transactions + step.transactions,
            rows=self.applied.rows + step.rows,
        )

    def _receipt(self, connection: Connection, mark: Mark) -> None:
        fence = mark.content.decode()
        progress.give_receipt(connection, self._stream, fence, mark.position)


def _is_truncated(flow: Flow) -> bool:
    """Whether all rows of the target came by the flow, so that it can be truncated."""
    everything = flow.where is None or flow.outside is Outside.REMOVE
    return everything and flow.part is not Part.FURTHER
