"""The rim: a tree of texts becomes a directory.

    survey ─▶ Change (what is new, changed, gone, in the way) ─▶ write
                                                                  │ stage every text beside it
                                                                  │ commit: one rename
                                                                  ▼ move into place, remove the rest

Until the commit nothing in the directory has changed; from it on, whoever comes next brings it to
its end. In between, a file that Terraform refuses stands in every root, so that nobody plans with
half of a render. Files that carry no checksum are a person's, and stay.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from matapalo.cloud.header import mark_of, marked
from matapalo.cloud.tree import Tree
from matapalo.errors import CloudError, FilesEdited

_STAGE = ".matapalo-render"
_COMMIT = "commit.json"
_FENCE = "matapalo-unfinished.tf"
_FENCE_TEXT = "A render was ended in its middle here. Run `matapalo render` again: it ends it.\n"
_SKIPPED = frozenset({".terraform", ".git", _STAGE})
_SHOWN = 8


@dataclass(frozen=True)
class Change:
    """What a render would do to a directory, by relative path."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Files of an earlier render that this one has no more."""
    same: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    """Files that a person edited, or wrote, where the render has one; or no longer has one."""

    @property
    def empty(self) -> bool:
        """Whether the directory is as the render wants it."""
        return not (self.new or self.changed or self.removed or self.edited)


def survey(out: Path, tree: Tree, owns: Callable[[str], bool] = lambda _: True) -> Change:
    """Return what writing the tree would change.

    `owns` says of a path whether this render answers for it: an earlier render's file that it does
    not answer for stays.
    """
    kinds: dict[str, list[str]] = {
        kind: [] for kind in ("new", "changed", "removed", "same", "edited")
    }
    for path, text in tree.items():
        kinds[_kind(out / path, marked(path, text))].append(path)
    for path, text in _present(out):
        if path not in tree and owns(path) and (mark := mark_of(text)) != "foreign":
            kinds["removed" if mark == "ours" else "edited"].append(path)
    return Change(**{kind: tuple(paths) for kind, paths in kinds.items()})


def write(
    out: Path,
    tree: Tree,
    owns: Callable[[str], bool] = lambda _: True,
    *,
    force: bool = False,
) -> Change:
    """Make the directory what the tree says, and return what that changed.

    Raises FilesEdited, and changes nothing, where a person's edits would be lost and `force` is
    not set; CloudError where the directory cannot be written, or another render is at work in it.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            recover(out)
            change = survey(out, tree, owns)
            if change.edited and not force:
                raise _edited(out, change.edited)
            _inside(out, tree)
            _stage(out, tree, change)
            recover(out)
    except OSError as error:
        where = str(error.filename or out)
        raise CloudError(f"cannot be written: {error.strerror}", where=where) from None
    return change


def recover(out: Path) -> None:
    """Bring a committed render to its end; forget one that was not committed."""
    stage = out / _STAGE
    commit = stage / _COMMIT
    if commit.exists():
        _settle(out, stage, json.loads(commit.read_text(encoding="utf-8")))
    if stage.exists():
        shutil.rmtree(stage)


def _kind(path: Path, wanted: str) -> str:
    try:
        present = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return "new"
    except (UnicodeDecodeError, IsADirectoryError, NotADirectoryError):
        return "edited"
    if present == wanted:
        return "same"
    return "changed" if mark_of(present) == "ours" else "edited"


def _present(out: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of the directory that is text, with its text, sorted."""
    for folder, folders, names in os.walk(out):
        folders[:] = sorted(set(folders) - _SKIPPED)
        for name in sorted(names):
            path = Path(folder, name)
            try:
                text = path.read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):
                continue
            yield path.relative_to(out).as_posix(), text


def _stage(out: Path, tree: Tree, change: Change) -> None:
    stage = out / _STAGE
    stage.mkdir(mode=0o755)
    writes = [path for path in tree if path not in set(change.same)]
    for path in writes:
        draft = stage / "next" / path
        draft.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(marked(path, tree[path]), encoding="utf-8")
        draft.chmod(0o755 if path.endswith(".sh") else 0o644)
    gone = [*change.removed, *(path for path in change.edited if path not in tree)]
    if not writes and not gone:
        return
    roots = sorted({Path(path).parent.as_posix() for path in tree if path.endswith("/backend.tf")})
    draft = stage / f"{_COMMIT}.draft"
    draft.write_text(json.dumps({"write": writes, "remove": gone, "roots": roots}))
    draft.replace(stage / _COMMIT)


def _settle(out: Path, stage: Path, commit: dict[str, list[str]]) -> None:
    """Do what was committed; it may have been done in part, or wholly, before."""
    fences = [out / root / _FENCE for root in commit["roots"]]
    for fence in fences:
        fence.parent.mkdir(parents=True, exist_ok=True)
        fence.write_text(_FENCE_TEXT, encoding="utf-8")
    for path in commit["write"]:
        draft = stage / "next" / path
        if draft.exists():
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            draft.replace(out / path)
    for path in commit["remove"]:
        (out / path).unlink(missing_ok=True)
        _prune(out, (out / path).parent)
    for fence in fences:
        fence.unlink(missing_ok=True)
    (stage / _COMMIT).unlink()


def _prune(out: Path, folder: Path) -> None:
    while folder != out and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _inside(out: Path, tree: Tree) -> None:
    """Refuse to write through a link that leads out of the directory."""
    home = out.resolve()
    for folder in {(out / path).parent for path in tree}:
        if not folder.resolve().is_relative_to(home):
            raise CloudError("a link leads out of the rendered directory", where=str(folder))


def _edited(out: Path, paths: tuple[str, ...]) -> FilesEdited:
    named = ", ".join(paths[:_SHOWN]) + (" …" if len(paths) > _SHOWN else "")
    count = "1 file was" if len(paths) == 1 else f"{len(paths)} files were"
    hint = "take the edits into files of your own beside them, or give `--force` to lose them"
    return FilesEdited(f"{count} edited or written by hand: {named}", where=str(out), hint=hint)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    handle = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CloudError("another render is at work in it", where=str(out)) from None
    finally:
        os.close(handle)
