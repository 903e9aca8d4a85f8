"""A function as its host needs to know it, and the environment that its sandboxes get."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from matapalo.blueprint import Blueprint, Route
from matapalo.errors import StartFailed

ACCOUNT = "000000000000"
VERSION = "$LATEST"


@dataclass(frozen=True)
class Lambda:
    """A function: its code, its bounds, and its own environment."""

    name: str
    """`product-name`, as Lambda knows it."""
    code: Path
    handler: str
    timeout: float = 3
    """Seconds."""
    memory: int = 128
    """MiB."""
    concurrency: int = 10
    env: Mapping[str, str] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    """What HTTP reaches it by: its own routes, and those of the slices that it takes over."""
    hops: int = 0
    """How many proxies there are before the edge."""

    @classmethod
    def of(cls, blueprint: Blueprint, folder: Path, full_name: str, env: Mapping[str, str]) -> Self:
        """Describe `product/name` of a blueprint that lies in `folder`.

        Raises StartFailed where there is no such function, or no code.
        """
        functions = blueprint.functions()
        if full_name not in functions:
            raise StartFailed(
                f"there is no function {full_name}", hint=_did_you_mean(full_name, functions)
            )
        function, code = functions[full_name], (folder / functions[full_name].code).resolve()
        if not code.is_dir():
            raise StartFailed(f"its code is not there: {code}", where=full_name)
        taken_over = (s.routes for s in blueprint.slices.values() if s.to == full_name)
        return cls(
            name=full_name.replace("/", "-"),
            code=code,
            handler=function.handler,
            timeout=function.timeout,
            memory=function.memory,
            concurrency=function.concurrency,
            env=env,
            routes=tuple(route for routes in (function.routes, *taken_over) for route in routes),
            hops=blueprint.edge.hops,
        )

    @property
    def region(self) -> str:
        """The region that its environment names."""
        return self.env.get("AWS_REGION", "us-east-1")

    @property
    def arn(self) -> str:
        """Its Amazon resource name."""
        return f"arn:aws:lambda:{self.region}:{ACCOUNT}:function:{self.name}"

    def is_called(self, name: str) -> bool:
        """Whether a name, a partial ARN or an ARN, perhaps with a version, means this function."""
        bare = name.removesuffix(f":{VERSION}")
        return bare in {self.name, f"{ACCOUNT}:function:{self.name}", self.arn}

    def environment(self, stream: str, api: str) -> dict[str, str]:
        """Return all that a sandbox's environment holds: what Lambda reserves, and its own."""
        return {
            "LANG": "C.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "AWS_DEFAULT_REGION": self.region,
            **self.env,
            "AWS_REGION": self.region,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": VERSION,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_RUNTIME_API": api,
            "LAMBDA_TASK_ROOT": str(self.code),
            "_HANDLER": self.handler,
            "TZ": ":UTC",
        }


def read_env(file: Path) -> dict[str, str]:
    """Read a function's own environment: a JSON object of texts. Raises StartFailed."""
    try:
        env = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise StartFailed(f"its environment cannot be read: {error}", where=str(file)) from None
    if not isinstance(env, dict) or not all(isinstance(value, str) for value in env.values()):
        raise StartFailed("its environment is not a JSON object of texts", where=str(file))
    return env


def _did_you_mean(name: str, known: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
