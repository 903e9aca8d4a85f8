"""Workflows of GitHub: two are written by hand; what calls them is made from the blueprint."""

from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files

from matapalo.cloud.names import address
from matapalo.cloud.pipelines import commands
from matapalo.cloud.pipelines.commands import DIRECTORY
from matapalo.cloud.readme import steps_of
from matapalo.cloud.roots.access import github
from matapalo.cloud.roots.delivery import deployed, role_of
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree
from matapalo.cloud.yaml import Yaml, document

WORKFLOWS = ".github/workflows"
ROOT = "./.github/workflows/matapalo-root.yml"
DELIVER = "./.github/workflows/matapalo-deliver.yml"
NIGHTLY = "17 3 * * *"

RIGHTS: dict[str, Yaml] = {"contents": "read", "id-token": "write"}


def render(system: System, texts: Iterable[str]) -> Tree:
    """Return the workflows; nothing where pipelines run elsewhere."""
    if not github(system.first):
        return Tree()
    flows: dict[str, dict[str, Yaml]] = {
        "matapalo-infrastructure.yml": _infrastructure(system, texts),
        "matapalo-drift.yml": _drift(system, texts),
        **dict(_services(system)),
        **dict(_functions(system)),
        **dict(_site(system)),
    }
    rendered = {f"{WORKFLOWS}/{name}": document(flow) for name, flow in flows.items()}
    return Tree({**rendered, **_templates()})


def _templates() -> dict[str, str]:
    folder = files(__package__) / "templates"
    return {
        f"{WORKFLOWS}/{each.name}": each.read_text(encoding="utf-8")
        for each in folder.iterdir()
        if each.name.endswith(".yml")
    }


def _infrastructure(system: System, texts: Iterable[str]) -> dict[str, Yaml]:
    branch = _branch(system)
    jobs: dict[str, Yaml] = {"check": _check()}
    before = "check"
    for scene, root in _roots(system, texts):
        name = address(root.removeprefix("roots/"))
        given = {"root": root, **_where(system, scene)}
        jobs[name] = {
            "name": root,
            "needs": before,
            # A pull request is checked, and neither planned nor applied: its author has no roles.
            "if": "github.event_name != 'pull_request'",
            "permissions": RIGHTS,
            "uses": ROOT,
            "with": given,
        }
        before = name
    paths: list[Yaml] = [f"{DIRECTORY}/**"]
    return {
        "name": "matapalo infrastructure",
        "on": {
            "pull_request": {"paths": paths},
            "push": {"branches": [branch], "paths": paths},
            "workflow_dispatch": None,
        },
        "permissions": {},
        "concurrency": {
            "group": "matapalo-infrastructure-${{ github.ref }}",
            "cancel-in-progress": False,
        },
        "jobs": jobs,
    }


def _check() -> dict[str, Yaml]:
    """Everything is checked before anything is planned, without any right on AWS."""
    run = (
        "for root in $(cd aws && find roots -name backend.tf -exec dirname {} \\; | sort); do\n"
        '  aws/pipelines/root.sh check "$root"\n'
        "done\n"
    )
    terraform = "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd"
    versions: Yaml = {"terraform_version": "1.11.4", "terraform_wrapper": False}
    return {
        "name": "check",
        "runs-on": "ubuntu-24.04",
        "timeout-minutes": 60,
        "permissions": {"contents": "read"},
        "steps": [
            {
                "uses": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683",
                "with": {"persist-credentials": False},
            },
            {"uses": terraform, "with": versions},
            {
                "name": "format and validity",
                "run": run,
                "env": {"TF_PLUGIN_CACHE_DIR": "/tmp"},  # noqa: S108 - of the runner, not ours
            },
        ],
    }


def _drift(system: System, texts: Iterable[str]) -> dict[str, Yaml]:
    jobs: dict[str, Yaml] = {
        address(root.removeprefix("roots/")): {
            "name": root,
            "permissions": RIGHTS,
            "uses": ROOT,
            "with": {"root": root, "drift": True, **_where(system, scene)},
        }
        for scene, root in _roots(system, texts)
    }
    return {
        "name": "matapalo drift",
        "on": {"schedule": [{"cron": NIGHTLY}], "workflow_dispatch": None},
        "permissions": {},
        "jobs": jobs,
    }


def _roots(system: System, texts: Iterable[str]) -> Iterator[tuple[Scene, str]]:
    scenes = {scene.environment: scene for scene in system.scenes}
    for root in steps_of(system, texts):
        _, environment, *rest = root.split("/")
        if environment in scenes and rest and rest[0] not in commands.BY_HAND:
            yield scenes[environment], root


def _where(system: System, scene: Scene) -> dict[str, Yaml]:
    return {
        "directory": DIRECTORY,
        "environment": scene.environment,
        "region": scene.region,
        "system": system.blueprint.name,
    }


def _services(system: System) -> Iterator[tuple[str, dict[str, Yaml]]]:
    for full, it in deployed(system.first).items():
        each = {scene: commands.service(scene, full, it, "GITHUB_SHA") for scene in system.scenes}
        yield f"service-{full.replace('/', '-')}.yml", _flow(system, "service", full, each)


def _functions(system: System) -> Iterator[tuple[str, dict[str, Yaml]]]:
    for full, it in system.blueprint.functions().items():
        each = {scene: commands.function(scene, full, it) for scene in system.scenes}
        yield f"function-{full.replace('/', '-')}.yml", _flow(system, "function", full, each)


def _site(system: System) -> Iterator[tuple[str, dict[str, Yaml]]]:
    site = system.blueprint.site
    if site is not None:
        each = dict.fromkeys(system.scenes, commands.site(site))
        yield "site.yml", _flow(system, "", "site", each)


def _flow(
    system: System, kind: str, full: str, each: Mapping[Scene, commands.Delivery]
) -> dict[str, Yaml]:
    """Return a workflow that goes through the environments one after the other."""
    jobs: dict[str, Yaml] = {}
    before: dict[str, Yaml] = {}
    for scene, how in each.items():
        key = address(scene.environment)
        jobs[key] = {**before, **_delivery(scene, role_of(scene, *full.split("/")), how)}
        before = {"needs": key}
    watched = each[system.first].watched
    return {
        "name": f"{kind} {full}".strip(),
        "on": {
            "push": {"branches": [_branch(system)], "paths": [watched]},
            "workflow_dispatch": None,
        },
        "permissions": {},
        "jobs": jobs,
    }


def _delivery(scene: Scene, role: str, how: commands.Delivery) -> dict[str, Yaml]:
    given: dict[str, Yaml] = {
        "environment": scene.environment,
        "region": scene.region,
        "role": role,
        "test": how.test,
        "build": how.build,
        "command": how.deliver,
    }
    return {"permissions": RIGHTS, "uses": DELIVER, "with": given}


def _branch(system: System) -> str:
    delivery = system.blueprint.delivery
    return delivery.repository.branch if delivery else "main"
