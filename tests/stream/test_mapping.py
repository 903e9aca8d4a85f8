"""Deciding flows and undoing them: no server is needed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.blueprint import Table
from matapalo.errors import MappingWrong, NotInvertible
from matapalo.stream.mapping import Flows, Outside, Part, inverse, map_tables
from matapalo.stream.mapping.casts import faithful, is_type, reversible, without_length
from matapalo.stream.mapping.condition import columns_in, problem
from matapalo.stream.shape import Column, Identity, Name, Shape


def column(name: str, type_: str = "text", *, nullable: bool = True, **more: object) -> Column:
    made = Column(name=name, type=type_, oid=25, nullable=nullable, stage=type_)
    return replace(made, **more)  # type: ignore[arg-type]  # a test says what it wants


def shape(name: str, *columns: Column, key: tuple[str, ...] = ("id",)) -> Shape:
    return Shape(Name.parse(name), columns, key=key, identity_columns=key)


ID = column("id", "integer", nullable=False)
PERSON = shape("person", ID, column("name", nullable=False), column("street"), column("city"))


def mapped(*tables: Table, targets: tuple[Shape, ...] = (), filters: bool = False) -> Flows:
    sources = {PERSON.name: PERSON}
    there = {target.name: target for target in targets}
    return map_tables(tables, sources, there, row_filters=filters)


def refusal(*tables: Table, targets: tuple[Shape, ...] = ()) -> str:
    with pytest.raises(MappingWrong) as refused:
        mapped(*tables, targets=targets)
    return str(refused.value)


def test_what_is_not_mapped_is_plain() -> None:
    (flow,) = mapped(Table(name="person"))
    assert flow.plain
    assert flow.target_key == ("id",)
    assert flow.source_key == (0,)


@pytest.mark.parametrize(
    "table",
    [
        Table(name="person", omit=("city",)),
        Table(name="person", cast={"city": "varchar(9)"}),
        Table(name="person", constant={"origin": "x"}),
        Table(name="person", where="city = 'x'"),
    ],
)
def test_what_is_mapped_is_not_plain(table: Table) -> None:
    assert not mapped(table)[0].plain


def test_new_names_alone_are_plain() -> None:
    (flow,) = mapped(Table(name="person", to="people", columns={"name": "called", "id": "no"}))
    assert flow.plain
    assert flow.target.name == Name("public", "people")
    assert flow.target_key == ("no",)
    called = flow.becomes("name")
    assert called
    assert called.name == "called"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (Table(name="persom"), "no table public.persom (did you mean `public.person`?)"),
        (Table(name="person", columns={"nme": "x"}), "no column `nme` to map (did you mean `name`"),
        (Table(name="person", omit=("id",)), "`id` is in the key"),
        (Table(name="person", cast={"city": "text; drop"}), "is no type"),
        (Table(name="person", where="true) or (true"), "is closed that was not opened"),
        (Table(name="person", where="id = 1; drop table x"), "`;` cannot be in a condition"),
        (Table(name="person", where="id in (select 1)"), "no `select` in it"),
    ],
)
def test_a_mapping_that_fits_no_source_is_refused(table: Table, told: str) -> None:
    assert told in refusal(table)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (shape("person", ID, column("name")), "has no column `street`"),
        (shape("person", *PERSON.columns, column("age", nullable=False)), "nothing fills `age`"),
        (shape("person", *PERSON.columns, key=("name",)), "the key of public.person is (name)"),
        (
            shape("person", *PERSON.columns[:3], column("city", "integer")),
            "`city` of public.person is text and `city` of public.person is integer",
        ),
        (
            shape("person", *PERSON.columns[:3], column("city", generated="s", default="1")),
            "`city` of public.person is generated there",
        ),
    ],
)
def test_a_mapping_that_fits_no_target_is_refused(target: Shape, told: str) -> None:
    assert told in refusal(Table(name="person"), targets=(target,))


def test_everything_that_is_wrong_is_told_at_once() -> None:
    told = refusal(Table(name="person", omit=("id", "nope"), where="'"))
    assert told.count(";") == 2


def test_a_table_without_a_key_is_refused() -> None:
    keyless = shape("log", column("line"), key=())
    with pytest.raises(MappingWrong, match="has no key"):
        map_tables([Table(name="log")], {keyless.name: keyless}, {})


def test_the_publication_filters_by_what_the_log_always_has() -> None:
    key, other = Table(name="person", where="id > 5"), Table(name="person", where="city = 'x'")
    assert mapped(key, filters=True)[0].where_at_source
    assert not mapped(key, filters=False)[0].where_at_source
    assert not mapped(other, filters=True)[0].where_at_source


def test_the_publication_filters_by_anything_where_the_log_has_whole_rows() -> None:
    names = tuple(c.name for c in PERSON.columns)
    full = replace(PERSON, identity=Identity.FULL, identity_columns=names)
    tables = [Table(name="person", where="city = 'x'")]
    assert map_tables(tables, {full.name: full}, {}, row_filters=True)[0].where_at_source


NAMES = Table(name="person", only=("name",))
PLACES = Table(name="person", to="place", only=("street", "city"))


def test_a_split_table_is_joined_again() -> None:
    back = inverse(mapped(NAMES, PLACES))
    assert [flow.part for flow in back] == [Part.FIRST, Part.FURTHER]
    assert {flow.target.name for flow in back} == {PERSON.name}
    assert {v.column.name for flow in back for v in flow.values} == {"id", "name", "street", "city"}


def test_joined_tables_are_split_again() -> None:
    first = shape("person", ID, column("name"))
    second = shape("place", ID, column("street"))
    tables = [Table(name="person"), Table(name="place", to="person")]
    forward = map_tables(tables, {first.name: first, second.name: second}, {})
    assert [flow.part for flow in forward] == [Part.FIRST, Part.FURTHER]
    back = inverse(forward)
    assert [flow.part for flow in back] == [Part.WHOLE, Part.WHOLE]
    assert back[1].where == '"street" IS NOT NULL'
    assert back[1].outside is Outside.REMOVE


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ((Table(name="person", omit=("name",)),), "`name` of public.person stays behind"),
        ((Table(name="person", cast={"name": "boolean"}),), "which can lose something"),
        (
            (Table(name="person", columns={"city": "town"}, where="city = 'x'"),),
            "names `city`, which public.person does not have under this name",
        ),
        (
            (Table(name="person"), Table(name="person", to="place", only=("city",))),
            "`city` of public.person is in public.person and public.place",
        ),
        (
            (PLACES, NAMES.model_copy(update={"to": "named"})),
            "`name` of public.person cannot be empty",
        ),
    ],
)
def test_what_would_lose_something_cannot_come_back(tables: tuple[Table, ...], told: str) -> None:
    with pytest.raises(NotInvertible) as refused:
        inverse(mapped(*tables))
    assert told in str(refused.value)


def test_what_stays_behind_and_may_be_empty_can_come_back() -> None:
    (flow,) = inverse(mapped(Table(name="person", omit=("city",), constant={"origin": "x"})))
    assert [value.column.name for value in flow.values] == ["id", "name", "street"]


def test_on_its_way_back_a_filter_leaves_other_rows_alone() -> None:
    (flow,) = inverse(mapped(Table(name="person", where="city = 'x'")))
    assert flow.where == "city = 'x'"
    assert flow.outside is Outside.REFUSE


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(st.data())
def test_undoing_twice_is_doing(data: st.DataObject) -> None:
    names = data.draw(st.lists(WORDS, min_size=2, max_size=8, unique=True))
    table = shape("t", *(column(name) for name in names), key=(names[0],))
    renamed = data.draw(st.dictionaries(st.sampled_from(names), WORDS.map(str.upper), max_size=8))
    renamed = {old: new for old, new in renamed.items() if list(renamed.values()).count(new) == 1}
    omit = data.draw(st.sets(st.sampled_from(names[1:])))
    mapping = Table(
        name="t",
        to="there",
        columns={old: new for old, new in renamed.items() if old not in omit},
        omit=tuple(sorted(omit)),
    )
    flows = map_tables([mapping], {table.name: table}, {})
    again = inverse(inverse(flows))
    pairs = [(flows[0].source_name(v), v.column.name) for v in flows[0].values]
    assert [(again[0].source_name(v), v.column.name) for v in again[0].values] == pairs
    assert again[0].target_key == flows[0].target_key


@pytest.mark.parametrize(
    ("a", "b", "keeps", "comes_back"),
    [
        ("integer", "bigint", True, True),
        ("bigint", "smallint", True, True),
        ("integer", "numeric", True, False),
        ("numeric(9,2)", "numeric(12,2)", True, True),
        ("numeric(9,2)", "numeric(12,4)", True, False),
        ("numeric", "numeric(9,2)", False, False),
        ("numeric(9,2)", "integer", False, False),
        ("character varying(3)", "text", True, True),
        ("text", "character varying(3)", True, True),
        ("real", "double precision", True, False),
        ("timestamp without time zone", "timestamp with time zone", True, True),
        ("timestamp(3) without time zone", "timestamp(0) without time zone", False, False),
        ("json", "jsonb", False, False),
        ("text", "integer", False, False),
        ("date", "timestamp with time zone", True, False),
    ],
)
def test_which_casts_lose_nothing(a: str, b: str, *, keeps: bool, comes_back: bool) -> None:
    one, other = column("x", a), column("x", b)
    assert faithful(one, other) is keeps
    assert reversible(one, other) is comes_back


def test_a_length_is_taken_off_a_type_and_nothing_else() -> None:
    assert without_length("character varying(9)[]") == "character varying[]"
    assert without_length('app."odd(type"') == 'app."odd(type"'
    assert without_length("timestamp(3) with time zone") == "timestamp with time zone"


@pytest.mark.parametrize("text", ["int", "numeric(9, 2)", 'app."Odd"', "varchar(3)[]"])
def test_types_are_types(text: str) -> None:
    assert is_type(text)


@pytest.mark.parametrize("text", ["", "int; drop table x", "int -- x", 'a "', "int)/**/", "a'b"])
def test_other_texts_are_none(text: str) -> None:
    assert not is_type(text)


@pytest.mark.parametrize(
    "text",
    ["a = 'it''s )'", '"odd ) name" > 3', "(a) or (b)", "lower(a) like '%;%'", "a = '--'"],
)
def test_conditions_are_taken(text: str) -> None:
    assert not problem(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a)", "(a", "a; b", "a -- b", "a /* b", "$$a$$", "a = 'b", 'a = "b',
        r"a = E'\' or true --'", "exists (select 1)", "a = 'x' \\ b",
    ],
)  # fmt: skip
def test_what_could_leave_its_parentheses_is_none(text: str) -> None:
    assert problem(text)


@given(st.text("ab'\"()-/*;$\\ \n", max_size=12))
def test_a_condition_never_leaves_its_parentheses(text: str) -> None:
    if problem(text):
        return
    depth, quote = 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        else:
            assert character not in ";$\\"
            depth += (character == "(") - (character == ")")
            assert depth >= 0
    assert (depth, quote) == (0, "")


def test_a_condition_names_columns_in_any_way() -> None:
    table = shape("t", ID, column("Odd one"), column("CITY"), column("city"))
    assert columns_in('ID > 3 and "Odd one" = City', table) == {"id", "Odd one", "city"}
