"""Whether an environment has an account and a region, and releases go through what exists."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import LOCAL, Finding, Setting, unknown
from matapalo.blueprint.environment import Environment
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.reading.tree import Loc


def check(setting: Setting) -> Iterator[Finding]:
    """Yield what is wrong with environments, and with the order of delivery."""
    for name, environment in setting.blueprint.environments.items():
        yield from _environment(setting, environment, name)
    yield from _delivery(setting)


def _environment(setting: Setting, environment: Environment, name: str) -> Iterator[Finding]:
    loc: Loc = ("environments", name)
    organization = setting.blueprint.organization
    accounts = organization.accounts if organization else {}
    if environment.account is None and accounts and name != LOCAL:
        yield Finding(loc, "it has no account", nearest(name, accounts, noun="accounts"))
    elif environment.account is not None and environment.account not in accounts:
        hint = nearest(environment.account, accounts, noun="accounts")
        yield unknown((*loc, "account"), "account", environment.account, hint)
    if environment.region is None and name != LOCAL:
        yield Finding(loc, "it has no region", "give `region`, like us-east-1")
    yield from _guarded(setting, environment, loc)
    yield from _sizes(environment, loc)


def _guarded(setting: Setting, environment: Environment, loc: Loc) -> Iterator[Finding]:
    organization = setting.blueprint.organization
    allowed = organization.guardrails.regions if organization else ()
    if environment.region and allowed and environment.region not in allowed:
        hint = f"organization.guardrails.regions allows {', '.join(allowed)}"
        yield Finding((*loc, "region"), f"the guardrails forbid {environment.region}", hint)


def _sizes(environment: Environment, loc: Loc) -> Iterator[Finding]:
    cluster = environment.sizes.cluster
    if cluster.min_nodes > cluster.max_nodes:
        what = f"at least {cluster.min_nodes} and at most {cluster.max_nodes} nodes: none fits"
        yield Finding((*loc, "sizes", "cluster", "min_nodes"), what)
    capacity = environment.sizes.capacity
    if capacity.min > capacity.max:
        what = f"at least {capacity.min:g} and at most {capacity.max:g}: none fits"
        yield Finding((*loc, "sizes", "capacity", "min"), what)


def _delivery(setting: Setting) -> Iterator[Finding]:
    delivery = setting.blueprint.delivery
    if delivery is None:
        return
    known = [name for name in setting.blueprint.environments if name != LOCAL]
    for key, names in (("order", delivery.order), ("approve", delivery.approve)):
        for index, name in enumerate(names):
            loc: Loc = ("delivery", key, index)
            if name not in known:
                yield unknown(loc, "environment", name, nearest(name, known, noun="environments"))
            elif name in names[:index]:
                yield Finding(loc, f"`{name}` is named twice")
            elif key == "approve" and delivery.order and name not in delivery.order:
                yield Finding(loc, f"no release goes into `{name}`", "name it in `delivery.order`")
