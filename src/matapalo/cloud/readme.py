"""The rendered directory's own README: what it is, and what to do in which order."""

from collections.abc import Iterable, Mapping

from matapalo.cloud.scene import System
from matapalo.cloud.tree import Tree

_TEXT = """\
# {name} on AWS

Rendered from the blueprint by `matapalo render`. It runs without Matapalo: Terraform in `roots/`,
which calls what is in `modules/`; manifests in `kubernetes/`.

Files that begin with a checksum are written anew by the next render; one that was edited is never
overwritten unless `--force` says so. Put what is your own into files beside them: they stay.

## In this order

The order is that in which each root reads the outputs of the ones before. In each directory:
`terraform init`, `terraform plan -out plan`, `terraform apply plan`.

{steps}

The bucket of the state exists only after `bootstrap`: its README says how it moves its own state
into it.

## In the cluster

`kubernetes/apply.sh <environment> <namespace> <tag>` applies the manifests of one namespace:
`matapalo` first, then each product's. `kubernetes/conduct.sh <environment> slices` shows where each
slice is, and `kubernetes/conduct.sh <environment> advance <slice>` moves one.
"""

ORDER = (
    "access", "network", "platform", "products", "events", "door", "migration", "delivery",
    "pipelines",
)  # fmt: skip


def readme(system: System, texts: Mapping[str, str]) -> Tree:
    """Return the README of a render."""
    steps = "\n".join(f"{n}. `{step}`" for n, step in enumerate(steps_of(system, texts), 1))
    return Tree({"README.md": _TEXT.format(name=system.blueprint.name, steps=steps)})


def steps_of(system: System, texts: Iterable[str]) -> list[str]:
    """Return the directories that Terraform is run in, in their order."""
    roots = {path.rpartition("/")[0] for path in texts if path.endswith("/backend.tf")}
    environments = [scene.environment for scene in system.scenes]
    return sorted(roots, key=lambda root: (_place(root.split("/")[1:], environments), root))


def _place(parts: list[str], environments: list[str]) -> tuple[int, int]:
    if parts[0] not in environments:
        return (-1, 0)
    stage = ORDER.index(parts[1]) if parts[1] in ORDER else len(ORDER)
    return (environments.index(parts[0]), stage)
