"""What is made after the load, when it is quicker: indexes, constraints on them, foreign keys."""

from collections.abc import Iterator, Mapping

from psycopg import sql

from matapalo.stream.catalog.trimming import ForeignKey, Index, Trimming
from matapalo.stream.ddl.before import keeps
from matapalo.stream.ddl.renaming import under_old_names
from matapalo.stream.ddl.statement import Made, Statement
from matapalo.stream.mapping import Flow, Flows
from matapalo.stream.names import identifier, listed, trusted
from matapalo.stream.shape import Name

Trimmings = Mapping[Name, Trimming]


def after(flows: Flows, trimmings: Trimmings) -> tuple[Statement, ...]:
    """Return the statements for targets that were made here; foreign keys come last."""
    indexes = [
        _index(home, index)
        for flow in _first_of_source(flows)
        for index in trimmings[flow.source.name].indexes
        if not _is_key(flow, index) and (home := _home(flows, flow.source.name, index.columns))
    ]
    keys = [
        statement
        for flow in _first_of_source(flows)
        for key in trimmings[flow.source.name].foreign_keys
        for statement in _foreign_key(flows, flow.source.name, key)
    ]
    return (*indexes, *keys)


def left_out(flows: Flows, trimmings: Trimmings) -> Iterator[str]:
    """Yield what the new tables do not get."""
    for flow in _first_of_source(flows):
        name, trimming = flow.source.name, trimmings[flow.source.name]
        for check in trimming.checks:
            if not all(keeps(flow, column) for column in check.columns):
                yield f"the check {check.name} of {name}"
        for index in trimming.indexes:
            if not _home(flows, name, index.columns):
                yield f"the index {index.name} of {name}"
        for key in trimming.foreign_keys:
            if not any(_foreign_key(flows, name, key)):
                yield f"the foreign key {key.name} of {name} to {key.references}"
        for trigger in trimming.triggers:
            yield f"the trigger {trigger} of {name}"


def _first_of_source(flows: Flows) -> Flows:
    firsts: dict[Name, Flow] = {}
    for flow in flows:
        firsts.setdefault(flow.source.name, flow)
    return tuple(firsts.values())


def _home(flows: Flows, source: Name, columns: tuple[str, ...]) -> Flow | None:
    """Return the first flow of a table that takes all these columns along."""
    for flow in flows:
        if flow.source.name == source and all(flow.becomes(column) for column in columns):
            return flow
    return None


def _is_key(flow: Flow, index: Index) -> bool:
    return index.primary and set(index.columns) == set(flow.source.key)


def _index(flow: Flow, index: Index) -> Statement:
    table, name = flow.target.name, identifier(index.name)
    if index.constraint:
        definition = index.definition
        if index.primary:
            definition = "UNIQUE" + definition.removeprefix("PRIMARY KEY")
        statement = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            table.sql, name, trusted(definition)
        )
    else:
        unique = sql.SQL("UNIQUE " if index.unique else "")
        statement = sql.SQL("CREATE {}INDEX {} ON {} {}").format(
            unique, name, table.sql, trusted(index.definition)
        )
    return Statement(
        f"make the index {index.name} of {table}",
        under_old_names(flow, statement),
        Made("constraint" if index.constraint else "index", table, index.name),
    )


def _foreign_key(flows: Flows, source: Name, key: ForeignKey) -> Iterator[Statement]:
    """Where both tables go along whole: a row that is filtered out could not be referred to."""
    home = _home(flows, source, key.columns)
    other = _home(flows, key.references, key.referenced)
    if home is None or other is None or (other.where and other.where != home.where):
        return
    statement = sql.SQL(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}) {}"
    ).format(
        home.target.name.sql,
        identifier(key.name),
        listed(c.name for name in key.columns if (c := home.becomes(name))),
        other.target.name.sql,
        listed(c.name for name in key.referenced if (c := other.becomes(name))),
        trusted(key.rest),
    )
    yield Statement(
        f"make the foreign key {key.name} of {home.target.name}",
        (statement,),
        Made("constraint", home.target.name, key.name),
        refers=True,
    )
