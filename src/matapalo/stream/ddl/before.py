"""What is made before the load: everything that rows need to be put somewhere."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from matapalo.stream.catalog.made import MadeType
from matapalo.stream.catalog.trimming import Partition, Trimming
from matapalo.stream.catalog.trimming import Sequence as Numbers
from matapalo.stream.ddl.renaming import rename, renamed
from matapalo.stream.ddl.statement import Statement
from matapalo.stream.mapping import Flow, Flows, Part
from matapalo.stream.names import identifier, listed, literal, trusted
from matapalo.stream.shape import Column, Name

VIRTUAL_SINCE = 180000


@dataclass(frozen=True, slots=True)
class Present:
    """What a target has already."""

    version: int
    """The server's version, as 180006."""
    schemas: frozenset[str]
    tables: frozenset[Name]
    types: frozenset[tuple[str, str]]


def before(
    flows: Flows, trimmings: Mapping[Name, Trimming], made: Sequence[MadeType], present: Present
) -> tuple[Statement, ...]:
    """Return the statements that make what is missing; `trimmings` are those of the sources."""
    new = tuple(flow for flow in flows if flow.target.name not in present.tables)
    statements = [*_schemas(new, trimmings, made, present), *_types(made, present)]
    for flow in new:
        if flow.part is Part.FURTHER:
            statements += _more_columns(flow)
        else:
            statements += _table(flow, trimmings.get(flow.source.name, Trimming()), present)
    return tuple(statements)


def _schemas(
    flows: Flows, trimmings: Mapping[Name, Trimming], made: Sequence[MadeType], present: Present
) -> Iterator[Statement]:
    wanted = {flow.target.name.schema for flow in flows}
    wanted |= {type_.schema for type_ in made if type_.definition}
    for flow in flows:
        numbers = trimmings.get(flow.source.name, Trimming()).sequences
        wanted |= {target_sequence(flow, sequence).schema for sequence in numbers}
    for schema in sorted(wanted - present.schemas):
        yield _one(f"make the schema {schema}", sql.SQL("CREATE SCHEMA {}"), identifier(schema))


def _types(made: Sequence[MadeType], present: Present) -> Iterator[Statement]:
    for type_ in made:
        if (type_.schema, type_.name) in present.types or type_.extension:
            continue
        if type_.definition:
            yield _one(f"make the type {type_}", sql.SQL("CREATE {}"), trusted(type_.definition))


def _table(flow: Flow, trimming: Trimming, present: Present) -> Iterator[Statement]:
    name = flow.target.name
    numbers = [sequence for sequence in trimming.sequences if _is_made(flow, sequence)]
    parts = [_sequence(flow, sequence) for sequence in numbers]
    parts.append(_create(flow, trimming, {s.column: s for s in trimming.sequences}, present))
    parts += rename(name, renamed(flow))
    parts += [_constant(flow, value.column) for value in flow.constants]
    parts += [_owned(flow, sequence) for sequence in numbers if sequence.owned]
    parts += [_partition(flow, partition) for partition in trimming.partitions]
    yield Statement(f"make the table {name}", tuple(parts))


def _create(
    flow: Flow, trimming: Trimming, numbers: Mapping[str, Numbers], present: Present
) -> sql.Composed:
    lines = [
        _column(flow, source, target, numbers.get(source.name), present)
        for source in flow.source.columns
        if (target := flow.becomes(source.name)) is not None
    ]
    lines.append(_key(flow, trimming))
    lines += [
        sql.SQL("CONSTRAINT {} {}").format(identifier(check.name), trusted(check.definition))
        for check in trimming.checks
        if all(keeps(flow, column) for column in check.columns)
    ]
    tail = sql.SQL("")
    if trimming.partition_key:
        tail = trusted(f" PARTITION BY {trimming.partition_key}")
    return sql.SQL("CREATE TABLE {} (\n  {}\n){}").format(
        flow.target.name.sql, sql.SQL(",\n  ").join(lines), tail
    )


def _key(flow: Flow, trimming: Trimming) -> sql.Composed:
    """Return the primary key, under the source's name for it if the table keeps its own too.

    Where the log tells rows by another index, that is the key here. Its name must not be that of
    the source's primary key then, which is made later.
    """
    words = sql.SQL("PRIMARY KEY ({})").format(listed(flow.source.key))
    primary = next((index for index in trimming.indexes if index.primary), None)
    if primary is None or flow.target.name.table != flow.source.name.table:
        return words
    same = set(primary.columns) == set(flow.source.key)
    name = primary.name if same else f"matapalo_{primary.name}"
    return sql.SQL("CONSTRAINT {} {}").format(identifier(name), words)


def keeps(flow: Flow, name: str) -> bool:
    """Return whether a column of the source is in the target, and of the same type."""
    source, target = flow.source.column(name), flow.becomes(name)
    return source is not None and target is not None and source.type == target.type


