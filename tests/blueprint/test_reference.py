"""The reference page says what the model says."""

from pathlib import Path

from matapalo.blueprint import Blueprint
from matapalo.blueprint.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "blueprint.md"


def test_the_page_in_docs_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_part_has_a_section_and_every_key_a_row() -> None:
    sections = dict(_sections(reference()))
    schema = Blueprint.model_json_schema()
    for name, part in schema["$defs"].items():
        for key in part.get("properties", {}):
            assert f"| `{key}` |" in sections[name]


def test_every_link_leads_to_a_section() -> None:
    page = reference()
    targets = {part.partition(")")[0] for part in page.split("](#")[1:]}
    assert targets <= {name.lower() for name, _ in _sections(page)}


def _sections(page: str) -> list[tuple[str, str]]:
    return [(text.partition("\n")[0], text) for text in page.split("\n## ")[1:]]
