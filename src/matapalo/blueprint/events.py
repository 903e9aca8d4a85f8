"""Events: a bus and its rules, topics and their subscriptions, queues, schedules."""

from pydantic import Field

from matapalo.blueprint.json import Json
from matapalo.blueprint.named import Reference
from matapalo.blueprint.part import Days, Name, Part, Seconds


class Subscription(Part):
    """Who is told of what a topic carries."""

    to: Reference
    """A function, a service, or a queue."""
    filter: dict[str, tuple[str, ...]] = {}
    """Only messages whose attributes have one of these values."""


class Named(Part):
    """What keeps its name on AWS, whatever it is called here later."""

    formerly: tuple[Name, ...] = ()
    """What it was called before, the oldest first. On AWS it keeps that name, and what it holds."""


class Topic(Named):
    """Messages to everybody who subscribed (SNS)."""

    description: str = ""
    """What it is, for people."""
    ordered: bool = False
    """Messages of a group arrive once, and in their order (FIFO)."""
    subscriptions: tuple[Subscription, ...] = ()


class Queue(Named):
    """Messages that wait until somebody has worked them off (SQS)."""

    description: str = ""
    """What it is, for people."""
    ordered: bool = False
    """Messages of a group arrive once, and in their order (FIFO)."""
    visibility: Seconds = 30
    """How long one who took a message has for it."""
    keep: int = Field(default=4, ge=1, le=14)
    """For how many days a message waits."""
    tries: int = Field(default=5, ge=1, le=1000)
    """How often a message is tried before it goes to the dead letters."""


class Rule(Named):
    """Which events of the bus go where (EventBridge)."""

    description: str = ""
    """What it is, for people."""
    sources: tuple[str, ...] = ()
    """Only events of these sources; a product's name is the source of what it publishes."""
    types: tuple[str, ...] = ()
    """Only events of these types (`detail-type`)."""
    detail: dict[str, Json] = {}
    """Only events whose detail has this pattern, as EventBridge writes patterns."""
    to: tuple[Reference, ...] = Field(min_length=1)
    """Functions, services, queues or topics."""


class Schedule(Named):
    """A function that starts by the clock (EventBridge Scheduler)."""

    description: str = ""
    """What it is, for people."""
    when: str
    """`rate(5 minutes)`, `cron(0 6 * * ? *)` or `at(2030-01-31T06:00:00)`."""
    timezone: str = "UTC"
    """Whose clock: a name of the time zone database, like `America/Bogota`."""
    to: Reference
    """A function, a queue or a topic."""
    input: dict[str, Json] = {}
    """What it is given."""


class Events(Part):
    """How parts of the system tell each other what happened."""

    bus: Name | None = None
    """The bus's name; the system's where not given. With another name it is another bus."""
    archive: Days | None = None
    """For how many days events are kept, to be played again; none where not given."""
    topics: dict[Name, Topic] = {}
    queues: dict[Name, Queue] = {}
    rules: dict[Name, Rule] = {}
    schedules: dict[Name, Schedule] = {}
