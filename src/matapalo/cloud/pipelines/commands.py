"""What delivers each thing: lines of shell, the same wherever a pipeline runs."""

import shlex
from dataclasses import dataclass
from pathlib import PurePosixPath

from matapalo.blueprint import Function, Service, Site
from matapalo.cloud.roots.images import repository
from matapalo.cloud.scene import Scene

DIRECTORY = "aws"
"""Where the render lies in the repository."""
BY_HAND = ("access", "delivery", "pipelines")
"""Roots that a person applies: those that pipelines get their rights from."""
NOTHING = "true"
"""The line where there is nothing to do."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one thing is delivered: lines of shell, one after the other, in the repository."""

    watched: str
    """The files whose change delivers it."""
    deliver: str
    """Brings it to AWS."""
    test: str = NOTHING
    """Has to pass first."""
    build: str = NOTHING
    """Makes its files."""
    docker: bool = False
    """Whether it builds an image."""


def service(scene: Scene, full: str, it: Service, commit: str) -> Delivery:
    """Return what brings a service into its cluster; `commit` is the variable that holds it."""
    product, _, name = full.partition("/")
    words = [scene.names.of("cluster"), product, name]
    if it.image is not None or it.code is None:
        manifest = f"{DIRECTORY}/kubernetes/*/{product}/{name}.yaml"
        return Delivery(manifest, _script("service", *words, shlex.quote(it.image or "")))
    home = f"$AWS_ACCOUNT.dkr.ecr.{scene.region}.amazonaws.com/{repository(scene, full)}"
    words += [f'"{home}:${commit}"', _path(it.code)]
    return Delivery(_within(it.code), _script("service", *words), docker=True)


def function(scene: Scene, full: str, it: Function) -> Delivery:
    """Return what publishes a function."""
    name, code = scene.names.of("function", *full.split("/")), _path(it.code)
    return Delivery(
        watched=_within(it.code),
        deliver=_script("function", name, code),
        test=_script("test", code),
    )


def site(it: Site) -> Delivery:
    """Return what uploads the site. One that is built changes with what lies beside it."""
    words = _path(it.folder), '"$SITE_BUCKET"', it.path, '"$FRONT_ID"'
    sources = str(PurePosixPath(it.folder).parent) if it.build else it.folder
    return Delivery(
        watched=_within(sources),
        deliver=_script("site", *words),
        build=shlex.join(it.build) or NOTHING,
    )


def _script(name: str, *words: str) -> str:
    # Said to `sh`: a file that comes to a build as an artifact has lost that it may be run.
    return " ".join(["sh", f"{DIRECTORY}/pipelines/{name}.sh", *words])


def _path(folder: str) -> str:
    return shlex.quote(str(PurePosixPath(folder)))


def _within(folder: str) -> str:
    """Return the pattern of every file of a folder; of the repository, where that is it."""
    path = PurePosixPath(folder)
    return "**" if path == PurePosixPath() else f"{path}/**"
