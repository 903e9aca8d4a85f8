"""Whether a slice can move: it has what moves, where to, and on what way."""

from collections.abc import Iterator

from matapalo.blueprint import jsonpath
from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.relations import store_of
from matapalo.blueprint.slices import Slice, Table
from matapalo.blueprint.store import Aurora
from matapalo.blueprint.tablename import split_table_name


def check(setting: Setting) -> Iterator[Finding]:
    """Yield what keeps slices from moving, and tables that two of them take."""
    for name, piece in setting.blueprint.slices.items():
        loc: Loc = ("slices", name)
        yield from _owner(setting, piece, loc)
        yield from _steps(piece, loc)
        yield from _ignored(piece, loc)
        if not piece.routes and not piece.tables:
            hint = "give it `routes`, `tables` or both"
            yield Finding(loc, "the slice has neither routes nor tables", hint, on_key=True)
        if piece.tables:
            yield from _store(setting, piece, loc)
        for index, table in enumerate(piece.tables):
            yield from _mapping(table, (*loc, "tables", index))
        if piece.stream == "dms":
            yield from _replicated(piece, (*loc, "tables"))
    yield from _taken(setting)


def _owner(setting: Setting, piece: Slice, loc: Loc) -> Iterator[Finding]:
    target = setting.targets.find(piece.to)
    if target is None or target.kind not in {"service", "function"}:
        known = setting.targets.names("service", "function")
        hint = nearest(piece.to, known, noun="there are")
        yield unknown((*loc, "to"), "service or function", piece.to, hint)


def _steps(piece: Slice, loc: Loc) -> Iterator[Finding]:
    before = 0.0
    for index, percent in enumerate(piece.steps):
        if percent <= before:
            what = f"the steps have to rise: {percent:g} comes after {before:g}"
            yield Finding((*loc, "steps", index), what, "like [10, 50, 100]")
        before = max(before, percent)


def _ignored(piece: Slice, loc: Loc) -> Iterator[Finding]:
    for index, path in enumerate(piece.ignore):
        try:
            jsonpath.parse(path)
        except ValueError as error:
            yield Finding((*loc, "ignore", index), str(error), jsonpath.HINT)


def _store(setting: Setting, piece: Slice, loc: Loc) -> Iterator[Finding]:
    database = setting.blueprint.monolith.database
    if database is None:
        hint = "describe it in `monolith.database`"
        yield Finding((*loc, "tables"), "the monolith has no database", hint, on_key=True)
    elif database.url is None and not (setting.local and setting.blueprint.monolith.run):
        hint = "give `monolith.database.url`"
        yield Finding(("monolith", "database"), "nothing says where the database is", hint)
    product = piece.to.partition("/")[0]
    target = setting.targets.find(piece.store, product) if piece.store else None
    if piece.store and (target is None or target.kind != "store"):
        known = setting.targets.names("store")
        yield unknown((*loc, "store"), "store", piece.store, nearest(piece.store, known))
        return
    store = store_of(piece, setting.targets)
    if store is None:
        hint = f"name it in `store`, or let {piece.to} use just one Aurora store"
        yield Finding((*loc, "tables"), "nothing says where the tables go", hint, on_key=True)
    elif not isinstance(setting.targets.stores[store], Aurora):
        yield Finding((*loc, "store"), f"{store} is no Aurora store", "tables go to Aurora")


def _mapping(table: Table, loc: Loc) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for old, new in table.columns.items():
        if new in seen:
            what = f"`{seen[new]}` is called `{new}` already"
            yield Finding((*loc, "columns", old), what, "two columns need two names")
        seen.setdefault(new, old)
    if table.only and table.omit:
        yield Finding((*loc, "omit"), "`only` says already what stays behind", "choose")
    for index, column in enumerate(table.omit):
        if column in table.columns or column in table.cast:
            yield Finding((*loc, "omit", index), f"`{column}` stays behind and is mapped", "choose")
    for column in table.constant:
        if column in seen:
            what = f"`{seen[column]}` is called `{column}` already"
            yield Finding((*loc, "constant", column), what, on_key=True)


def _replicated(piece: Slice, loc: Loc) -> Iterator[Finding]:
    """Database Migration Service knows less than the own streams do."""
    hint = "let Matapalo's own streams copy it: `stream: matapalo`"
    schemas: dict[str, str] = {}
    for index, table in enumerate(piece.tables):
        if table.where:
            yield Finding((*loc, index, "where"), "DMS chooses no rows by a SQL condition", hint)
        if table.cast:
            yield Finding((*loc, index, "cast"), "DMS takes the types of the new table", hint)
        (here, _), (there, _) = split_table_name(table.name), split_table_name(table.target)
        if schemas.setdefault(here, there) != there:
            what = f"DMS renames a schema as a whole: `{here}` is `{schemas[here]}` already"
            yield Finding((*loc, index), what, "split the slice, or use `stream: matapalo`")


def _taken(setting: Setting) -> Iterator[Finding]:
    """A table has one owner; one slice may split it into several."""
    owners: dict[str, str] = {}
    for name, piece in setting.blueprint.slices.items():
        targets: set[tuple[str, str]] = set()
        for index, table in enumerate(piece.tables):
            loc: Loc = ("slices", name, "tables", index)
            table_name, target = _qualified(table.name), _qualified(table.target)
            owner = owners.setdefault(table_name, name)
            if owner != name:
                hint = "a table has one owner: let one slice take both"
                yield Finding(loc, f"the slice {owner} takes {table_name} already", hint)
            elif (table_name, target) in targets:
                yield Finding(loc, f"{table_name} is named twice", "take one away, or give it `to`")
            targets.add((table_name, target))


def _qualified(name: str) -> str:
    return ".".join(split_table_name(name))
