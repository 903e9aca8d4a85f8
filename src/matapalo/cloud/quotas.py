"""What AWS takes of a thing at most, and whether what would be rendered keeps to it.

Where AWS raises a quota if it is asked, more is a warning: only the account's owner knows what was
agreed. Where it never does, more is an error.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from matapalo.blueprint import Blueprint
from matapalo.blueprint.begun import as_begun
from matapalo.blueprint.checks import Finding
from matapalo.blueprint.reading.tree import Loc
from matapalo.cloud.roots import inside, paths, stages, ways
from matapalo.cloud.scene import Scene
from matapalo.cloud.talks import talks


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that AWS takes, of what, and what to do about it."""

    most: int
    of: str
    hint: str
    fixed: bool = False
    """Whether AWS never raises it."""


ASK = "have the quota raised in Service Quotas first"

ROUTES = Quota(300, "routes in an API", f"{ASK}, or let one path stand for many")
INTEGRATIONS = Quota(
    300, "integrations in an API", "let fewer services and functions have routes", fixed=True
)
TARGET_GROUPS = Quota(
    100, "target groups of a load balancer", "let fewer services have routes", fixed=True
)
RULES = Quota(100, "rules of a load balancer", f"{ASK}, or let functions call fewer services")
BEHAVIORS = Quota(75, "behaviors of CloudFront", "let fewer paths begin at the top", fixed=True)
GROUP_RULES = Quota(60, "rules of a security group one way", ASK)
CONCURRENCY = Quota(900, "calls at once that functions may reserve", ASK)
BUS_RULES = Quota(300, "rules on a bus", ASK)
RULE_TARGETS = Quota(
    5, "targets of a rule", "let it tell a topic, and the topic the rest", fixed=True
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there would be, whose if not the environment's own, and where that is written."""

    quota: Quota
    count: int
    loc: Loc
    whose: str = ""


def check(blueprint: Blueprint, environment: str) -> Iterator[Finding]:
    """Yield what an environment would have more of than AWS takes. The blueprint has no errors."""
    for it in counted(Scene(as_begun(blueprint), environment, blueprint)):
        if it.count > it.quota.most:
            yield _too_many(it)


def counted(scene: Scene) -> Iterator[Counted]:
    """Yield how many there would be of everything that AWS has a quota for."""
    blueprint = scene.blueprint
    yield from _door(scene, ("slices",) if blueprint.slices else ("products",))
    yield from _groups(scene)
    reserved = sum(it.concurrency for it in blueprint.functions().values())
    yield Counted(CONCURRENCY, reserved, ("products",))
    rules = blueprint.events.rules
    yield Counted(BUS_RULES, len(rules), ("events", "rules"))
    for name, rule in rules.items():
        yield Counted(RULE_TARGETS, len(rule.to), ("events", "rules", name, "to"))


def _door(scene: Scene, loc: Loc) -> Iterator[Counted]:
    blueprint = scene.blueprint
    routes = paths.routes(blueprint)
    yield Counted(ROUTES, len(routes), loc)
    # One for each who answers, and one more where the caller is known by name.
    answering = {(ways.straight(scene, it.owner), it.login == "public") for it in routes.values()}
    yield Counted(INTEGRATIONS, len(answering), loc)
    balanced = ways.behind_balancer(scene, stages.targets(scene), stages.pods(scene))
    yield Counted(TARGET_GROUPS, len(balanced), loc)
    # The edge is where everything goes that no rule is for.
    yield Counted(RULES, len(balanced) - 1 + len(inside.called(scene)), loc)
    if blueprint.site and blueprint.site.path == "/":
        # A path, and what lies below it; and the site's own.
        yield Counted(BEHAVIORS, 2 * len(paths.api_paths(blueprint)) + 1, ("site",))


def _groups(scene: Scene) -> Iterator[Counted]:
    said = talks(scene.blueprint)
    out = Counter([*(it.caller for it in said.rules), *(it.caller for it in said.ways)])
    within = Counter(it.callee for it in said.rules)
    for group, count in sorted([*out.items(), *within.items()]):
        yield Counted(GROUP_RULES, count, ("network",), f"`{group}`: ")


def _too_many(it: Counted) -> Finding:
    quota = it.quota
    unless = "" if quota.fixed else " unless it is asked for more"
    what = f"{it.whose}{it.count} {quota.of}, and AWS takes {quota.most}{unless}"
    return Finding(it.loc, what, quota.hint, warning=not quota.fixed, on_key=True)
