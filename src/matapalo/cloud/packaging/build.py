"""The rim: reads folders, has pip fetch what code imports, writes zips."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.resources import as_file, files
from pathlib import Path

from matapalo.blueprint import Blueprint
from matapalo.blueprint.begun import as_begun
from matapalo.cloud.packaging.zips import files_of, zipped
from matapalo.errors import CloudError

OWN = ("blueprint", "edge")
"""The parts of ours that the authorizer is made of."""
IMPORTS = ("aiohttp", "pydantic", "pyjwt", "cryptography", "ruamel.yaml")
"""What they import, in the versions that are installed here."""
PYTHON = "3.13"
"""What the authorizer runs on."""
OLDER = ("2014", "_2_17")
"""The wheels that Python 3.11 takes, the last on Amazon Linux 2, whose glibc is 2.26."""
REQUIREMENTS = "requirements.txt"
MOST = 262_144_000
"""Bytes that a function may have, unpacked."""


@dataclass(frozen=True, slots=True)
class Target:
    """What code is built for: the processors, as Lambda names them."""

    architecture: str = "arm64"

    def pip(self, python: str) -> list[str]:
        """Return the options by which pip takes wheels of that machine, and of no other."""
        machine = {"arm64": "aarch64", "x86_64": "x86_64"}[self.architecture]
        kinds = OLDER if python == "3.11" else (*OLDER, "_2_28", "_2_34")
        platforms = [f"manylinux{kind}_{machine}" for kind in kinds]
        return [
            *(f"--platform={platform}" for platform in platforms),
            f"--python-version={python}",
            "--implementation=cp",
            "--only-binary=:all:",
        ]


def build(blueprint: Blueprint, folder: Path, out: Path, target: Target) -> Iterator[Path]:
    """Write every zip below `out`, and yield its path. Raises CloudError."""
    for name in ("rotate", "secrets"):
        yield _write(out / f"{name}.zip", _resource(f"cloud/functions/{name}"))
    if blueprint.security:
        yield _write(out / "authorizer.zip", {**_own(), **_fetched(_pinned(), PYTHON, target)})
    for name, function in as_begun(blueprint).functions().items():
        code = folder / function.code
        if not code.is_dir():
            raise CloudError("the folder of its code is not there", where=str(code))
        needs = code / REQUIREMENTS
        python = function.runtime.removeprefix("python")
        more = _fetched(["-r", str(needs)], python, target) if needs.exists() else {}
        yield _write(out / "functions" / f"{name}.zip", {**more, **files_of(code)})


def _write(path: Path, contents: dict[str, bytes]) -> Path:
    if sum(map(len, contents.values())) > MOST:
        raise CloudError("it is larger than Lambda takes (250 MB unpacked)", where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = zipped(contents)
    if not path.exists() or path.read_bytes() != new:
        path.write_bytes(new)
    return path


def _resource(name: str) -> dict[str, bytes]:
    with as_file(files("matapalo") / name) as folder:
        return files_of(folder)


def _own() -> dict[str, bytes]:
    """Return our own sources, as the authorizer has them."""
    whole = files("matapalo")
    own = {f"matapalo/{n}": (whole / n).read_bytes() for n in ("__init__.py", "errors.py")}
    for part in OWN:
        own |= {f"matapalo/{part}/{name}": text for name, text in _resource(part).items()}
    return own


def _pinned() -> list[str]:
    return [f"{name}=={metadata.version(name)}" for name in IMPORTS]


def _fetched(wanted: Sequence[str], python: str, target: Target) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as place:
        command = [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--no-compile", f"--target={place}", *target.pip(python), *wanted,
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CloudError(
                "pip does not find what the code imports",
                where=" ".join(wanted),
                hint=done.stderr.strip()[-1000:],
            )
        found = files_of(Path(place))
    return {name: text for name, text in found.items() if not name.startswith("bin/")}
