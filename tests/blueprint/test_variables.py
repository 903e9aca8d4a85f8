"""Values from the environment."""

from pathlib import Path

import pytest

from tests.blueprint.written import marked, places, problems, understood

TEXT = """\
name: shop
description: {description}
monolith: {{url: "http://127.0.0.1:8080"}}
edge:
  port: {port}
"""


def described(folder: Path, description: str, **environ: str) -> str:
    text = TEXT.format(description=description, port=80)
    return understood(folder, text, environ=environ).description


@pytest.mark.parametrize(
    ("written", "environ", "value"),
    [
        ("${WHO}", {"WHO": "me"}, "me"),
        ("a ${WHO} b ${WHO}${AND}", {"WHO": "x", "AND": "y"}, "a x b xy"),
        ("${WHO:-you}", {}, "you"),
        ("${WHO:-you}", {"WHO": "me"}, "me"),
        ("${WHO:-you}", {"WHO": ""}, "you"),
        ('"${WHO:-}"', {}, ""),
        ("$${WHO}", {"WHO": "me"}, "${WHO}"),
        ("$$${WHO}", {"WHO": "me"}, "$${WHO}"),
        ("$WHO costs $5", {"WHO": "me"}, "$WHO costs $5"),
        ("${WHO:-a:-b}", {}, "a:-b"),
        ("${WHO}", {"WHO": "${AND}", "AND": "x"}, "${AND}"),
        ("'${WHO}'", {"WHO": "it's: {a}"}, "it's: {a}"),
    ],
)
def test_a_variable_becomes_its_value(
    written: str, environ: dict[str, str], value: str, tmp_path: Path
) -> None:
    assert described(tmp_path, written, **environ) == value


def test_a_value_from_the_environment_has_the_type_of_its_key(tmp_path: Path) -> None:
    text = TEXT.format(description="x", port="${PORT}")
    assert understood(tmp_path, text, environ={"PORT": "8081"}).edge.port == 8081


def test_an_empty_value_without_quotes_is_a_value_that_is_not_given(tmp_path: Path) -> None:
    text = TEXT.format(description="x", port="${PORT:-}")
    assert understood(tmp_path, text).edge.port is None


def test_a_variable_that_is_not_set_is_an_error_at_its_place(tmp_path: Path) -> None:
    written = marked(TEXT.format(description="¦${WHO} and ${THEM}", port="¦${PORT}"))
    found = problems(tmp_path, written.text)
    assert places(found) == [written.marks[0], written.marks[0], written.marks[1]]
    assert [problem.path for problem in found] == ["description", "description", "edge.port"]
    assert "the environment variable PORT is not set" in found[2].what
    assert "${PORT:-" in found[2].hint


def test_a_needed_value_that_is_not_set_is_told_once(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "name: ${NAME}\nmonolith: {url: 'http://a.co'}\n")
    assert "NAME is not set" in found.what


@pytest.mark.parametrize("written", ["${1A}", "${A B}", "${}", "${A", "${A:+b}", "${A-b}"])
def test_what_looks_like_a_variable_and_is_none_is_an_error(written: str, tmp_path: Path) -> None:
    (found,) = problems(tmp_path, TEXT.format(description=f"'{written}'", port=80))
    assert "is not a variable" in found.what
    assert "$${" in found.hint


def test_a_variable_between_braces_needs_quotes_and_is_told_so(tmp_path: Path) -> None:
    text = "name: shop\nmonolith: {url: ${URL}}\n"
    (found,) = problems(tmp_path, text, environ={"URL": "http://a.co"})
    assert "put quotes around a variable" in found.hint


def test_a_message_never_shows_what_a_variable_holds(tmp_path: Path) -> None:
    text = TEXT.format(description="x", port="${PORT}")
    (found,) = problems(tmp_path, text, environ={"PORT": "hunter2"})
    assert "hunter2" not in str(found)
    assert "`${PORT}`" in found.what
