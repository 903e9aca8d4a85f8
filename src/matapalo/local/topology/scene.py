"""All that a plan is made from."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from matapalo.blueprint import Blueprint
from matapalo.blueprint.secret import EnvValue
from matapalo.local.home import Home
from matapalo.local.identity import MARK
from matapalo.local.ports import LOOPBACK
from matapalo.local.secrets import Secrets
from matapalo.local.spec import Aws, Command, Environment

REGION = "us-east-1"

PASSED_ON = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TMPDIR",
    "TZ",
    "USER",
)
"""What a process is given of the environment that `up` was called in.

Nothing else: the same blueprint runs the same way in every shell, and no credentials of the person
who calls it reach a process that was not given them.
"""


@dataclass(frozen=True)
class Scene:
    """A blueprint, and the place on this machine where it runs."""

    blueprint: Blueprint
    file: Path
    """The blueprint's file, an absolute path."""
    environment: str
    home: Home
    ports: Mapping[str, int]
    secrets: Secrets
    host: Environment = field(repr=False)
    """What is passed on of the environment that `up` was called in."""

    @property
    def folder(self) -> Path:
        """What paths in the blueprint are relative to."""
        return self.file.parent

    @property
    def emulator(self) -> Aws:
        """The emulated AWS services."""
        return Aws(self.url("aws"), REGION, self.secrets["local/aws-id"], self.secrets["local/aws"])

    @property
    def aws(self) -> Aws | None:
        """The emulated AWS services, where the blueprint has a use for them."""
        return self.emulator if uses_aws(self.blueprint) else None

    def url(self, name: str) -> str:
        """Return where one of our own processes answers."""
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def moved(self, ports: Mapping[str, int]) -> "Scene":
        """Return the same scene with some processes at other ports."""
        return replace(self, ports={**self.ports, **ports})

    def value(self, value: EnvValue) -> str:
        """Return what an environment variable is set to."""
        return value if isinstance(value, str) else self.secrets[value.secret]

    def env(self, variables: Mapping[str, str]) -> Environment:
        """Return a process's whole environment."""
        ours = {"PYTHONUNBUFFERED": "1", MARK: str(self.home.folder)}
        return tuple(sorted({**dict(self.host), **variables, **ours}.items()))

    def own(self, *words: str, env: Mapping[str, str] | None = None) -> Command:
        """Return one of our own subcommands."""
        command = (sys.executable, "-m", "matapalo", *words)
        return Command(command, self.folder, self.env(env or {}))


def uses_aws(blueprint: Blueprint) -> bool:
    """Whether anything in the blueprint needs an AWS service."""
    return bool(blueprint.site or blueprint.secrets or blueprint.products)
