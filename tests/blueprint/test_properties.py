"""What holds for any blueprint, and for any text."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from matapalo.blueprint import Blueprint, Examined, Monolith, examine
from matapalo.blueprint.reading import parse
from matapalo.blueprint.reading.shape import trace
from matapalo.blueprint.reading.tree import Loc, Mapping, Node, Sequence
from matapalo.errors import Place
from tests import support
from tests.blueprint.blueprints import values_of

EVERYTHING = Path(__file__).with_name("everything.yaml").read_text(encoding="utf-8")


# A folder of the test's own serves all the examples: each one writes its file anew.
def examples(count: int) -> settings:
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(deadline=None, suppress_health_check=slow, max_examples=support.examples(count))


def read(folder: Path, text: str) -> Examined:
    path = folder / "matapalo.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    return examine(path, environ={}, look=False)


def written(blueprint: Blueprint) -> str:
    """Write a blueprint as YAML, `${` escaped."""
    stream = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(_escaped(blueprint.model_dump(mode="json", exclude_unset=True)), stream)
    return stream.getvalue()


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


@pytest.mark.parametrize("key", Blueprint.model_fields)
@examples(15)
@given(data=st.data())
def test_a_blueprint_that_is_written_and_read_is_the_same(
    key: str, data: st.DataObject, tmp_path: Path
) -> None:
    small = {"name": "shop", "monolith": Monolith(url="http://127.0.0.1:8080")}
    blueprint = Blueprint(**{**small, key: data.draw(values_of(key))})
    found = read(tmp_path, written(blueprint))
    assert found.blueprint == blueprint, [str(problem) for problem in found.errors]


KEYS: list[tuple[Loc, Place]] = []


def _collect(node: Node, loc: Loc = ()) -> None:
    """Gather the keys that the model gives (not names that a person chose), outside of overlays."""
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            here = (*loc, key)
            if "overlay" in here:
                continue
            if trace(Blueprint, here).model is not None:
                KEYS.append((here, entry.key))
            _collect(entry.node, here)
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            _collect(item, (*loc, index))


tree, _ = parse(EVERYTHING, "everything.yaml")
assert tree is not None
_collect(tree)


@examples(40)
@given(data=st.data())
def test_a_key_with_a_letter_wrong_is_always_told_in_its_line(
    data: st.DataObject, tmp_path: Path
) -> None:
    loc, place = data.draw(st.sampled_from(KEYS))
    letter = data.draw(st.sampled_from("xqz_"))
    at = data.draw(st.integers(0, len(str(loc[-1]))))
    lines = EVERYTHING.split("\n")
    line, column = lines[place.line - 1], place.column - 1
    lines[place.line - 1] = line[: column + at] + letter + line[column + at :]
    found = read(tmp_path, "\n".join(lines))
    assert any(problem.place.line == place.line for problem in found.errors)


@examples(60)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(EVERYTHING)), st.integers(0, 40), st.text(max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_a_mangled_blueprint_is_read_or_refused_with_problems(
    cuts: list[tuple[int, int, str]], tmp_path: Path
) -> None:
    text = EVERYTHING
    for start, length, put in cuts:
        text = text[:start] + put + text[start + length :]
    found = read(tmp_path, text.encode("utf-8", "replace").decode("utf-8"))
    assert found.blueprint is not None or found.errors


@examples(100)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_problems(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "matapalo.yaml"
    path.write_bytes(data)
    found = examine(path, environ={}, look=False)
    assert found.blueprint is not None or found.errors


def test_there_are_keys_to_mangle() -> None:
    assert len(KEYS) > 150


@pytest.mark.parametrize("seed", range(3))
def test_reading_twice_gives_the_same(seed: int, tmp_path: Path) -> None:
    text = EVERYTHING[: len(EVERYTHING) * (seed + 1) // 3]
    assert read(tmp_path, text) == read(tmp_path, text)
