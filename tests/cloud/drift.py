"""What a second plan would change: nothing, but for what an emulator forgets.

What it forgets is named as narrowly as can be: the type, the attributes (`block.attribute` where
it is in a block), and whose fault it is.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

FORGOTTEN = {
    # moto keeps no descriptions of rules between two groups.
    "aws_vpc_security_group_ingress_rule": frozenset({"description"}),
    "aws_vpc_security_group_egress_rule": frozenset({"description"}),
    # moto tells the same subnet of every group, and no tags.
    "aws_dms_replication_subnet_group": frozenset({"subnet_ids", "tags", "tags_all"}),
    # moto keeps no tags of an attachment.
    "aws_ec2_transit_gateway_vpc_attachment": frozenset({"tags", "tags_all"}),
    # moto does not tell the tags of permission sets.
    "aws_ssoadmin_permission_set": frozenset({"tags", "tags_all"}),
    # ministack tells lists of headers that it was not given, empty.
    "aws_cloudfront_response_headers_policy": frozenset({
        "custom_headers_config", "remove_headers_config",
    }),
    # moto keeps the keys of tunnels itself, whatever it is told.
    "aws_vpn_connection": frozenset({"preshared_key_storage"}),
    # ministack takes an alarm, and tells its fields in a form that the provider reads as empty.
    "aws_cloudwatch_metric_alarm": frozenset({
        "actions_enabled", "alarm_actions", "alarm_description", "dimensions",
        "extended_statistic", "ok_actions", "period", "statistic", "treat_missing_data",
    }),
    # ministack tells no log of a cluster, whichever it was told to keep, and no key of insights.
    "aws_rds_cluster": frozenset({"enabled_cloudwatch_logs_exports"}),
    "aws_docdb_cluster": frozenset({"enabled_cloudwatch_logs_exports"}),
    "aws_rds_cluster_instance": frozenset({"performance_insights_kms_key_id"}),
    # ministack keeps nothing of a cluster's Auto Mode, nor of its support and its shifts of zones.
    "aws_eks_cluster": frozenset({
        "compute_config", "kubernetes_network_config.elastic_load_balancing", "storage_config",
        "upgrade_policy", "zonal_shift_config",
    }),
    # Whatever a setting says, its version follows: see `_elsewhere` for what it says.
    "aws_ssm_parameter": frozenset({"insecure_value", "version"}),
    # ministack keeps whether a table can be set back, not how far.
    "aws_dynamodb_table": frozenset({"point_in_time_recovery.recovery_period_in_days"}),
}  # fmt: skip


def drift(plan: Mapping[str, Any]) -> list[str]:
    """Return what a second plan would change, by address, but for what emulators forget."""
    found, elsewhere = [], _elsewhere(plan)
    for it in plan.get("resource_changes", []):
        change, forgotten = it["change"], FORGOTTEN.get(it["type"], frozenset())
        if change["actions"] in (["no-op"], ["read"]):
            continue
        differing = {*_differing(_now(change["before"] or {}, elsewhere), change["after"] or {})}
        differing |= {*_unknown(change.get("after_unknown") or {})}
        if change["actions"] != ["update"] or differing - forgotten:
            found.append(f"{it['address']} {change['actions']} {sorted(differing)}")
    return found


def _elsewhere(plan: Mapping[str, Any]) -> dict[str, str]:
    """Return where databases answer now, by where they did at first.

    ministack has a cluster answer at another place as soon as it has its first instance. Who was
    told where it is, is told anew; on AWS the place never changes.
    """
    drifted = (it for it in plan.get("resource_drift", []) if it["type"] == "aws_rds_cluster")
    pairs = [(it["change"]["before"], it["change"]["after"]) for it in drifted]
    places = ("endpoint", "reader_endpoint")
    return {was[place]: now[place] for was, now in pairs for place in places if was[place]}


def _now(before: Any, elsewhere: Mapping[str, str]) -> Any:
    """Return what something would have been told, had it been told of the places of now."""
    text = json.dumps(before)
    for old, new in elsewhere.items():
        text = text.replace(old, new)
    return json.loads(text)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the attributes that would change; those of a block that is there once by their own."""
    for name in {*before, *after}:
        was, is_ = before.get(name), after.get(name)
        match was, is_:
            case [{} as was], [{} as is_]:
                yield from (f"{name}.{inner}" for inner in _differing(was, is_))
            case _ if was != is_:
                yield name


def _unknown(after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the attributes that only AWS will know: `after` tells of each part whether it is."""
    yield from (name for name, it in after.items() if _any(it))


def _any(unknown: Any) -> bool:
    if isinstance(unknown, Mapping):
        return any(map(_any, unknown.values()))
    return any(map(_any, unknown)) if isinstance(unknown, list) else bool(unknown)
