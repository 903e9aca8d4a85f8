"""The rim of the blueprint: files are read and looked for here, and nowhere else in this part."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from matapalo.blueprint.checks import Finding, Listed
from matapalo.errors import BlueprintError, Place, Problem

MOST_BYTES = 1 << 20


def text_of(path: Path) -> str:
    """Return a file's text. Raises BlueprintError where it cannot be read, or is too big."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, "no such file", "`matapalo init` writes one") from None
    except IsADirectoryError:
        raise _unreadable(path, "this is a folder", "name the file in it") from None
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}", "") from None
    if len(data) > MOST_BYTES:
        raise _unreadable(path, f"larger than {MOST_BYTES >> 20} MiB", "is this the right file?")
    return _decoded(data, path)


def missing(folder: Path, listed: Iterable[Listed]) -> Iterator[Finding]:
    """Yield what the blueprint names and the disk has not. Paths are relative to `folder`."""
    gone: list[str] = []
    for each in listed:
        told = any(path.startswith(f"{lost}/") for path in each.any_of for lost in gone)
        if not told and not any(_is(folder / path, each.kind) for path in each.any_of):
            gone += each.any_of
            names = " or ".join(f"`{path}`" for path in each.any_of)
            hint = f"paths are relative to the blueprint's folder, {folder}"
            yield Finding(each.loc, f"there is no {each.kind} {names}", hint)


def _is(path: Path, kind: Literal["folder", "file"]) -> bool:
    return path.is_dir() if kind == "folder" else path.is_file()


def _decoded(data: bytes, path: Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        problem = Problem(Place(str(path), line, column), "", "not UTF-8", "save it as UTF-8")
        raise BlueprintError([problem]) from None


def _unreadable(path: Path, what: str, hint: str) -> BlueprintError:
    return BlueprintError([Problem(Place(str(path)), "", what, hint)])