def _column(
    flow: Flow, source: Column, target: Column, numbers: Numbers | None, present: Present
) -> sql.Composed:
    words: list[sql.Composable] = [identifier(source.name), trusted(target.type)]
    if target.collation:
        words.append(trusted(f"COLLATE {target.collation}"))
    if target.generated:
        words.append(_generated(target, present))
    elif target.identity:
        words.append(_identity(flow, source, target, numbers))
    elif numbers is not None:
        name = target_sequence(flow, numbers)
        words.append(sql.SQL("DEFAULT nextval({})").format(literal(name.sql.as_string())))
    elif target.default is not None:
        words.append(trusted(f"DEFAULT {target.default}"))
    if not target.nullable:
        words.append(sql.SQL("NOT NULL"))
    return sql.SQL(" ").join(words)


def _generated(column: Column, present: Present) -> sql.Composable:
    virtual = column.generated == "v" and present.version >= VIRTUAL_SINCE
    kind = "VIRTUAL" if virtual else "STORED"
    return trusted(f"GENERATED ALWAYS AS ({column.default}) {kind}")


def _identity(
    flow: Flow, source: Column, target: Column, numbers: Numbers | None
) -> sql.Composable:
    """Return how a column is numbered; by a sequence of the same name if the table keeps its own.

    A table that was renamed once has a sequence whose name does not tell whose it is.
    """
    when = "ALWAYS" if target.identity == "a" else "BY DEFAULT"
    words = trusted(f"GENERATED {when} AS IDENTITY")
    if numbers is None:
        return words
    options: list[sql.Composable] = [trusted(_options(numbers, source, target))]
    if flow.target.name.table == flow.source.name.table:
        # Only pg_dump knows this option, and every version has it.
        options.insert(0, sql.SQL("SEQUENCE NAME {}").format(target_sequence(flow, numbers).sql))
    return sql.SQL("{} ({})").format(words, sql.SQL(" ").join(options))


def _options(numbers: Numbers, source: Column, target: Column) -> str:
    """What the sequence is like. Its type and its limits are another type's if the column's are."""
    if source.type == target.type:
        _, _, rest = numbers.options.partition(" START ")
        return f"START {rest}"
    return "START 1"


def _is_made(flow: Flow, sequence: Numbers) -> bool:
    """An identity column brings its own."""
    column = flow.becomes(sequence.column)
    return column is not None and not column.identity


def target_sequence(flow: Flow, sequence: Numbers) -> Name:
    """Return what a sequence is called in the target: it is where its table is, if it has one."""
    schema = flow.target.name.schema if sequence.owned else sequence.name.schema
    return Name(schema, sequence.name.table)


def _sequence(flow: Flow, sequence: Numbers) -> sql.Composed:
    source = flow.source.column(sequence.column)
    target = flow.becomes(sequence.column)
    same = source is not None and target is not None and source.type == target.type
    return sql.SQL("CREATE SEQUENCE IF NOT EXISTS {} {}").format(
        target_sequence(flow, sequence).sql, trusted(sequence.options if same else "")
    )


def _owned(flow: Flow, sequence: Numbers) -> sql.Composed:
    column = flow.becomes(sequence.column)
    table = flow.target.name
    return sql.SQL("ALTER SEQUENCE {} OWNED BY {}").format(
        target_sequence(flow, sequence).sql,
        sql.Identifier(table.schema, table.table, column.name if column else ""),
    )


def _constant(flow: Flow, column: Column) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} ADD COLUMN {} {} DEFAULT {}").format(
        flow.target.name.sql,
        identifier(column.name),
        trusted(column.type),
        trusted(column.default or "NULL"),
    )


def _more_columns(flow: Flow) -> Iterator[Statement]:
    """Add what a further table brings."""
    for value in flow.values:
        if value.column.name in flow.target_key:
            continue
        yield _one(
            f"add {value.column.name} to {flow.target.name}",
            sql.SQL("ALTER TABLE {} ADD COLUMN {} {}"),
            flow.target.name.sql,
            identifier(value.column.name),
            trusted(value.column.type),
        )


def _partition(flow: Flow, partition: Partition) -> sql.Composed:
    """Partitions keep their names, and are where their table is."""
    schema = flow.target.name.schema
    own = Name(schema, partition.name.table)
    is_first = partition.parent == flow.source.name
    parent = flow.target.name if is_first else Name(schema, partition.parent.table)
    tail = f" PARTITION BY {partition.key}" if partition.key else ""
    return sql.SQL("CREATE TABLE {} PARTITION OF {} {}").format(
        own.sql, parent.sql, trusted(partition.bound + tail)
    )


def _one(what: str, statement: sql.SQL, *parts: sql.Composable) -> Statement:
    return Statement(what, (statement.format(*parts),))
