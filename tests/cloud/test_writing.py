"""A render becomes a directory: a person's work is kept, and nothing is left half done."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from matapalo.cloud.header import mark_of, marked
from matapalo.cloud.scope import Scope
from matapalo.cloud.tree import Tree, joined
from matapalo.cloud.writing import recover, survey, write
from matapalo.errors import CloudError, FilesEdited

TREE = Tree({
    "README.md": "# A render\n",
    "roots/prod/network/backend.tf": "terraform {}\n",
    "roots/prod/network/main.tf": "locals {}\n",
    "pipelines/site.sh": "#!/bin/sh\ntrue\n",
})  # fmt: skip


def everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_tree_twice_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    before = everything(tmp_path)
    assert write(tmp_path, TREE).empty
    assert everything(tmp_path) == before


@pytest.mark.parametrize("path", TREE)
def test_a_file_says_itself_whether_it_was_edited(path: str) -> None:
    text = marked(path, TREE[path])
    assert mark_of(text) == "ours"
    assert mark_of(text + "\n") == "edited"
    assert mark_of(TREE[path]) == "foreign"


def test_a_script_still_begins_with_its_interpreter_and_can_be_run(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    script = tmp_path / "pipelines/site.sh"
    assert script.read_text().startswith("#!/bin/sh\n")
    subprocess.run([script], check=True)


def test_an_edited_file_is_not_overwritten_and_nothing_else_is_written_either(
    tmp_path: Path,
) -> None:
    write(tmp_path, TREE)
    edited = tmp_path / "roots/prod/network/main.tf"
    edited.write_text(edited.read_text() + "# mine\n")
    before = everything(tmp_path)
    newer = joined(TREE, Tree({"roots/prod/network/new.tf": "locals {}\n"}))
    with pytest.raises(FilesEdited, match=r"main\.tf"):
        write(tmp_path, newer)
    assert everything(tmp_path) == before
    write(tmp_path, newer, force=True)
    assert "# mine" not in edited.read_text()


def test_an_edited_file_that_is_no_longer_rendered_is_not_removed(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    edited = tmp_path / "roots/prod/network/main.tf"
    edited.write_text(edited.read_text() + "# mine\n")
    less = Tree({path: TREE[path] for path in TREE if not path.endswith("main.tf")})
    with pytest.raises(FilesEdited):
        write(tmp_path, less)
    assert edited.exists()


def test_a_file_of_ones_own_stays_and_one_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    own = tmp_path / "roots/prod/network/own.tf"
    own.parent.mkdir(parents=True)
    own.write_text("# mine\n")
    write(tmp_path, TREE)
    assert own.read_text() == "# mine\n"
    (tmp_path / "roots/prod/network/more.tf").write_text("# mine too\n")
    with pytest.raises(FilesEdited):
        write(tmp_path, joined(TREE, Tree({"roots/prod/network/more.tf": "locals {}\n"})))


def test_what_is_no_longer_rendered_goes_with_its_empty_folders(tmp_path: Path) -> None:
    write(tmp_path, TREE)
    write(tmp_path, Tree({"README.md": "# Less\n"}))
    assert set(everything(tmp_path)) == {"README.md"}
    assert not (tmp_path / "roots").exists()


def test_a_render_of_one_environment_leaves_the_others_alone(tmp_path: Path) -> None:
    write(tmp_path, joined(TREE, Tree({"roots/dev/network/main.tf": "locals {}\n"})))
    write(tmp_path, Tree({"roots/dev/network/other.tf": "locals {}\n"}), Scope(["dev"]))
    assert set(everything(tmp_path)) == {*TREE, "roots/dev/network/other.tf"}


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "aws", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "roots").symlink_to(elsewhere)
    with pytest.raises(CloudError, match="leads out"):
        write(out, TREE)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("path", ["../x.tf", "/x.tf", "a/../../x.tf", ""])
def test_a_path_that_leads_out_is_no_part_of_a_tree(path: str) -> None:
    with pytest.raises(CloudError):
        Tree({path: ""})


def test_two_texts_for_one_path_are_refused() -> None:
    with pytest.raises(CloudError):
        joined(Tree({"a.tf": "1"}), Tree({"a.tf": "2"}))


KILLED = """
import os, signal, sys
from pathlib import Path
from matapalo.cloud import writing
from matapalo.cloud.tree import Tree

moves = int(sys.argv[2])
replace = Path.replace

def counted(self, target):
    global moves
    if moves == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    moves -= 1
    return replace(self, target)

Path.replace = counted
writing.write(Path(sys.argv[1]), Tree({f"roots/prod/r{n}/{name}": "# new\\n"
    for n in range(3) for name in ("backend.tf", "main.tf")}))
"""


@pytest.mark.parametrize("moves", range(7))
def test_a_killed_render_is_whole_after_the_next_one(tmp_path: Path, moves: int) -> None:
    """Killed before its commit, nothing has changed; after it, whoever comes next ends it."""
    out = tmp_path / "aws"
    roots = [f"roots/prod/r{n}/{name}" for n in range(3) for name in ("backend.tf", "main.tf")]
    write(out, Tree(dict.fromkeys(roots, "# old\n")))
    before = everything(out)
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), str(moves)], check=False)
    assert done.returncode == -signal.SIGKILL
    now = {path: text for path, text in everything(out).items() if ".matapalo-render" not in path}
    if moves == 0:
        assert now == before
    else:
        fences = [path for path in now if path.endswith("matapalo-unfinished.tf")]
        assert len(fences) == 3  # Terraform refuses every root in between
        assert json.loads((out / ".matapalo-render/commit.json").read_text())["write"]
    recover(out)
    after = everything(out)
    wanted = "# old\n" if moves == 0 else "# new\n"
    assert after == {path: marked(path, wanted) for path in roots}
    assert survey(out, Tree(dict.fromkeys(roots, wanted))).empty
