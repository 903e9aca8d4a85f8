"""People move slices in a cluster as on a laptop: by the script that is rendered, or by the URL.

`kubectl` stands for the real one: it runs here what it is told to run in the pod, with the pod's
variables. The conductor and the program are real.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matapalo.cloud import render
from tests.cloud.given import everything
from tests.conductor.place import Place
from tests.console.test_cli import Said, matapalo

ANA = "arn:aws:sts::111122223333:assumed-role/rescue/ana"
AWS = f"""\
#!/bin/sh
case "$*" in
  *get-caller-identity*) echo {ANA} ;;
  *"update-kubeconfig --name everything-prod --kubeconfig "*) echo prod >"$KUBECONFIG" ;;
  *) exit 1 ;;
esac
"""
KUBECTL = """\
#!/bin/sh
grep -q prod "$KUBECONFIG" || exit 1
printf '%s\\n' "$*" >"$SEEN"
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
"""


async def test_a_slice_is_moved_by_the_script_and_the_ledger_names_who_did(
    conducted: Place,
) -> None:
    script, environment = _script(conducted)
    async with conducted.edge() as edge:
        await conducted.gates_pass(edge)
        moved = await _run(script, environment, "prod", "advance", "statements", "--yes")
        assert moved.status == 0, moved.err
        assert "statements is at shadowing (" in moved.out
        seen = Path(environment["SEEN"]).read_text()
        assert seen.startswith("-n matapalo exec deployment/conductor -c conductor -- ")
        told = await _run(script, environment, "prod", "ledger", "statements", "--json")
        assert {json.loads(line)["who"] for line in told.out.splitlines()} == {ANA}
        back = await _run(script, environment, "prod", "back", "statements")
        assert "statements is at monolith" in back.out


async def test_the_script_reaches_no_cluster_but_that_of_its_environment(conducted: Place) -> None:
    script, environment = _script(conducted)
    refused = await _run(script, environment, "production", "slices")
    assert refused.status == 1
    assert "there is no environment production" in refused.err
    assert not Path(environment["SEEN"]).exists()


def test_the_pod_knows_the_conductor_and_its_token() -> None:
    text = render(everything())["kubernetes/prod/matapalo/conductor.yaml"]
    objects = list(YAML(typ="safe").load_all(text))
    (pod,) = (it["spec"]["template"]["spec"] for it in objects if it["kind"] == "Deployment")
    (container,) = pod["containers"]
    told = {it["name"]: it.get("value") for it in container["env"]}
    assert container["name"] == "conductor"
    assert (
        told["MATAPALO_CONDUCTOR"] == f"http://127.0.0.1:{container['ports'][0]['containerPort']}"
    )
    assert told["MATAPALO_TOKEN_FILE"] in container["command"]


async def test_a_conductor_elsewhere_is_asked_by_its_url(conducted: Place, tmp_path: Path) -> None:
    token = conducted.folder / ".matapalo/token"
    shown = await matapalo(
        tmp_path, "slices", "--conductor", conducted.url, "--token-file", str(token), "--json"
    )
    assert {one["name"] for one in json.loads(shown.out)} >= {"statements"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--conductor", "conductor:8080", "--token-file", "t"), "answers at a URL"),
        (("--conductor", "http://127.0.0.1:1"), "wants a token"),
        (("--conductor", "http://127.0.0.1:1", "--token-file", "none"), "cannot be read"),
        ((), "no conductor runs here"),
    ],
)
async def test_what_is_not_said_well_is_a_clear_error(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    refused = await matapalo(tmp_path, "slices", *words)
    assert refused.status == 1
    assert said in refused.err


def _script(at: Place) -> tuple[Path, dict[str, str]]:
    script, tools = at.folder / "conduct.sh", at.folder / "bin"
    script.write_text(render(everything())["kubernetes/conduct.sh"])
    tools.mkdir()
    for name, text in {"aws": AWS, "kubectl": KUBECTL}.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return script, {
        "PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SEEN": str(at.folder / "seen"),
        "MATAPALO_CONDUCTOR": at.url,
        "MATAPALO_TOKEN_FILE": str(at.folder / ".matapalo/token"),
    }


async def _run(script: Path, environment: dict[str, str], *words: str) -> Said:
    process = await asyncio.create_subprocess_exec(
        "sh", str(script), *words,
        env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode is not None
    return Said(process.returncode, out.decode(), err.decode())
