"""Whether events reach somebody, and clocks can be read."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from matapalo.blueprint.checks.clock import wrong_with
from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.targets import Kind

TOLD: tuple[Kind, ...] = ("function", "service", "queue", "topic")
SUBSCRIBERS: tuple[Kind, ...] = ("function", "service", "queue")
STARTED: tuple[Kind, ...] = ("function", "queue", "topic")


def check(setting: Setting) -> Iterator[Finding]:
    """Yield events that reach nobody, and schedules that never start."""
    yield from _topics(setting)
    yield from _rules(setting)
    yield from _schedules(setting)


def _topics(setting: Setting) -> Iterator[Finding]:
    for name, topic in setting.blueprint.events.topics.items():
        for index, subscription in enumerate(topic.subscriptions):
            loc: Loc = ("events", "topics", name, "subscriptions", index, "to")
            yield from _reaches(setting, subscription.to, loc, SUBSCRIBERS)
            target = setting.targets.find(subscription.to)
            if topic.ordered and target and target.kind != "queue":
                hint = "let a queue subscribe, and the function read from it"
                yield Finding(loc, "an ordered topic reaches queues only", hint)


def _rules(setting: Setting) -> Iterator[Finding]:
    for name, rule in setting.blueprint.events.rules.items():
        loc: Loc = ("events", "rules", name)
        for index, to in enumerate(rule.to):
            yield from _reaches(setting, to, (*loc, "to", index), TOLD)
            yield from _unordered(setting, to, (*loc, "to", index))
        if not (rule.sources or rule.types or rule.detail):
            hint = "give `sources`, `types` or `detail`"
            yield Finding(loc, "the rule does not say which events", hint, on_key=True)


def _schedules(setting: Setting) -> Iterator[Finding]:
    zones = available_timezones()
    for name, schedule in setting.blueprint.events.schedules.items():
        loc: Loc = ("events", "schedules", name)
        yield from _reaches(setting, schedule.to, (*loc, "to"), STARTED)
        yield from _unordered(setting, schedule.to, (*loc, "to"))
        wrong, hint = wrong_with(schedule.when)
        if wrong:
            yield Finding((*loc, "when"), wrong, hint)
        # A machine without the time zone database knows none; then every name is taken.
        if zones and schedule.timezone not in zones:
            hint = nearest(schedule.timezone, zones)
            yield unknown((*loc, "timezone"), "time zone", schedule.timezone, hint)


def _unordered(setting: Setting, to: str, loc: Loc) -> Iterator[Finding]:
    topic = setting.blueprint.events.topics.get(to)
    if topic and topic.ordered:
        hint = "name an ordered queue instead"
        yield Finding(loc, "EventBridge cannot tell an ordered topic anything", hint)


def _reaches(setting: Setting, to: str, loc: Loc, kinds: tuple[Kind, ...]) -> Iterator[Finding]:
    target = setting.targets.find(to)
    if target is None or target.kind not in kinds:
        known = setting.targets.names(*kinds)
        yield unknown(loc, " or ".join(kinds), to, nearest(to, known, noun="there are"))
