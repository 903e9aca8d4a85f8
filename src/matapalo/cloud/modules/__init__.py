"""The Terraform modules, written by hand, and which of them a render has to carry along."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from matapalo.cloud.tree import Tree, joined
from matapalo.errors import CloudError

_CALL = re.compile(r'^\s*source\s*=\s*"(?:\.\./)+(?:modules/)?([a-z0-9-]+)"', re.MULTILINE)


def called(texts: Mapping[str, str]) -> Tree:
    """Return the modules that these texts call, and those that they call in turn."""
    found: dict[str, Tree] = {}
    wanted = _names(texts)
    while wanted:
        new = {name: module(name) for name in sorted(wanted)}
        found |= new
        wanted = {name for tree in new.values() for name in _names(tree)} - set(found)
    return joined(*found.values())


@cache
def module(name: str) -> Tree:
    """Return a module's files, below `modules/`. Raises CloudError where there is none."""
    folder = files(__package__) / name
    if not folder.is_dir():
        raise CloudError("there is no such module", where=f"modules/{name}")
    return Tree(dict(_texts(folder, f"modules/{name}")))


def _texts(folder: Traversable, path: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for each in folder.iterdir():
        if each.name.startswith((".", "__pycache__")):
            continue
        if each.is_dir():
            texts |= _texts(each, f"{path}/{each.name}")
        else:
            texts[f"{path}/{each.name}"] = each.read_text(encoding="utf-8")
    return texts


def _names(texts: Mapping[str, str]) -> set[str]:
    return {
        name for path, text in texts.items() if path.endswith(".tf") for name in _CALL.findall(text)
    }
