"""The moments of a switch at which it can be held up: as each action begins, and before it is done.

    prove   begins  its entry is about to be written into the ledger    ends  so is that it is done
    hold    begins  likewise                     ends  a write is under way, and is not answered yet
    seal    begins  the owner's tables are about to be closed       ends  the fence is about to pass
    open    begins  its entry is about to be written  ends  the other side is about to commit it
    release begins  likewise                          ends  that it is done is about to be written

Entries and the taking of turns are held up by a trigger that wants an advisory lock; a write under
way and the fence by a lock on the table that they are to be written to.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal, get_args

import psycopg

from matapalo.conductor import Side
from tests.support import eventually
from tests.switch.app import TABLE
from tests.switch.world import World

GATE = 4712
"""The advisory lock."""

_TRIGGER = f"""
CREATE OR REPLACE FUNCTION public.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {{condition}} THEN PERFORM pg_advisory_xact_lock_shared({GATE}); END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER hold_up BEFORE INSERT ON {{table}}
    FOR EACH ROW EXECUTE FUNCTION public.hold_up();
"""
_WAITS_FOR_GATE = f"""
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = {GATE} AND NOT granted"""
_WAITS_FOR_TABLE = "SELECT 1 FROM pg_locks WHERE relation = '{}'::regclass AND NOT granted"

Reached = Callable[[], bool]


class Barrier:
    """Something a switch does not get past until `lift`."""

    def __init__(self, url: str, lock: str, waits: str) -> None:
        self._session: psycopg.Connection[tuple[Any, ...]] = psycopg.connect(url)
        self._session.execute(lock.encode())
        self._url = url
        self._waits = waits

    def reached(self) -> bool:
        """Whether somebody waits at it."""
        with psycopg.connect(self._url, autocommit=True) as session:
            return session.execute(self._waits.encode()).fetchone() is not None

    def lift(self) -> None:
        """Let everybody through; a server that has crashed has done so."""
        with suppress(psycopg.Error):
            self._session.close()


def _at_entry(world: World, number: int, state: str) -> Barrier:
    condition = f"NEW.kind = 'action' AND NEW.action = {number} AND NEW.state = '{state}'"
    return _with_trigger(world.ledger, "matapalo.ledger", condition)


def _at_turn(world: World, side: Side) -> Barrier:
    return _with_trigger(world.url(side), "matapalo.turn", "true")


def _with_trigger(url: str, table: str, condition: str) -> Barrier:
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(_TRIGGER.format(condition=condition, table=table).encode())
    return Barrier(url, f"SELECT pg_advisory_lock({GATE})", _WAITS_FOR_GATE)


def _at_table(world: World, side: Side, table: str) -> Barrier:
    return Barrier(
        world.url(side), f"LOCK TABLE {table} IN SHARE MODE", _WAITS_FOR_TABLE.format(table)
    )


PROVE, HOLD, OPEN, RELEASE = 1, 2, 4, 5
"""Numbers of actions."""
_ENTRIES = {
    ("prove", "begins"): (PROVE, "begun"),
    ("prove", "ends"): (PROVE, "done"),
    ("hold", "begins"): (HOLD, "begun"),
    ("open", "begins"): (OPEN, "begun"),
    ("release", "begins"): (RELEASE, "begun"),
    ("release", "ends"): (RELEASE, "done"),
}

Step = Literal["prove", "hold", "seal", "open", "release"]
When = Literal["begins", "ends"]


@dataclass(frozen=True)
class Moment:
    """A moment of a switch."""

    step: Step
    when: When

    def __str__(self) -> str:
        return f"{self.step} {self.when}"

    @contextmanager
    def awaited(self, world: World, owner: Side) -> Iterator["Held"]:
        """Hold up the switch that begins inside the block."""
        with ExitStack() as stack:
            yield Held(self, world, owner, stack)

    def barrier(self, world: World, owner: Side) -> Barrier:
        """Put up what holds up a switch by which `owner` ceases to own."""
        if entry := _ENTRIES.get((self.step, self.when)):
            return _at_entry(world, *entry)
        match self.step:
            case "hold":
                return _at_table(world, owner, TABLE)
            case "open":
                return _at_turn(world, owner.other)
            case _ if self.when == "begins":
                return _at_turn(world, owner)
            case _:
                return _at_table(world, owner.other, "matapalo.receipt")

    @property
    def by_table(self) -> bool:
        """Whether it is held up by a table that is needed before, too."""
        return self.when == "ends" and self.step in {"hold", "seal"}


class Held:
    """A switch that is to be held up at a moment."""

    def __init__(self, moment: Moment, world: World, owner: Side, stack: ExitStack) -> None:
        self._moment = moment
        self._world = world
        self._owner = owner
        self._stack = stack
        # A table is locked only once everything that has to be proven is.
        first = _at_entry(world, HOLD, "begun") if moment.by_table else self._put_up()
        self._stack.callback(first.lift)
        self._barrier = first

    async def reached(self) -> None:
        """Wait until the switch has come there."""
        await eventually(self._barrier.reached, within=60, every=0.005)
        if self._moment.by_table:
            entry, self._barrier = self._barrier, self._put_up()
            entry.lift()
            await eventually(self._is_held, within=60, every=0.005)

    def lift(self) -> None:
        """Let it go on."""
        self._barrier.lift()

    def _is_held(self) -> bool:
        with psycopg.connect(self._world.ledger, autocommit=True) as session:
            begun = session.execute(_BEGUN, [HOLD]).fetchone()
        return begun is not None and self._barrier.reached()

    def _put_up(self) -> Barrier:
        barrier = self._moment.barrier(self._world, self._owner)
        self._stack.callback(barrier.lift)
        return barrier


_BEGUN = """
SELECT 1 FROM matapalo.ledger WHERE action = %s AND state = 'begun' AND move = (
    SELECT max(id) FROM matapalo.ledger WHERE kind = 'move' AND state = 'begun')"""

_STEPS: tuple[Step, ...] = get_args(Step)
_WHENS: tuple[When, ...] = get_args(When)
MOMENTS = tuple(Moment(step, when) for step in _STEPS for when in _WHENS)
