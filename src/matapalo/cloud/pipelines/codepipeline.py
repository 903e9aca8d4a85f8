"""Pipelines of CodePipeline: the root `pipelines` of an environment, beside the scripts it runs.

source ─▶ check ─▶ for each kind of root: plan all ─▶ ask ─▶ apply those very plans
source ─▶ ask ─▶ deliver                              a service, a function, the site

A person applies it, like `access` and `delivery`. Infrastructure and deliveries keep their
artifacts apart. The role of infrastructure may change roles of this system, but none of a
pipeline. It may make a role that may do more than itself: whoever may merge is trusted so far.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby

from matapalo.blueprint import Delivery
from matapalo.cloud.hcl import Expr, Part, Value, block, module, ref
from matapalo.cloud.names import address, shortened
from matapalo.cloud.pipelines import commands
from matapalo.cloud.readme import steps_of
from matapalo.cloud.root import Output, Root, read
from matapalo.cloud.roots.delivery import deployed, role_of
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

SPECS = "pipelines/buildspecs"
NIGHTLY = "cron(17 3 * * ? *)"
MOST = 50
"""Actions that CodePipeline takes in a stage."""
TOGETHER = (MOST - 1) // 2
"""Roots of one stage: each has two actions, and one more asks."""
LONGEST_KEY = 40
"""What is left for a pipeline's own name, with the system's before it."""

Values = dict[str, Value]


def specs(system: System) -> Tree:
    """Return the buildspecs; nothing where pipelines run elsewhere."""
    if _delivery(system.first) is None:
        return Tree()
    folder = files(__package__) / "buildspecs"
    found = (each for each in folder.iterdir() if each.name.endswith(".yml"))
    return Tree({f"{SPECS}/{each.name}": each.read_text(encoding="utf-8") for each in found})


def render(system: System, scene: Scene, texts: Iterable[str]) -> Tree:
    """Return the root `pipelines` of an environment, whose other roots are among these texts."""
    delivery = _delivery(scene)
    if delivery is None:
        return Tree()
    root = Root.of(system, scene, "pipelines")
    asks = scene.environment in delivery.approve
    main: list[Part] = [
        *_connections(scene, delivery),
        _call(root, scene, delivery, "infra", _infrastructure(system, scene, texts, asks=asks)),
    ]
    given = _delivered(scene, asks=asks)
    if given:
        main.append(_call(root, scene, delivery, "deliver", given))
    arn = _connection(delivery)
    said = "The connection: a person agrees to it once, in the console, where it was made here."
    door = [f"{scene.environment}/door"] if scene.blueprint.site else []
    return root.tree(main=main, outputs=[Output("connection_arn", arn, said)], reads=door)


def _delivery(scene: Scene) -> Delivery | None:
    delivery = scene.blueprint.delivery
    return delivery if delivery and delivery.pipelines == "codepipeline" else None


def _connections(scene: Scene, delivery: Delivery) -> list[Part]:
    """Return the connection, where the blueprint names none that is there."""
    if delivery.connection is not None:
        return []
    given: Values = {"name": shortened(scene.names.prefix, 32), "provider_type": "GitHub"}
    return [block("resource", "aws_codestarconnections_connection", "this", given)]


def _connection(delivery: Delivery) -> Value:
    return delivery.connection or ref("aws_codestarconnections_connection.this.arn")


def _call(root: Root, scene: Scene, delivery: Delivery, kind: str, given: Values) -> Part:
    name = shortened(f"{scene.names.prefix}-{kind}", 50)
    common: Values = {
        "name": name,
        "bucket": Expr(f'"{shortened(f"{name}-artifacts", 50)}-{scene.account_number}"'),
        "connection_arn": _connection(delivery),
        "repository": delivery.repository.name,
        "branch": delivery.repository.branch,
        "log_retention": scene.blueprint.logs.keep,
    }
    return module(kind, root.module("pipeline"), common, given)


def _infrastructure(system: System, scene: Scene, texts: Iterable[str], *, asks: bool) -> Values:
    kinds = list(_kinds(system, scene, texts))
    check = _stage("check", [{"name": "check", "project": "check"}])
    drift = _looked_at([path for _, roots in kinds for path in roots])
    run: Value = [check, *(_applied(name, roots, asks=asks) for name, roots in kinds)]
    return {
        "projects": _infrastructure_projects(scene),
        "pipelines": {
            "roots": {"paths": [f"{commands.DIRECTORY}/**"], "queued": True, "stages": run},
            "drift": {"schedule": NIGHTLY, "stages": drift},
        },
    }


def _infrastructure_projects(scene: Scene) -> Values:
    plan, apply = scene.names.of("role", "plan"), scene.names.of("role", "infrastructure")
    said = {
        "check": ("Form and validity of every root.", plan),
        "plan": ("Plans a root, and keeps the plan.", plan),
        "apply": ("Applies the very plan of a root that was kept.", apply),
    }
    return {
        name: {
            "description": text,
            "role": role,
            "buildspec": _spec(name),
            "minutes": 120 if name == "apply" else 60,
        }
        for name, (text, role) in said.items()
    }


def _kinds(system: System, scene: Scene, texts: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Return roots that can be planned side by side, in order: `products-2` and its roots."""
    own = [path for path in steps_of(system, texts) if path.split("/")[1] == scene.environment]
    roots = [path for path in own if path.split("/")[2] not in commands.BY_HAND]
    for kind, found in groupby(roots, key=lambda path: path.split("/")[2]):
        same = list(found)
        for at in range(0, len(same), TOGETHER):
            number = at // TOGETHER + 1
            yield kind if number == 1 else f"{kind}-{number}", same[at : at + TOGETHER]


