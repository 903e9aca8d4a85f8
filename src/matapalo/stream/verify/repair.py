"""Repair: a plan of which rows are wrong, and putting them right.

    Outcome ──plan──▶ Plan (a file, to be read by a person) ──apply──▶ rows of the stream's target

A plan names rows by their keys and holds no other value. When it is applied, the stream stands
still and each row is looked at again: only what is still wrong is written, as the source has it at
that very position, and marked so that the opposite stream does not send it back.
"""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from matapalo.stream.database import Connection, answers, connect
from matapalo.stream.job import Job
from matapalo.stream.mapping import Flow
from matapalo.stream.pgoutput.decoder import APPLIED
from matapalo.stream.quiet import quiet
from matapalo.stream.verify.compare import Comparison
from matapalo.stream.verify.mend import Mend, mend
from matapalo.stream.verify.outcome import Difference, Fault, Outcome
from matapalo.stream.verify.pin import still
from matapalo.stream.verify.side import Side
from matapalo.stream.verify.whole import ends_of, flows_of, in_order


class Row(BaseModel):
    """A row that is wrong."""

    model_config = ConfigDict(frozen=True)

    key: tuple[str, ...]
    fault: Fault
    """Seen from the new side."""
    columns: tuple[str, ...] = ()


class Rows(BaseModel):
    """The rows of one flow that are wrong."""

    model_config = ConfigDict(frozen=True)

    flow: str
    rows: tuple[Row, ...]
    complete: bool


class Plan(BaseModel):
    """Which rows to look at, and to put right."""

    model_config = ConfigDict(frozen=True)

    stream: str
    pinned: str
    flows: tuple[Rows, ...]


def plan(job: Job, outcome: Outcome) -> Plan:
    """Return the plan that follows from a comparison."""
    return Plan(
        stream=str(job.stream),
        pinned=outcome.pinned,
        flows=tuple(
            Rows(
                flow=one.flow,
                rows=tuple(
                    Row(key=d.key, fault=d.fault, columns=d.columns) for d in one.differences
                ),
                complete=one.complete,
            )
            for one in outcome.compared
            if not one.equal
        ),
    )


def apply(job: Job, planned: Plan) -> int:
    """Put rows of the stream's target right; return how many were written.

    All of them or none. Raises CannotPin where the stream does not run, DatabaseRefused.
    """
    flows = {str(flow): flow for flow in flows_of(job)}
    with (
        still(ends_of(job)) as (moment, hold),
        connect(job.target, application=f"matapalo repair {job.stream.name}") as target,
    ):
        quiet(target, job.stream)
        sides = in_order(job, moment)
        with answers(target), target.transaction():
            _mark(target, job)
            written = sum(
                _put_right(target, job, flows[one.flow], sides, one.rows)
                for one in planned.flows
                if one.flow in flows
            )
            hold.check()
    return written


def _mark(target: Connection, job: Job) -> None:
    target.execute("SELECT pg_logical_emit_message(true, %s, %s)", [APPLIED, job.stream.on_server])


def _put_right(
    target: Connection, job: Job, flow: Flow, sides: tuple[Side, Side], rows: Sequence[Row]
) -> int:
    named = [Difference(row.key, row.fault) for row in rows]
    wrong = Comparison(flow, *sides).again(named)
    statements = mend(flow, wrong, moment_of=sides[0 if job.forward else 1], forward=job.forward)
    return sum(_run(target, statement) for statement in statements)


def _run(target: Connection, statement: Mend) -> int:
    return target.execute(statement.sql, statement.values).rowcount
