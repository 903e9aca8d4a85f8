"""What AWS gets: Terraform, Kubernetes manifests and pipelines, made from the blueprint.

    Blueprint of each environment ─▶ System ─render─▶ Tree (texts by path) ─writing─▶ a directory
                                       │                 ▲
                                       ├─ roots          │  one pure function a root
                                       ├─ kubernetes  ───┤
                                       ├─ pipelines   ───┤
                                       └─ modules     ───┘  written by hand, copied as they are

Everything before `writing` is values to values: the same blueprint gives the same bytes. What is
rendered runs without Matapalo. `hcl` lays out Terraform's language, `names` says what things are
called, `root` makes what every root has, `scene` is what a root is made from.
"""

from collections.abc import Collection, Mapping

from matapalo.blueprint import Blueprint
from matapalo.blueprint.begun import as_begun
from matapalo.cloud import kubernetes, modules, pipelines
from matapalo.cloud.readme import readme
from matapalo.cloud.roots import EACH, SHARED
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree, joined
from matapalo.errors import CloudError

__all__ = ["Scene", "System", "Tree", "policy_files", "render", "system_of"]

LOCAL = "local"


def system_of(
    blueprints: Mapping[str, Blueprint], texts: Mapping[str, str] | None = None
) -> System:
    """Return the environments in the order of their releases, each with the blueprint it reads.

    `texts` are those of the files that `policy_files` names.
    Raises CloudError where there is no environment but this machine.
    """
    names = [name for name in blueprints if name != LOCAL]
    if not names:
        hint = "name one below `environments`, with its `region`"
        raise CloudError("the blueprint has no environment on AWS", hint=hint)
    delivery = blueprints[names[0]].delivery
    order = [name for name in (delivery.order if delivery else ()) if name in names]
    order += [name for name in names if name not in order]
    scenes = (Scene(as_begun(it := blueprints[name]), name, it) for name in order)
    return System(tuple(scenes), texts or {})


def render(system: System, only: Collection[str] = ()) -> Tree:
    """Return everything that AWS gets.

    `only` names environments: what is of others, and what all share, is left out.
    """
    scenes = [scene for scene in system.scenes if not only or scene.environment in only]
    trees = [root(system, scene) for scene in scenes for root in (*EACH, kubernetes.render)]
    if not only:
        trees += [root(system) for root in SHARED]
    tree = joined(*trees)
    tree = joined(tree, *(pipelines.root(system, scene, tree) for scene in scenes))
    if not only:
        tree = joined(tree, readme(system, tree), pipelines.render(system, tree))
    return joined(tree, modules.called(tree))


def policy_files(blueprints: Mapping[str, Blueprint]) -> set[str]:
    """Return the paths of the files whose text a render needs, relative to the blueprint."""
    organizations = (it.organization for it in blueprints.values() if it.organization)
    sets = (s for it in organizations if it.sign_on for s in it.sign_on.permission_sets.values())
    return {each.policy_file for each in sets if each.policy_file}