def _applied(name: str, roots: list[str], *, asks: bool) -> Value:
    """Return a stage: plans, kept; a person's yes, where it is asked for; those very plans."""
    agreed: list[Value] = [{"name": "approve", "order": 2}] if asks else []
    return _stage(name, [*map(_plan, roots), *agreed, *map(_apply, roots)])


def _looked_at(roots: list[str]) -> list[Value]:
    """Return stages that only look: side by side, so that one difference hides no other."""
    parts = [roots[at : at + MOST] for at in range(0, len(roots), MOST)]
    looks = [[_plan(path, drift=True) for path in part] for part in parts]
    return [_stage(f"look-{number}", part) for number, part in enumerate(looks, 1)]


def _plan(path: str, *, drift: bool = False) -> Value:
    looks: Values = {"DRIFT": "true"} if drift else {}
    kept: Values = {} if drift else {"outputs": [_artifact(path)]}
    name = f"plan-{_short(path)}"
    return {"name": name, "project": "plan", "environment": {"ROOT": path, **looks}, **kept}


def _apply(path: str) -> Value:
    kept = _artifact(path)
    return {
        "name": f"apply-{_short(path)}",
        "order": 3,
        "project": "apply",
        "environment": {"ROOT": path, "PLAN": kept},
        "inputs": [kept],
    }


def _short(path: str) -> str:
    return shortened("-".join(path.split("/")[2:]), 60)


def _artifact(path: str) -> str:
    """Return the artifact's name, which ends the name of a variable of the shell."""
    return address("plan", _short(path))


def _deliveries(scene: Scene) -> Iterator[tuple[str, commands.Delivery, Values]]:
    """Return what delivers each thing, by its full name, and what more it is told."""
    blueprint = scene.blueprint
    for full, service in deployed(scene).items():
        how = commands.service(scene, full, service, "CODEBUILD_RESOLVED_SOURCE_VERSION")
        yield full, how, {"KUBECTL": f"v{scene.sizes.cluster.version}.0"}
    for full, function in blueprint.functions().items():
        yield full, commands.function(scene, full, function), {}
    if blueprint.site:
        door = f"{scene.environment}/door"
        bucket, front = read(door, "site_bucket"), read(door, "front_id")
        yield "site", commands.site(blueprint.site), {"SITE_BUCKET": bucket, "FRONT_ID": front}


def _project(scene: Scene, full: str, how: commands.Delivery, more: Values) -> Values:
    """Return the project of a delivery, under the role of what it delivers."""
    common: Values = {
        "TEST": how.test,
        "BUILD": how.build,
        "AWS_ACCOUNT": Expr(f'"{scene.account_number}"'),
        "COMMAND": how.deliver,
    }
    return {
        "description": f"Delivers {full}.",
        "role": role_of(scene, *full.split("/")),
        "buildspec": _spec("deliver"),
        "docker": how.docker,
        "environment": {**common, **more},
    }


def _delivered(scene: Scene, *, asks: bool) -> Values:
    before: list[Value] = [_stage("approve", [{"name": "approve"}])] if asks else []
    projects: Values = {}
    pipelines: Values = {}
    for full, how, more in _deliveries(scene):
        name = _key(full)
        last = _stage("deliver", [{"name": "deliver", "project": name}])
        projects[name] = _project(scene, full, how, more)
        pipelines[name] = {"paths": [how.watched], "stages": [*before, last]}
    return {"projects": projects, "pipelines": pipelines} if projects else {}


def _stage(name: str, actions: list[Value]) -> Value:
    return {"name": name, "actions": actions}


def _spec(name: str) -> str:
    return f"{commands.DIRECTORY}/{SPECS}/{name}.yml"


def _key(full: str) -> str:
    return shortened(full.replace("/", "-"), LONGEST_KEY)
