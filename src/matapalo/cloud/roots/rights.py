"""What a service or a function may do on AWS: what it uses, and nothing else."""

from collections.abc import Iterator

from matapalo.blueprint import Function, Queue, SecretRef, Service, Topic
from matapalo.blueprint.begun import first
from matapalo.blueprint.targets import Target
from matapalo.cloud.hcl import Expr, Value, call
from matapalo.cloud.names import LONGEST, shortened
from matapalo.cloud.root import read
from matapalo.cloud.roots import stores, told
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene

TAKE = (
    "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl", "sqs:ReceiveMessage",
)  # fmt: skip
QUEUE = (*TAKE, "sqs:SendMessage")

# Their modules add a queue each, of what was not taken.
_LONGEST_QUEUE = LONGEST["queue"] - len("-dead.fifo")
_LONGEST_TOPIC = LONGEST["queue"] - len("-undelivered.fifo")


def statements(scene: Scene, product: str, it: Service | Function) -> Value:
    """Return the statements of its policy: those of the stores it uses, and its own."""
    used = told.used(scene, product, it)
    own: list[Value] = [*_secrets(scene, it)]
    own += [s for target in used for s in _of(scene, target)]
    told_of = inbox_of(scene, it)
    if told_of is not None:
        own.append(_statement("Inbox", TAKE, arn(scene, "sqs", told_of)))
    if told_of or any(target.kind in {"topic", "queue", "bus"} for target in used):
        own.append(_statement("EventsKey", ("kms:Decrypt", "kms:GenerateDataKey"), _events(scene)))
    kept = [stores.statements(scene, target.name) for target in used if target.kind == "store"]
    return call("concat", *kept, own) if kept else own


def _of(scene: Scene, target: Target) -> Iterator[Value]:
    match target.kind:
        case "topic":
            yield _statement("Tell", ("sns:Publish",), arn(scene, "sns", topic(scene, target.name)))
        case "queue":
            yield _statement("Queue", QUEUE, arn(scene, "sqs", queue(scene, target.name)))
        case "bus":
            bus = arn(scene, "events", f"event-bus/{bus_name(scene)}")
            yield _statement("Events", ("events:PutEvents",), bus)


def topic(scene: Scene, name: str) -> str:
    """Return what a topic is called on AWS."""
    return _called(scene, name, scene.blueprint.events.topics[name], _LONGEST_TOPIC)


def queue(scene: Scene, name: str) -> str:
    """Return what a queue is called on AWS."""
    return _called(scene, name, scene.blueprint.events.queues[name], _LONGEST_QUEUE)


def _called(scene: Scene, name: str, it: Topic | Queue, longest: int) -> str:
    whole = f"{scene.names.prefix}-{first(name, it.formerly)}"
    return shortened(whole, longest) + (".fifo" if it.ordered else "")


def inboxes(scene: Scene) -> list[str]:
    """Return the services that a rule or a topic tells something, sorted."""
    events, targets = scene.blueprint.events, scene.targets
    to = [each.to for topic in events.topics.values() for each in topic.subscriptions]
    to += [name for rule in events.rules.values() for name in rule.to]
    found = (targets.find(name) for name in to)
    return sorted({target.name for target in found if target and target.kind == "service"})


def inbox(scene: Scene, service: str) -> str:
    """Return what the queue is called that a service finds in what it is told."""
    return shortened(f"{scene.names.prefix}-inbox-{service.replace('/', '-')}", _LONGEST_QUEUE)


def inbox_of(scene: Scene, it: Service | Function) -> str | None:
    """Return what that queue is called, where there is one for this service."""
    names = (name for name, each in scene.targets.services.items() if each is it)
    name = next(names, None)
    return inbox(scene, name) if name and name in inboxes(scene) else None


def bus_name(scene: Scene) -> str:
    """Return what the bus is called on AWS."""
    bus = scene.blueprint.events.bus
    return f"{scene.names.prefix}-{bus}" if bus else scene.names.prefix


def arn(scene: Scene, service: str, name: str) -> Expr:
    """Return the ARN of something of this account; the account's number is Terraform's to say."""
    account, region = scene.account_number, scene.region
    return Expr(f'"arn:{scene.partition}:{service}:{region}:{account}:{name}"')


def _secrets(scene: Scene, it: Service | Function) -> Iterator[Value]:
    names = sorted({value.secret for value in it.env.values() if isinstance(value, SecretRef)})
    if not names:
        return
    arns = read(f"{scene.environment}/platform", "secret_arns").text
    yield {
        "sid": "Secrets",
        "actions": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        "resources": [Expr(f'{arns}["{name}"]') for name in names],
    }
    yield _statement("SecretsKey", ("kms:Decrypt",), key_for(scene, "secrets"))


def _events(scene: Scene) -> Expr:
    return key_for(scene, "events")


def _statement(sid: str, actions: tuple[str, ...], resource: Expr) -> Value:
    return {"sid": sid, "actions": list(actions), "resources": [resource]}
