"""The root `events`: how parts of the system tell each other what happened.

told ─▶ bus ─▶ rules ──▶ queues, topics, functions, inboxes of services
told ─▶ topics ────────▶ queues, functions, inboxes      what nobody took ─▶ queues of their own
clock ─▶ schedules ────▶ queues, topics, functions

A service cannot be called from outside of its cluster, so what it is told waits in an inbox: a
queue that its pods work off. Functions are those of the products' roots, which are applied before.
"""

from collections.abc import Iterator, Mapping

from matapalo.blueprint import Events, Rule, Schedule, Topic
from matapalo.blueprint.begun import first
from matapalo.blueprint.events import Named
from matapalo.blueprint.targets import Target
from matapalo.cloud.former import first_target, renamings
from matapalo.cloud.hcl import Expr, Part, Value, block, call, module, moved, ref
from matapalo.cloud.names import address, product_root, shortened
from matapalo.cloud.root import Output, Root, read
from matapalo.cloud.roots import boundary, rights
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

ARCHIVE = 48
"""How many characters an archive's name may have."""

GROUP = ("aws_scheduler_schedule_group", "this")
"""The resource that all schedules belong to."""

PRINCIPALS = {"rule": "events.amazonaws.com", "topic": "sns.amazonaws.com"}


def render(system: System, scene: Scene) -> Tree:
    """Return the root's files; none where the system has no events."""
    events = scene.blueprint.events
    if events == Events():
        return Tree({})
    root = Root.of(system, scene, "events")
    return root.tree(
        main=[_bus(root, scene)],
        more={
            "queues.tf": [*_queues(root, scene), *_inboxes(root, scene)],
            "topics.tf": [
                *(_topic(root, scene, name, it) for name, it in events.topics.items()),
                *_moved("topic", events.topics),
            ],
            "rules.tf": [
                *(_rule(root, scene, name, it) for name, it in events.rules.items()),
                *_moved("rule", events.rules),
            ],
            "schedules.tf": list(_schedules(root, scene)),
        },
        outputs=_outputs(scene),
        reads=[f"{scene.environment}/platform", *_products(scene)],
    )


def _bus(root: Root, scene: Scene) -> Part:
    events, name = scene.blueprint.events, rights.bus_name(scene)
    archive = {"name": shortened(name, ARCHIVE), "days": events.archive}
    given = {"name": name, "archive": archive if events.archive else None, **_kept(scene)}
    return module("bus", root.module("bus"), given)


def _queues(root: Root, scene: Scene) -> Iterator[Part]:
    for name, it in scene.blueprint.events.queues.items():
        given: dict[str, Value] = {
            "name": rights.queue(scene, name),
            "visibility": it.visibility,
            "keep": it.keep,
            "tries": it.tries,
            "senders": _senders(scene, Target("queue", name)),
            **_kept(scene),
        }
        yield module(address("queue", name), root.module("queue"), given)
    yield from _moved("queue", scene.blueprint.events.queues)


def _inboxes(root: Root, scene: Scene) -> Iterator[Part]:
    for name in rights.inboxes(scene):
        given: dict[str, Value] = {
            "name": rights.inbox(scene, name),
            "senders": _senders(scene, Target("service", name)),
            **_kept(scene),
        }
        yield module(address("inbox", name), root.module("queue"), given)


def _topic(root: Root, scene: Scene, name: str, it: Topic) -> Part:
    targets, events = scene.targets, scene.blueprint.events
    found = [(targets.find(each.to), each.filter) for each in it.subscriptions]
    given: dict[str, Value] = {
        "name": rights.topic(scene, name),
        "description": it.description,
        "subscriptions": {
            first_target(scene.blueprint, target): {
                **_reached(scene, target),
                "filter": {k: list(v) for k, v in chosen.items()},
            }
            for target, chosen in found
            if target
        },
        "publishers": {
            first(rule, events.rules[rule].formerly): ref("module", address("rule", rule), "arn")
            for rule in _rules_to(scene, Target("topic", name))
        },
        **_kept(scene),
    }
    return module(address("topic", name), root.module("topic"), given)


def _rule(root: Root, scene: Scene, name: str, it: Rule) -> Part:
    pattern: dict[str, Value] = {
        "source": list(it.sources),
        "detail-type": list(it.types),
        "detail": it.detail,
    }
    given: dict[str, Value] = {
        "name": scene.names.of("rule", first(name, it.formerly)),
        "description": it.description,
        "bus": ref("module", "bus", "name"),
        "pattern": call("jsonencode", {key: value for key, value in pattern.items() if value}),
        "targets": {
            first_target(scene.blueprint, to): _reached(scene, to) for to in _found(scene, it.to)
        },
        "undelivered_arn": ref("module", "bus", "undelivered_arn"),
    }
    return module(address("rule", name), root.module("rule"), given)


