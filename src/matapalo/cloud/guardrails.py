"""Upon what the guardrails are laid, so that the units that are left out are left out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from matapalo.blueprint import Organization

ROOT = "root"


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """Where a policy is laid: the root, a unit or an account."""

    kind: Literal["root", "unit", "account"]
    name: str


def places(organization: Organization) -> tuple[Place, ...]:
    """Return the fewest places that cover every account but those in units that are left out.

    A policy on a unit holds for all that lies in it. So where a unit that is left out lies below
    another one, the policies go to that one's other units and accounts instead. The management
    account needs none: no policy binds it.
    """
    return tuple(sorted(_below(organization, None)))


def _below(organization: Organization, unit: str | None) -> Iterator[Place]:
    if unit in organization.guardrails.except_units:
        return
    if not _holds_left_out(organization, unit):
        yield Place("unit", unit) if unit else Place("root", ROOT)
        return
    for name, each in organization.units.items():
        if each.parent == unit:
            yield from _below(organization, name)
    for name, account in organization.accounts.items():
        if account.unit == unit and account.purpose != "management":
            yield Place("account", name)


def _holds_left_out(organization: Organization, unit: str | None) -> bool:
    return any(
        unit is None or unit in _above(organization, name)
        for name in organization.guardrails.except_units
    )


def _above(organization: Organization, unit: str) -> Iterator[str]:
    parent = organization.units[unit].parent
    while parent is not None:
        yield parent
        parent = organization.units[parent].parent
