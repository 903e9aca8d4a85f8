"""What a second plan would change: nothing, but for what an emulator forgets.

What it forgets is named as narrowly as can be: the type, the attributes, and whose fault it is.
"""

from collections.abc import Mapping
from typing import Any

FORGOTTEN = {
    # moto keeps no descriptions of rules between two groups.
    "aws_vpc_security_group_ingress_rule": frozenset({"description"}),
    "aws_vpc_security_group_egress_rule": frozenset({"description"}),
    # moto keeps no tags of an attachment.
    "aws_ec2_transit_gateway_vpc_attachment": frozenset({"tags", "tags_all"}),
    # moto does not tell the tags of permission sets.
    "aws_ssoadmin_permission_set": frozenset({"tags", "tags_all"}),
    # moto keeps the keys of tunnels itself, whatever it is told.
    "aws_vpn_connection": frozenset({"preshared_key_storage"}),
    # ministack takes an alarm, and tells its fields in a form that the provider reads as empty.
    "aws_cloudwatch_metric_alarm": frozenset({
        "actions_enabled", "alarm_description", "dimensions", "period", "statistic",
        "treat_missing_data",
    }),
}  # fmt: skip


def drift(plan: Mapping[str, Any]) -> list[str]:
    """Return what a second plan would change, by address, but for what emulators forget."""
    found = []
    for it in plan.get("resource_changes", []):
        change, forgotten = it["change"], FORGOTTEN.get(it["type"], frozenset())
        if change["actions"] in (["no-op"], ["read"]):
            continue
        differing = _differing(change)
        if change["actions"] != ["update"] or differing - forgotten:
            found.append(f"{it['address']} {change['actions']} {sorted(differing)}")
    return found


def _differing(change: Mapping[str, Any]) -> set[str]:
    """Return the attributes that would change, or of which only AWS knows whether they do."""
    before, after = change["before"] or {}, change["after"] or {}
    unknown = {name for name, it in (change.get("after_unknown") or {}).items() if _any(it)}
    return unknown | {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _any(unknown: Any) -> bool:
    """Whether anything is unknown: a block is told as its parts, of which none may be."""
    if isinstance(unknown, Mapping):
        return any(map(_any, unknown.values()))
    return any(map(_any, unknown)) if isinstance(unknown, list) else bool(unknown)