def _schedules(root: Root, scene: Scene) -> Iterator[Part]:
    schedules = scene.blueprint.events.schedules
    if schedules:
        yield block(
            "resource", "aws_scheduler_schedule_group", "this", {"name": scene.names.prefix}
        )
    for name, it in schedules.items():
        yield module(
            address("schedule", name), root.module("schedule"), dict(_schedule(scene, name, it))
        )
    yield from _moved("schedule", schedules)


def _schedule(scene: Scene, name: str, it: Schedule) -> Mapping[str, Value]:
    (target,) = _found(scene, (it.to,))
    called = first(name, it.formerly)
    return {
        "name": scene.names.of("rule", called),
        "role_name": scene.names.of("role", "schedule", called),
        "boundary_arn": boundary.arn(scene),
        "description": it.description,
        "group": {"name": ref(*GROUP, "name"), "arn": ref(*GROUP, "arn")},
        "when": it.when,
        "timezone": it.timezone,
        "target": _reached(scene, target),
        "input": call("jsonencode", it.input),
        "undelivered_arn": ref("module", "bus", "undelivered_arn"),
        "key_arn": key_for(scene, "events"),
    }


def _outputs(scene: Scene) -> list[Output]:
    events = scene.blueprint.events
    queues = {name: ref("module", address("queue", name), "url") for name in events.queues}
    topics = {name: ref("module", address("topic", name), "arn") for name in events.topics}
    inboxes = {n: ref("module", address("inbox", n), "url") for n in rights.inboxes(scene)}
    return [
        Output("bus_name", ref("module", "bus", "name"), "The bus's name."),
        Output("bus_arn", ref("module", "bus", "arn"), "The bus."),
        Output("queue_urls", queues, "Where queues are worked off, by name."),
        Output("topic_arns", topics, "The topics, by name."),
        Output("inbox_urls", inboxes, "Where services find what they are told, by service."),
    ]


def _moved(kind: str, things: Mapping[str, Named]) -> Iterator[Part]:
    for name, it in things.items():
        for old, new in renamings(name, it.formerly):
            yield moved(f"module.{address(kind, old)}", f"module.{address(kind, new)}")


def _kept(scene: Scene) -> dict[str, Value]:
    platform = f"{scene.environment}/platform"
    return {
        "key_arn": key_for(scene, "events"),
        "alarm_topic_arn": read(platform, "alarm_topic_arn"),
    }


def _found(scene: Scene, names: tuple[str, ...]) -> list[Target]:
    targets = scene.targets
    return [target for name in names if (target := targets.find(name))]


def _reached(scene: Scene, target: Target) -> dict[str, Value]:
    """Return what a target is, and its ARN. A service is reached by its inbox."""
    if target.kind == "function":
        product, name = target.name.split("/")
        path = f"{scene.environment}/{product_root(product)}"
        return {"kind": "function", "arn": Expr(f'{read(path, "function_arns").text}["{name}"]')}
    kind = "inbox" if target.kind == "service" else target.kind
    arn = ref("module", address(kind, target.name), "arn")
    return {"kind": "queue" if kind == "inbox" else kind, "arn": arn}


def _senders(scene: Scene, to: Target) -> dict[str, Value]:
    """Return the rules and topics that may send to a queue, by what they were called first."""
    events = scene.blueprint.events
    senders = [("rule", name, events.rules[name].formerly) for name in _rules_to(scene, to)]
    senders += [
        ("topic", name, topic.formerly)
        for name, topic in events.topics.items()
        if to in _found(scene, tuple(each.to for each in topic.subscriptions))
    ]
    return {
        f"{kind}-{first(name, formerly)}": {
            "service": PRINCIPALS[kind],
            "source": ref("module", address(kind, name), "arn"),
        }
        for kind, name, formerly in senders
    }


def _rules_to(scene: Scene, to: Target) -> list[str]:
    rules = scene.blueprint.events.rules
    return [name for name, rule in rules.items() if to in _found(scene, rule.to)]


def _products(scene: Scene) -> list[str]:
    """Return the roots of the products whose functions are told something."""
    events = scene.blueprint.events
    told = [each.to for topic in events.topics.values() for each in topic.subscriptions]
    told += [to for rule in events.rules.values() for to in rule.to]
    told += [schedule.to for schedule in events.schedules.values()]
    functions = [each.name for each in _found(scene, tuple(told)) if each.kind == "function"]
    products = sorted({name.split("/")[0] for name in functions})
    return [f"{scene.environment}/{product_root(each)}" for each in products]
