"""The command line, as a person and as a script use it: the real program, a real conductor."""

import asyncio
import json
import os
import pty
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conductor.place import Place, place


class Said(NamedTuple):
    status: int
    out: str
    err: str


async def matapalo(folder: Path, *words: str) -> Said:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "matapalo", *words,
        cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())


FORCED = ("--force", "--why", "a test")


async def test_a_slice_is_moved_and_seen_from_the_command_line(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        moved = await matapalo(conducted.folder, "advance", "statements")
        assert moved.status == 0, moved.err
        assert "statements: monolith → shadowing" in moved.out
        assert "accounts/statements is sent copies of 100%" in moved.out
        assert "statements is at shadowing (" in moved.out
        await conducted.gates_pass(edge)
        shown = await matapalo(conducted.folder, "slices")
        line = next(line for line in shown.out.splitlines() if line.startswith("statements"))
        assert "shadowing" in line
        assert line.split() == [
            "statements", "shadowing", "accounts/statements", "200", "0", "10", "200", "0", "10",
            "pass",
        ]  # fmt: skip
        back = await matapalo(conducted.folder, "back", "statements", "--why", "lunch")
        assert "statements is at monolith" in back.out
        ledger = await matapalo(conducted.folder, "ledger", "statements")
        assert "monolith → shadowing" in ledger.out
        assert "why: lunch" in ledger.out


async def test_json_is_for_scripts(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        moved = await matapalo(conducted.folder, "advance", "statements", "--json")
        events = [json.loads(line) for line in moved.out.splitlines()]
        assert events[-1]["position"] == {"stage": "shadowing", "percent": 0}
        shown = json.loads((await matapalo(conducted.folder, "slices", "--json")).out)
        assert {one["name"]: one["stage"] for one in shown}["statements"] == "shadowing"
        gates = json.loads((await matapalo(conducted.folder, "gates", "statements", "--json")).out)
        assert {gate["name"] for gate in gates} >= {"edges", "requests"}
        lines = (await matapalo(conducted.folder, "ledger", "--json", "-n", "2")).out.splitlines()
        assert [json.loads(line)["state"] for line in lines] == ["done", "done"]


REFUSED = [
    (("advance", "statments"), "did you mean `statements`?"),
    (("advance", "statements", "--percent", "500"), "500 is no share"),
    (("advance", "statements", "--to", "swiched"), "monolith, shadowing, reading"),
    (("advance", "statements"), "gates from monolith to shadowing are not passed"),
    (("advance", "payments"), "the conductor was told of no databases"),
    (("advance", "statements", "--force"), "needs a reason"),
    (("advance", "statements", "--wait", "-1"), "--wait"),
    (("back", "statements"), "monolith is the first stage"),
    (("gates", "nothing"), "no slice 'nothing'"),
    (("ledger", "nothing"), "no slice 'nothing'"),
]


async def test_what_is_refused_says_why_and_changes_nothing(conducted: Place) -> None:
    for words, said in REFUSED:
        refused = await matapalo(conducted.folder, *words)
        assert refused.status == 1, words
        assert said in refused.err
        assert "Traceback" not in refused.err
    assert await conducted.entries() == ()


async def test_without_a_conductor_every_verb_says_so(tmp_path: Path, ledger_url: str) -> None:
    async with place(tmp_path, ledger_url) as nobody:
        for words in (("slices",), ("advance", "statements"), ("ledger",), ("gates", "statements")):
            said = await matapalo(nobody.folder, *words)
            assert said.status == 1
            assert "matapalo up" in said.err


async def test_a_dry_run_says_what_would_be_done(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        said = await matapalo(
            conducted.folder, "advance", "statements", "--to", "switched", "--dry-run"
        )
        assert said.status == 0
        assert "reading 100% → switched" in said.out
        assert "would do 1: accounts/statements answers every request" in said.out
        assert await conducted.entries() == ()


async def test_writes_change_owner_only_after_a_yes(conducted: Place) -> None:
    async with conducted.edge():
        words = ("advance", "statements", "--to", "switched", *FORCED)
        asked = await matapalo(conducted.folder, *words)
        assert asked.status == 1
        assert "nobody is there to ask" in asked.err
        assert await conducted.entries() == ()
        done = await matapalo(conducted.folder, *words, "--yes")
        assert done.status == 0, done.err
        assert "the gates are overridden" in done.out
        assert (await conducted.slice()).stage == "switched"


@pytest.mark.parametrize(("answer", "stage"), [("n", "reading"), ("y", "switched")])
async def test_a_person_at_a_terminal_is_asked(conducted: Place, answer: str, stage: str) -> None:
    async with conducted.edge():
        await conducted.move("advance", percent=100, force=True, why="a test")
        person, terminal = pty.openpty()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "matapalo", "advance", "statements", *FORCED,
            cwd=conducted.folder, stdin=terminal,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        os.write(person, f"{answer}\n".encode())
        out, _ = await asyncio.wait_for(process.communicate(), 60)
        os.close(person)
        os.close(terminal)
        assert b"goes from reading 100% to switched" in out
        assert (await conducted.slice()).stage == stage


async def test_the_ledger_is_followed(conducted: Place) -> None:
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "matapalo", "ledger", "--follow",
            cwd=conducted.folder, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await conducted.move("advance")
            assert process.stdout
            async with asyncio.timeout(30):
                lines = [(await process.stdout.readline()).decode() for _ in range(6)]
            assert "monolith → shadowing" in lines[0]
            assert "move done: shadowing" in lines[5]
        finally:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("token", "ledger", "said"),
    [("", "x", "the token is empty"), ("t", "", "MATAPALO_LEDGER_URL is not set")],
)
async def test_conduct_needs_a_token_and_a_ledger(
    tmp_path: Path, ledger_url: str, token: str, ledger: str, said: str
) -> None:
    async with place(tmp_path, ledger and ledger_url) as made:
        (made.folder / ".matapalo" / "token").write_text(token)
        await made.start()
        assert made.process
        assert await asyncio.wait_for(made.process.wait(), 30) == 1
        assert said in (made.folder / f"conduct-{made.port}.log").read_text()


async def test_a_port_in_use_is_a_clear_error(conducted: Place) -> None:
    second = Place(conducted.folder, conducted.ledger_url, port=conducted.port)
    await second.start()
    assert second.process
    assert await asyncio.wait_for(second.process.wait(), 30) == 1
    log = (conducted.folder / f"conduct-{conducted.port}.log").read_text()
    assert f"port {conducted.port} cannot be listened on" in log
    assert (await conducted.slice()).stage == "monolith"
