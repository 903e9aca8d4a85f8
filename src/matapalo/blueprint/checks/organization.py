"""Whether accounts are told apart, units form a tree, and groups are let in where a door is."""

from collections.abc import Iterator, Mapping

from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.organization import ActiveDirectory, Organization, SignOn
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.root import Blueprint

ONLY_ONE = ("management", "log-archive", "security", "network", "delivery")
CONTROLLERS = 2


def check(setting: Setting) -> Iterator[Finding]:
    """Yield what AWS Organizations and Identity Center would refuse."""
    organization = setting.blueprint.organization
    if organization is not None:
        yield from _accounts(organization)
        yield from _units(organization)
        yield from _audit(organization)
        if organization.sign_on:
            yield from _sign_on(organization.sign_on, organization)
    yield from _named_accounts(setting.blueprint)


def _accounts(organization: Organization) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for name, account in organization.accounts.items():
        loc: Loc = ("organization", "accounts", name)
        purpose = account.purpose if account.purpose in ONLY_ONE else None
        for key, value in (("id", account.id), ("email", account.email), ("purpose", purpose)):
            if value is None:
                continue
            first = seen.setdefault((key, value), name)
            if first != name:
                yield Finding((*loc, key), f"the account {first} has this {key} already")
        if account.unit is not None and account.unit not in organization.units:
            hint = nearest(account.unit, organization.units, noun="units")
            yield unknown((*loc, "unit"), "unit", account.unit, hint)


def _units(organization: Organization) -> Iterator[Finding]:
    units = organization.units
    for name, unit in units.items():
        loc: Loc = ("organization", "units", name, "parent")
        if unit.parent is not None and unit.parent not in units:
            yield unknown(loc, "unit", unit.parent, nearest(unit.parent, units, noun="units"))
        elif _circles(name, {key: value.parent for key, value in units.items()}):
            yield Finding(loc, f"the unit {name} would lie in itself")
    for index, name in enumerate(organization.guardrails.except_units):
        if name not in units:
            loc = ("organization", "guardrails", "except_units", index)
            yield unknown(loc, "unit", name, nearest(name, units, noun="units"))


def _circles(name: str, parents: Mapping[str, str | None]) -> bool:
    seen = set()
    here: str | None = name
    while here is not None and here not in seen:
        seen.add(here)
        here = parents.get(here)
    return here == name


def _audit(organization: Organization) -> Iterator[Finding]:
    purposes = {account.purpose for account in organization.accounts.values()}
    for wanted, purpose, what in (
        (organization.audit.trail, "log-archive", "the organization's trail"),
        (organization.audit.threats, "security", "GuardDuty"),
    ):
        if wanted and purpose not in purposes:
            yield Finding(
                ("organization",),
                f"no account has the purpose `{purpose}`: {what} stays in the management account",
                f"give an account `purpose: {purpose}`",
                warning=True,
                on_key=True,
            )


def _sign_on(sign_on: SignOn, organization: Organization) -> Iterator[Finding]:
    loc: Loc = ("organization", "sign_on")
    if isinstance(sign_on.source, ActiveDirectory):
        yield from _directory(sign_on.source, (*loc, "source"))
    seen = set()
    for index, assignment in enumerate(sign_on.assignments):
        here: Loc = (*loc, "assignments", index)
        if assignment.permission_set not in sign_on.permission_sets:
            hint = nearest(assignment.permission_set, sign_on.permission_sets, noun="there are")
            yield unknown(
                (*here, "permission_set"), "permission set", assignment.permission_set, hint
            )
        for at, account in enumerate(assignment.accounts):
            if account not in organization.accounts:
                hint = nearest(account, organization.accounts, noun="accounts")
                yield unknown((*here, "accounts", at), "account", account, hint)
            elif (assignment.group, assignment.permission_set, account) in seen:
                yield Finding((*here, "accounts", at), "assigned already")
            seen.add((assignment.group, assignment.permission_set, account))
    assigned = {assignment.permission_set for assignment in sign_on.assignments}
    for name in sign_on.permission_sets:
        if name not in assigned:
            what = "nobody is given this permission set"
            yield Finding((*loc, "permission_sets", name), what, warning=True, on_key=True)


def _directory(directory: ActiveDirectory, loc: Loc) -> Iterator[Finding]:
    if directory.directory_id is None and not directory.servers:
        hint = "give `directory_id`, or `servers` that a connector asks"
        yield Finding(loc, "nothing says where the directory is", hint)
    elif directory.servers and len(directory.servers) < CONTROLLERS:
        yield Finding((*loc, "servers"), "a connector asks two domain controllers", on_key=True)
    if directory.servers and not (directory.user and directory.password):
        hint = "give `user` and `password: {secret: …}`"
        yield Finding(loc, "a connector needs an account of the directory", hint)


def _named_accounts(blueprint: Blueprint) -> Iterator[Finding]:
    accounts = blueprint.organization.accounts if blueprint.organization else {}
    named: list[tuple[Loc, str | None]] = [
        (("network", "links", name, "account"), getattr(link, "account", None))
        for name, link in blueprint.network.links.items()
    ]
    if blueprint.delivery:
        named.append((("delivery", "state", "account"), blueprint.delivery.state.account))
    for loc, account in named:
        if account is not None and account not in accounts:
            yield unknown(loc, "account", account, nearest(account, accounts, noun="accounts"))
