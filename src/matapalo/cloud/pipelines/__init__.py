"""Pipelines: how what is written becomes what runs.

pipelines/*.sh        what a pipeline does, step by step: the same for GitHub and CodeBuild
.github/workflows/    when it does it, in which order, and whom it asks first
roots/<env>/pipelines  the same on CodePipeline, where the blueprint wants that

infrastructure   check ─▶ for each root in order: plan ─▶ ask ─▶ apply that very plan
drift            every night: is what runs what is written?
service          test ─▶ build ─▶ scan ─▶ deploy ─▶ wait ─▶ undo if it does not run
function         test ─▶ publish a version ─▶ shift callers in steps ─▶ back at an alarm
site             build ─▶ upload ─▶ invalidate
"""

from importlib.resources import files

from matapalo.cloud.pipelines import codepipeline, github
from matapalo.cloud.pipelines.codepipeline import render as root
from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree, joined

__all__ = ["render", "root"]


def render(system: System, texts: Tree) -> Tree:
    """Return the pipelines of what is rendered; nothing without `delivery` in the blueprint."""
    if system.blueprint.delivery is None:
        return Tree()
    return joined(_scripts(), github.render(system, texts), codepipeline.specs(system))


def _scripts() -> Tree:
    folder = files(__package__) / "scripts"
    scripts = (each for each in folder.iterdir() if each.name.endswith(".sh"))
    return Tree({f"pipelines/{each.name}": each.read_text(encoding="utf-8") for each in scripts})
