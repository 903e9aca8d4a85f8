"""Files and folders that a blueprint names."""

from pathlib import Path

import pytest

from matapalo.blueprint import examine, load
from matapalo.errors import BlueprintError
from tests.blueprint.written import marked, write

TEXT = """\
name: shop
monolith: {run: {command: [shop], folder: ¦old}}
site: {folder: ¦web, path: /app}
products:
  p:
    services:
      s: {run: {command: [s], folder: ¦s}, code: ¦build}
    functions:
      f: {code: f, handler: ¦app.main.handle}
      g: {code: ¦g, handler: g.handle}
"""


def test_what_is_not_there_is_told_once_each(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    written = marked(TEXT)
    found = examine(write(tmp_path, written.text), environ={}).errors
    assert [(p.place.line, p.place.column) for p in found] == list(written.marks)
    assert "there is no file `f/app/main.py` or `f/app/main/__init__.py`" in found[4].what


def test_what_is_there_is_no_mistake(tmp_path: Path) -> None:
    for name in (
        "old/x", "web/index.html", "s/x", "build/Dockerfile", "f/app/main/__init__.py", "g/g.py",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert load(write(tmp_path, marked(TEXT).text), environ={}).name == "shop"


def test_a_process_far_away_loads_the_blueprint_without_the_sources(tmp_path: Path) -> None:
    text = """\
        name: shop
        monolith: {url: "https://shop.example.com"}
        products: {p: {functions: {f: {code: f, handler: f.f}}}}
        environments: {dev: {region: us-east-1}}
        """
    path = write(tmp_path, text)
    assert load(path, "dev", {}).name == "shop"
    assert examine(path, "dev", {}).errors
    with pytest.raises(BlueprintError):
        load(path, "local", {})
