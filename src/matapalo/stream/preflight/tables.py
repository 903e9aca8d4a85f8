"""Judging tables: those of the source, and those that are on the target already. Pure."""

from collections.abc import Iterator

from matapalo.stream.mapping import Flow, Flows, Part, condition
from matapalo.stream.preflight.facts import Side, TableFacts
from matapalo.stream.preflight.finding import Finding, note, stop, warn
from matapalo.stream.shape import Column, Identity, Shape

_LARGE_OBJECTS = frozenset({"oid", "public.lo"})


def of_source(flows: Flows, side: Side) -> Iterator[Finding]:
    """Yield what is the matter with tables that are copied."""
    for shape in {flow.source.name: flow.source for flow in flows}.values():
        facts = side.tables.get(shape.name)
        if facts is not None:
            yield from _readable(shape, facts)
            yield from _kind(facts)
            yield from _identity(shape)
    for flow in flows:
        yield from _columns(flow)
        yield from _filter(flow)


def of_target(flows: Flows, side: Side, *, resumed: bool) -> Iterator[Finding]:
    """Yield what is the matter with tables that rows are put into."""
    for name in dict.fromkeys(flow.target.name for flow in flows):
        facts = side.tables.get(name)
        if facts is None:
            continue
        if name in side.filled and not resumed:
            hint = "A load begins with empty tables: empty it, or name another one in `to`."
            yield stop("it has rows already", str(name), hint)
        if facts.hides:
            hint = "ALTER ROLE … BYPASSRLS, or let the role own the table."
            yield stop("a policy hides rows from the role", str(name), hint)
        yield from _writable(facts)
        yield from _restless(facts, side)


def _readable(shape: Shape, facts: TableFacts) -> Iterator[Finding]:
    where = str(shape.name)
    if not facts.selects:
        yield stop("the role may not read it", where, f"GRANT SELECT ON {shape.name} TO …")
    if not facts.owned:
        yield stop(
            "the role does not own it, and only an owner may publish a table",
            where,
            "GRANT the owning role TO …",
        )
    if facts.hides:
        hint = "ALTER ROLE … BYPASSRLS, or let the role own the table."
        yield stop("a policy hides rows from the role", where, hint)


def _kind(facts: TableFacts) -> Iterator[Finding]:
    where = str(facts.name)
    if facts.persistence != "p":
        hint = f"ALTER TABLE {facts.name} SET LOGGED"
        yield stop("its changes are not in the log (UNLOGGED)", where, hint)
    if facts.children:
        hint = "Name the child tables one by one, or make it a partitioned table."
        yield stop("other tables inherit from it", where, hint)
    if facts.parent:
        yield note("it is a part of another table, and only this part is copied", where)


def _identity(shape: Shape) -> Iterator[Finding]:
    where = str(shape.name)
    if shape.identity is Identity.NOTHING:
        yield stop(
            "its REPLICA IDENTITY is NOTHING: published, every UPDATE and DELETE of it would fail",
            where,
            f"ALTER TABLE {shape.name} REPLICA IDENTITY DEFAULT",
        )
    elif not set(shape.key) <= set(shape.identity_columns):
        yield stop("the log does not have its key", where, "REPLICA IDENTITY DEFAULT has.")
    if shape.identity is Identity.FULL:
        what = "its REPLICA IDENTITY is FULL: the log has every changed row twice"
        yield note(what, where)


def _columns(flow: Flow) -> Iterator[Finding]:
    where = str(flow.source.name)
    for column in flow.source.columns:
        if flow.becomes(column.name) is None:
            continue
        if column.type in _LARGE_OBJECTS:
            what = f"`{column.name}` may name large objects, which do not come along"
            yield warn(what, where)
        elif not column.portable:
            yield _by_text(column, where)


def _by_text(column: Column, where: str) -> Finding:
    what = f"`{column.name}` ({column.type}) has no binary form that another server understands"
    return note(what, where, "The table's rows travel as text, which is slower.")


def _filter(flow: Flow) -> Iterator[Finding]:
    """A condition on what the log leaves out cannot be decided."""
    if flow.where is None or flow.where_at_source or flow.part is Part.FURTHER:
        return
    if flow.source.identity is Identity.FULL:
        return
    late = [c.name for c in flow.source.sent if c.toastable and flow.becomes(c.name) is not None]
    late += sorted(
        name
        for name in condition.columns_in(flow.where, flow.source)
        if (column := flow.source.column(name)) is not None and column.toastable
    )
    if late:
        yield stop(
            "its condition is not on the key, and of a row that comes to fulfil it the log may "
            f"leave out `{late[0]}`",
            str(flow.source.name),
            f"ALTER TABLE {flow.source.name} REPLICA IDENTITY FULL",
        )


def _writable(facts: TableFacts) -> Iterator[Finding]:
    name = facts.name
    if not (facts.selects and facts.writes):
        hint = f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {name} TO …"
        yield stop("the role may not read and write it", str(name), hint)
    elif not facts.truncates:
        hint = f"GRANT TRUNCATE ON {name} TO …"
        yield warn(
            "the role may not truncate it: a TRUNCATE would stop the stream", str(name), hint
        )
    if facts.kind not in {"r", "p"}:
        yield stop("it is no table", str(name))
    if facts.rules:
        yield stop("rules rewrite what is put into it", str(name), "DROP RULE …")


def _restless(facts: TableFacts, side: Side) -> Iterator[Finding]:
    name = str(facts.name)
    if facts.restless:
        what = f"{facts.restless} triggers fire for replicated rows too (ENABLE ALWAYS or REPLICA)"
        yield warn(what, name, "They happened on the source already.")
    if side.may_rest:
        return
    hint = "GRANT SET ON PARAMETER session_replication_role TO … (from version 15 on)."
    if facts.triggers:
        what = f"{facts.triggers} triggers would fire for every row, and the role may not rest them"
        yield stop(what, name, hint)
    if facts.foreign_keys:
        what = (
            "it has foreign keys, rows come in the order of tables, and the role may not rest them"
        )
        yield stop(what, name, hint)
