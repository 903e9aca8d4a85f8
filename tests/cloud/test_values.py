"""What all else is made of: text, names, groups, and where policies are laid."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from matapalo.blueprint import Account, Guardrails, Organization, Unit
from matapalo.cloud import System
from matapalo.cloud.guardrails import Place, places
from matapalo.cloud.hcl import Comment, Expr, Value, block, call, text
from matapalo.cloud.names import LONGEST, fit, shortened
from matapalo.cloud.talks import ANYWHERE, talks
from matapalo.cloud.yaml import document
from tests.cloud.terraform import Terraform

SCALARS = st.one_of(
    st.text(max_size=40), st.booleans(), st.integers(-(10**9), 10**9), st.just(Expr("var.a"))
)
KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def made() -> list[dict[str, Value]]:
    """Many values, the same in every run."""
    found: list[dict[str, Value]] = []

    @given(st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True), VALUES, max_size=6))
    def collect(values: dict[str, Value]) -> None:
        found.append(values)

    collect()
    return found


def test_text_is_laid_out_as_terraform_lays_it_out(
    made: list[dict[str, Value]], terraform: Terraform, tmp_path: Path
) -> None:
    parts = [block("locals", values) for values in made]
    parts.append(block("locals", {"if": 1, "for": {"in": 2, "null": 3}}))
    parts.append(
        block(
            "resource", "a", "b",
            {"x": 1, "longer": "a${b}", "text": "one\ntwo ${x}\n", "after": "1"},
            {"call": call("jsonencode", {"A": "b"}), "empty": {}, "none": None},
            block("lifecycle", {"prevent_destroy": True}),
        )
    )  # fmt: skip
    (tmp_path / "x.tf").write_text(text([Comment("Why."), *parts]))
    assert terraform(tmp_path, "fmt", "-check", "-diff") == ""


def test_a_text_is_never_worked_out() -> None:
    said = text([block("locals", {"a": '${x} %{if} "q" \\ \n'})])
    assert said == 'locals {\n  a = "$${x} %%{if} \\"q\\" \\\\ \\n"\n}\n'


@given(st.text(alphabet="abc-", min_size=1, max_size=200), st.sampled_from(sorted(LONGEST)))
def test_a_name_is_never_too_long_and_stays_the_same(name: str, kind: str) -> None:
    assert len(fit(name, kind)) <= LONGEST[kind]
    assert fit(name, kind) == fit(name, kind)


@given(st.sets(st.text(alphabet="abc-", min_size=1, max_size=80), min_size=2, max_size=20))
def test_shortened_names_stay_apart(names: set[str]) -> None:
    assert len({shortened(name, 30) for name in names}) == len(names)


ORGANIZATION = Organization(
    units={"a": Unit(), "b": Unit(parent="a"), "c": Unit(parent="a"), "d": Unit(parent="c")},
    accounts={
        "management": Account(id="1" * 12, purpose="management"),
        "top": Account(id="2" * 12),
        "in-a": Account(id="3" * 12, unit="a"),
        "in-b": Account(id="4" * 12, unit="b"),
        "in-d": Account(id="5" * 12, unit="d"),
    },
)


def without(*units: str) -> tuple[Place, ...]:
    return places(
        ORGANIZATION.model_copy(update={"guardrails": Guardrails(except_units=tuple(units))})
    )


def test_guardrails_lie_on_the_root_where_no_unit_is_left_out() -> None:
    assert without() == (Place("root", "root"),)


def test_guardrails_cover_everything_but_what_is_left_out() -> None:
    assert without("b") == (Place("account", "in-a"), Place("account", "top"), Place("unit", "c"))
    assert without("a") == (Place("account", "top"),)


@given(st.sets(st.sampled_from("abcd")))
def test_each_account_is_covered_once_or_left_out(left: set[str]) -> None:
    laid = without(*left)
    for name, account in ORGANIZATION.accounts.items():
        line, unit = [], account.unit
        while unit:
            line.append(unit)
            unit = ORGANIZATION.units[unit].parent
        covers = [
            place
            for place in laid
            if place.kind == "root"
            or (place.kind == "unit" and place.name in line)
            or (place.kind == "account" and place.name == name)
        ]
        wanted = 0 if left & set(line) else 1
        if account.purpose != "management" or covers:
            assert len(covers) == wanted, (name, laid)


def test_a_store_admits_only_who_uses_it(wallet: System) -> None:
    said = talks(wallet.scenes[-1].blueprint)
    callers = {rule.caller for rule in said.rules if rule.callee == "stores/payments/ledger"}
    assert callers == {"cluster"}
    assert not [way for way in said.ways if way.caller.startswith("stores/")]


def test_what_is_behind_a_link_is_called_there_and_nowhere_else(wallet: System) -> None:
    ways = talks(wallet.scenes[-1].blueprint).ways
    assert {way.cidr for way in ways if way.port == 5432} == {"10.1.20.30/32"}
    assert {way.port for way in ways if way.cidr == ANYWHERE} == {443}


PLAIN = st.recursive(
    st.one_of(
        st.text(st.characters(codec="utf-8"), max_size=20),
        st.text("ab:#-'\"\\ \n\t{}[]&*!|>%@`,?.0179yno~$", max_size=12),
        st.integers(),
        st.booleans(),
        st.none(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("ab -:#", min_size=1), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("ab -:#y0", min_size=1), PLAIN, min_size=1, max_size=4))
def test_yaml_says_what_it_was_given(value: dict[str, Any]) -> None:
    assert YAML(typ="safe", pure=True).load(document(value)) == value
