"""`matapalo check`, `schema` and `init`, as a person calls them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from matapalo.blueprint import load
from tests.blueprint.written import MINIMAL, write

PAGE = Path(__file__).parents[2] / "docs" / "blueprint.md"


def matapalo(*arguments: str | Path, folder: Path) -> "subprocess.CompletedProcess[str]":
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MATAPALO_")}
    return subprocess.run(
        [sys.executable, "-c", "from matapalo.cli import main; main()", *map(str, arguments)],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_right_blueprint_is_summed_up(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL + 'products: {p: {services: {s: {url: "http://127.0.0.1:1"}}}}\n')
    done = matapalo("check", folder=tmp_path)
    assert done.returncode == 0
    assert "matapalo.yaml is right for local" in done.stdout
    assert "p/s" in done.stdout


def test_a_wrong_one_is_told_whole_and_the_exit_status_is_1(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL + "edge: {prot: 1}\nlogs: {level: loud}\n")
    done = matapalo("check", folder=tmp_path)
    assert done.returncode == 1
    assert "error: matapalo.yaml:4:8: edge.prot: there is no key `prot` here" in done.stdout
    assert "did you mean `port`?" in done.stdout
    assert "error: matapalo.yaml:5:15: logs.level" in done.stdout
    assert "matapalo.yaml has 2 errors" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL + "edge: {user_header: x-user}\n")
    done = matapalo("check", folder=tmp_path)
    assert done.returncode == 0
    assert "warning: matapalo.yaml:4:21: edge.user_header: any client" in done.stdout


def test_a_script_gets_the_problems_as_json(tmp_path: Path) -> None:
    write(tmp_path, MINIMAL + "edge: {prot: 1}\n")
    done = matapalo("check", "--json", folder=tmp_path)
    said = json.loads(done.stdout)
    assert done.returncode == 1
    assert said["right"] is False
    assert said["problems"] == [
        {
            "severity": "error",
            "file": "matapalo.yaml",
            "line": 4,
            "column": 8,
            "path": "edge.prot",
            "what": "there is no key `prot` here",
            "hint": "did you mean `port`?",
        }
    ]


def test_no_blueprint_and_no_such_environment_are_clear(tmp_path: Path) -> None:
    none = matapalo("check", folder=tmp_path)
    assert none.returncode == 1
    assert "no such file" in none.stdout
    write(tmp_path, MINIMAL)
    prod = matapalo("check", "--env", "prod", folder=tmp_path)
    assert prod.returncode == 1
    assert "no environment `prod`" in prod.stdout


def test_the_schema_is_json_and_the_page_is_the_one_in_docs(tmp_path: Path) -> None:
    assert json.loads(matapalo("schema", folder=tmp_path).stdout)["title"] == "Matapalo blueprint"
    page = matapalo("schema", "--docs", folder=tmp_path).stdout
    assert page == PAGE.read_text(encoding="utf-8")


def test_a_stale_page_is_noticed(tmp_path: Path) -> None:
    assert matapalo("schema", "--docs", "--check", PAGE, folder=tmp_path).returncode == 0
    stale = tmp_path / "blueprint.md"
    stale.write_text("# old\n", encoding="utf-8")
    done = matapalo("schema", "--docs", "--check", stale, folder=tmp_path)
    assert done.returncode == 1
    assert "not up to date" in done.stderr
    assert stale.read_text(encoding="utf-8") == "# old\n"


def test_init_writes_a_blueprint_that_passes(tmp_path: Path) -> None:
    done = matapalo("init", "shop", "--url", "http://127.0.0.1:9", folder=tmp_path)
    assert done.returncode == 0
    assert (
        load(tmp_path / "shop" / "matapalo.yaml", environ={}).monolith.url == "http://127.0.0.1:9"
    )
    assert matapalo("check", folder=tmp_path / "shop").returncode == 0
    schema = json.loads((tmp_path / "shop" / "matapalo.schema.json").read_text(encoding="utf-8"))
    assert schema["title"] == "Matapalo blueprint"


def test_what_init_leaves_as_a_comment_passes_too(tmp_path: Path) -> None:
    matapalo("init", folder=tmp_path)
    path = tmp_path / "matapalo.yaml"
    head, products, rest = path.read_text(encoding="utf-8").partition("# products:")
    body = "\n".join(
        line.removeprefix("# ")
        for line in (products + rest).split("\n")
        if "way between" not in line
    )
    path.write_text(head + body, encoding="utf-8")
    blueprint = load(path, environ={})
    assert list(blueprint.slices) == ["statements"]


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "# mine\n")
    done = matapalo("init", folder=tmp_path)
    assert done.returncode == 1
    assert "there is a blueprint already" in done.stderr
    assert path.read_text(encoding="utf-8") == "# mine\n"


def test_init_refuses_what_cannot_be_in_a_blueprint_and_writes_nothing(tmp_path: Path) -> None:
    for arguments in (["--url", "ftp://a"], ["--name", "My Shop"]):
        done = matapalo("init", "x", *arguments, folder=tmp_path)
        assert done.returncode == 1
        assert not (tmp_path / "x").exists()


def test_a_folder_of_any_name_gives_a_name(tmp_path: Path) -> None:
    for folder in ("Mi Tienda!", "2024", "ñandú", "x" * 80, "_"):
        (tmp_path / folder).mkdir()
        assert matapalo("init", folder, folder=tmp_path).returncode == 0, folder


def test_init_in_a_folder_that_cannot_be_is_clear(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = matapalo("init", "file/inside", folder=tmp_path)
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
