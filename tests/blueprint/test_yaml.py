"""What YAML itself can get wrong, and the file that holds it."""

from pathlib import Path

import pytest

from matapalo.blueprint import examine, load
from matapalo.errors import BlueprintError
from tests.blueprint.written import MINIMAL, marked, places, problems, understood, write

BROKEN = {
    "a tab": ("name: shop\nmonolith:\n¦\turl: x\n", "a tab stands where YAML wants spaces"),
    "a list that never closes": ("name: shop\nedge: ¦[1, 2\n", "`[` that opens here has no `]`"),
    "a mapping that never closes": ("name: shop\nedge: ¦{a: 1\n", "`{` that opens here has no `}`"),
    "a quote that never closes": ("name: ¦'shop\n", "the quote that opens here never closes"),
    "two colons": ("name: shop¦: x\n", "a `:` stands where no key can be"),
    "indentation that fits nothing": (
        "name: shop\nmonolith:\n    url: x\n  ¦run: y\n",
        "this does not fit what stands above it",
    ),
    "a key twice": ("name: shop\n¦name: other\n", "`name` is given twice"),
    "a second document": ("name: shop\n¦---\nname: b\n", "a second document begins here"),
    "an alias without an anchor": ("name: shop\nedge: ¦*nowhere\n", "no anchor `&nowhere`"),
    "an alias of itself": ("name: shop\nedge: &e\n  limits: ¦*e\n", "no anchor `&e`"),
    "a tag": ("name: ¦!!python/name:os.system x\n", "are not read here"),
    "a list as a key": ("name: shop\n¦[a, b]: c\n", "a key has to be text"),
    "nothing as a key": ("name: shop\n¦null: c\n", "a key has to be text"),
    "a list as the whole": ("¦- name\n", "the file has to hold a mapping"),
    "text as the whole": ("¦shop\n", "the file has to hold a mapping"),
    "an unknown escape": ('name: "sh\\¦zop"\n', "found unknown escape character"),
    "a value that begins with @": ("name: ¦@shop\n", "a value cannot begin with @"),
    "a control character": ("name: sh¦\x07op\n", "U+0007 cannot be in a YAML file"),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_broken_yaml_is_told_where_it_begins(mistake: str, tmp_path: Path) -> None:
    text, what = BROKEN[mistake]
    written = marked(text)
    path = tmp_path / "matapalo.yaml"
    path.write_text(written.text, encoding="utf-8")
    found = next(p for p in examine(path, environ={}).problems if what in p.what)
    assert (found.place.line, found.place.column) == written.marks[0]


def test_every_duplicate_key_is_told_and_which_line_has_the_first(tmp_path: Path) -> None:
    written = marked(MINIMAL + "edge:\n  port: 1\n  ¦port: 2\n¦edge: {}\n")
    found = problems(tmp_path, written.text)
    assert places(found) == list(written.marks)
    assert "line 5" in found[0].hint


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n", "\ufeff"])
def test_an_empty_file_is_an_error(text: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, text)
    assert "empty" in found.what or "has to hold a mapping" in found.what


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    assert understood(tmp_path, "\ufeff" + MINIMAL).name == "shop"


def test_a_missing_file_a_folder_and_other_encodings_are_errors(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: shop\ndescription: cami\xf3n\n".encode("latin-1"))
    for path, what, place in (
        (tmp_path / "none.yaml", "no such file", (0, 0)),
        (tmp_path, "this is a folder", (0, 0)),
        (latin, "not UTF-8", (2, 18)),
    ):
        with pytest.raises(BlueprintError) as caught:
            load(path, environ={})
        (problem,) = caught.value.problems
        assert what in problem.what
        assert (problem.place.line, problem.place.column) == place
        assert str(path) in str(caught.value)


def test_a_file_that_is_too_big_is_refused_unread(tmp_path: Path) -> None:
    path = write(tmp_path, "# " + "x" * (1 << 20) + "\n" + MINIMAL)
    (problem,) = examine(path, environ={}).problems
    assert "larger than 1 MiB" in problem.what


def test_aliases_and_merge_keys_work(tmp_path: Path) -> None:
    blueprint = understood(
        tmp_path,
        MINIMAL
        + """\
products:
  p:
    services:
      a: &small
        url: http://127.0.0.1:1
        memory: 64
      b: *small
      c:
        <<: *small
        memory: 128
      d:
        <<: [{cpu: 2}, *small, {cpu: 4, health: /up}]
""",
    )
    services = blueprint.products["p"].services
    assert services["b"] == services["a"]
    assert services["c"] == services["a"].model_copy(update={"memory": 128})
    assert (services["d"].cpu, services["d"].health, services["d"].memory) == (2, "/up", 64)


def test_a_file_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 30):
        laughs += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    (found, *_) = [p for p in problems(tmp_path, laughs) if "aliases unfolded" in p.what]
    assert found.place.line == 5


@pytest.mark.parametrize("text", ["a: " + "[" * 20_000, "a: " + "{b: " * 5_000])
def test_a_file_that_is_too_deep_is_refused(text: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, text)
    assert "32 levels deep" in found.what


def test_a_chain_of_aliases_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    chain = "a0: &a0 {x: y}\n"
    chain += "".join(f"a{i}: &a{i} {{x: *a{i - 1}}}\n" for i in range(1, 2_000))
    assert any("levels deep, aliases unfolded" in p.what for p in problems(tmp_path, chain))


def test_a_value_has_the_type_of_its_key(tmp_path: Path) -> None:
    blueprint = understood(
        tmp_path,
        """\
        name: shop
        description: 1.10
        tags: {code: 0042, on: no}
        monolith: {url: "http://127.0.0.1:8080", timeout: "20"}
        organization:
          accounts:
            dev: {id: 012345678901, purpose: log-archive}
            watch: {id: 112345678901, purpose: security}
        edge: {reveal_side: True}
        events:
          schedules:
            daily:
              when: rate(1 day)
              to: p/f
              input: {n: 5, half: .5, yes: true, text: "5", none: null, version: 1.2.3}
        products:
          p:
            functions:
              f: {code: f, handler: f.f, env: {PORTS: 8080, FLAG: true, EMPTY: }}
        """,
    )
    assert blueprint.description == "1.10"
    assert blueprint.tags == {"code": "0042", "on": "no"}
    assert blueprint.monolith.timeout == 20
    assert blueprint.edge.reveal_side is True
    assert blueprint.organization is not None
    assert blueprint.organization.accounts["dev"].id == "012345678901"
    assert blueprint.products["p"].functions["f"].env == {
        "PORTS": "8080",
        "FLAG": "true",
        "EMPTY": "",
    }
    assert blueprint.events.schedules["daily"].input == {
        "n": 5,
        "half": 0.5,
        "yes": True,
        "text": "5",
        "none": None,
        "version": "1.2.3",
    }


def test_a_key_with_nothing_behind_it_is_its_default(tmp_path: Path) -> None:
    text = MINIMAL + "edge:\n  port:\n  limits:\nproducts:\n  p:\nsecrets:\n  login:\n"
    blueprint = understood(tmp_path, text)
    assert blueprint.edge == understood(tmp_path, MINIMAL).edge
    assert list(blueprint.products) == ["p"]
    assert list(blueprint.secrets) == ["login"]


def test_a_rate_limit_of_nothing_is_no_limit(tmp_path: Path) -> None:
    text = MINIMAL + "edge: {limits: {rate: null}}\n"
    assert understood(tmp_path, text).edge.limits.rate is None
