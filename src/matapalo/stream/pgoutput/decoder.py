"""The decoder: messages in, batches out."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterable

from matapalo.errors import DatabaseRefused
from matapalo.stream.lsn import BEGINNING, Lsn
from matapalo.stream.pgoutput.batch import Batch, Change, Commit, Kind, Mark
from matapalo.stream.pgoutput.cells import read_cells
from matapalo.stream.pgoutput.relation import Relation, read_relation

APPLIED = "matapalo.applied"
"""The prefix of the message with which a stream that may not set an origin marks its own writes."""

_INSERT, _DELETE, _TRUNCATE = int(Kind.INSERT), int(Kind.DELETE), int(Kind.TRUNCATE)
_UPDATE, _PARTIAL = int(Kind.UPDATE), int(Kind.PARTIAL)

_DATA, _KEEPALIVE = b"wk"
_NEW, _FULL = b"NO"
_BODY = 25
"""Where pgoutput's own message begins, behind the replication protocol's head."""
_FIRST = _BODY + 1
_ROW = _BODY + 6
"""Where a change has its first row: behind its own kind, the table's number and the row's kind."""

_COMMIT = struct.Struct("!BQQq")
_KEEPS = struct.Struct("!QQB")
_POSITION = struct.Struct("!Q")
_MESSAGE = struct.Struct("!BQ")
_COUNT = struct.Struct("!I")
_TRUNCATED = struct.Struct("!IB")


class Decoder:
    """Decodes one session's messages.

    `own` names the stream whose writes are to be skipped: the one that comes the other way. Only
    that one: what any other program copies into the source is as new to the target as a user's
    write, and the server's own option (`origin 'none'`) would leave it out.
    """

    def __init__(self, own: str) -> None:
        self.received: Lsn = BEGINNING
        """Everything that was committed before it has been decoded."""
        self.answer_wanted = False
        """Whether the source asked how far we are."""
        self.size = 0
        """The bytes of the messages whose changes are not taken yet."""
        self._own = own
        self._relations: dict[bytes, Relation] = {}
        self._changes: list[Change] = []
        self._commits: list[Commit] = []
        self._marks: list[Mark] = []
        self._ends: Lsn | None = None
        self._skipping = False
        self._handlers: dict[int, Callable[[bytes], None]] = {
            ord("I"): self._insert, ord("U"): self._update, ord("D"): self._delete,
            ord("T"): self._truncate, ord("B"): self._begin, ord("C"): self._commit,
            ord("R"): self._relation, ord("O"): self._origin, ord("M"): self._message,
            ord("Y"): self._type,
        }  # fmt: skip

    def feed(self, messages: Iterable[bytes]) -> None:
        """Decode messages. Raises DatabaseRefused for one that version 1 does not have."""
        handlers = self._handlers
        for message in messages:
            if message[0] == _DATA:
                handler = handlers.get(message[_BODY])
                if handler is None:
                    raise DatabaseRefused(f"the log has an unknown message: {message[_BODY]:#x}")
                handler(message)
            elif message[0] == _KEEPALIVE:
                self._keepalive(message)

    @property
    def rows(self) -> int:
        """How many changes are not taken yet."""
        return len(self._changes)

    @property
    def waiting(self) -> bool:
        """Whether anything is not taken yet, be it only the begin of a transaction."""
        return bool(self._changes or self._commits or self._marks or self._ends is not None)

    def passed(self, limit: int) -> bool:
        """Whether nothing that ends at or before a position can still come, or waits here."""
        if self._commits and self._commits[0].position <= limit:
            return False
        if self._ends is not None:
            return self._ends >= limit
        return self.received >= limit

    def take(self, limit: int | None = None, piece: int = 20_000) -> Batch | None:
        """Return what is complete, and forget it here; None if there is nothing.

        Transactions that end behind `limit` stay. One that has `piece` changes and goes
        on is given as far as it has come.
        """
        commits = self._commits
        count = len(commits)
        if limit is not None:
            count = bisect_right(commits, limit, key=lambda commit: commit.position)
        if count:
            return self._taken(count, commits[count - 1].upto, commits[count - 1].size)
        if not commits and len(self._changes) >= piece and self._may_pass(limit):
            return self._taken(0, len(self._changes), self.size)
        if any(mark.after == 0 and not mark.transactional for mark in self._marks):
            return self._taken(0, 0, 0)
        return None

    def _may_pass(self, limit: int | None) -> bool:
        return limit is None or (self._ends is not None and self._ends < limit)

    def _taken(self, count: int, upto: int, size: int) -> Batch:
        batch = Batch(
            self._changes[:upto],
            tuple(self._commits[:count]),
            tuple(mark for mark in self._marks if _passed(mark, count)),
        )
        self._marks = [
            Mark(m.prefix, m.content, m.position, m.transactional, m.after - count)
            for m in self._marks
            if not _passed(m, count)
        ]
        self._commits = [
            Commit(c.upto - upto, c.position, c.at, c.size - size) for c in self._commits[count:]
        ]
        self._changes = self._changes[upto:]
        self.size -= size
        return batch

    def _insert(self, message: bytes) -> None:
        if not self._skipping:
            cells, _ = read_cells(message, _ROW)
            relation = self._relations[message[_FIRST : _FIRST + 4]]
            self._changes.append((_INSERT, relation, cells, None))
            self.size += len(message)

    def _update(self, message: bytes) -> None:
        if self._skipping:
            return
        relation = self._relations[message[_FIRST : _FIRST + 4]]
        which, old, at = message[_ROW - 1], None, _ROW
        if which != _NEW:
            old, at = read_cells(message, _ROW)
            at += 1
        new, _ = read_cells(message, at)
        kind = _UPDATE
        if None in new:
            if old is not None:
                known = range(len(new)) if which == _FULL else relation.identifying
                for place in known:
                    if new[place] is None:
                        new[place] = old[place]
            if None in new:
                kind = _PARTIAL
        self._changes.append((kind, relation, new, old))
        self.size += len(message)

    def _delete(self, message: bytes) -> None:
        if not self._skipping:
            old, _ = read_cells(message, _ROW)
            relation = self._relations[message[_FIRST : _FIRST + 4]]
            self._changes.append((_DELETE, relation, [], old))
            self.size += len(message)

    def _truncate(self, message: bytes) -> None:
        if self._skipping:
            return
        count, _ = _TRUNCATED.unpack_from(message, _FIRST)
        first = _FIRST + _TRUNCATED.size
        for at in range(first, first + 4 * count, 4):
            relation = self._relations[message[at : at + 4]]
            self._changes.append((_TRUNCATE, relation, [], None))
        self.size += len(message)

    def _begin(self, message: bytes) -> None:
        self._ends = Lsn(_POSITION.unpack_from(message, _FIRST)[0])
        self._skipping = False

    def _commit(self, message: bytes) -> None:
        _, _, end, at = _COMMIT.unpack_from(message, _FIRST)
        self._commits.append(Commit(len(self._changes), Lsn(end), at, self.size))
        self.received = Lsn(end)
        self._ends = None
        self._skipping = False

    def _origin(self, message: bytes) -> None:
        name = message[_FIRST + _POSITION.size : -1].decode()
        self._skipping = self._skipping or name == self._own

    def _message(self, message: bytes) -> None:
        flags, position = _MESSAGE.unpack_from(message, _FIRST)
        start = _FIRST + _MESSAGE.size
        end = message.index(0, start)
        prefix = message[start:end].decode()
        content = message[end + 1 + _COUNT.size :]
        transactional = bool(flags & 1)
        if transactional and prefix == APPLIED:
            self._skipping = self._skipping or content.decode() == self._own
        elif not (transactional and self._skipping):
            after = len(self._commits)
            self._marks.append(Mark(prefix, content, Lsn(position), transactional, after))

    def _relation(self, message: bytes) -> None:
        """Remember a table; where nothing has changed, the object stays the same."""
        relation = read_relation(message, _FIRST)
        number = message[_FIRST : _FIRST + 4]
        before = self._relations.get(number)
        if before is None or not relation.same_as(before):
            self._relations[number] = relation

    def _type(self, message: bytes) -> None:
        """A type that a user made. The catalog tells more, and is asked."""

    def _keepalive(self, message: bytes) -> None:
        sent, _, answer = _KEEPS.unpack_from(message, 1)
        if self._ends is None:
            self.received = max(self.received, Lsn(sent))
        self.answer_wanted = self.answer_wanted or bool(answer)


def _passed(mark: Mark, count: int) -> bool:
    """Whether a mark goes along with so many commits."""
    return mark.after < count or (mark.after == count and not mark.transactional)
