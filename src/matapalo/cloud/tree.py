"""A tree of texts by path: what a render is before anything touches a disk."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from matapalo.errors import CloudError


class Tree(Mapping[str, str]):
    """Texts by relative path (`roots/prod/network/main.tf`), sorted; it never changes."""

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._texts = {path: (texts or {})[path] for path in sorted(texts or {})}
        for path in self._texts:
            _check(path)

    def __getitem__(self, path: str) -> str:
        return self._texts[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __repr__(self) -> str:
        return f"Tree({', '.join(self._texts)})"

    def under(self, folder: str) -> "Tree":
        """Return the same texts in a folder."""
        return Tree({f"{folder}/{path}": text for path, text in self._texts.items()})


def joined(*trees: Mapping[str, str]) -> Tree:
    """Return all texts of all trees. Raises CloudError where two say different things of a path."""
    texts: dict[str, str] = {}
    for tree in trees:
        for path, text in tree.items():
            if texts.setdefault(path, text) != text:
                raise CloudError("two parts of the render write the same file", where=path)
    return Tree(texts)


def _check(path: str) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or str(pure) != path or not path:
        raise CloudError("a rendered path has to stay in its directory", where=path)
