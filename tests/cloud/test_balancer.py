"""The load balancer of the door: who answers changes, and everybody else stays where he is."""

from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud import System
from tests.cloud import given
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Root, Terraform, changes, prepared

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]

ROOT = """\
provider "aws" {
  region = "us-east-1"
}

variable "targets" {
  type = any
}

variable "network" {
  type = any
}

module "balancer" {
  source = "../../modules/balancer"

  name                      = "shop"
  cluster                   = "shop"
  logs_bucket               = "shop-logs"
  protected                 = false
  vpc_id                    = var.network.vpc_id
  subnet_ids                = var.network.private_subnet_ids
  cluster_security_group_id = var.network.security_group_ids["cluster"]
  firewall_arn              = var.network.firewall_arn
  targets                   = var.targets
  inside                    = var.network.inside
}
"""
INSIDE, HOST = 8080, "pay.payments.shop.internal"
EDGE = {"group": "shop-edge", "port": 8000, "health": "/", "drain": 30}
PAY = {"group": "shop-pay", "port": 8080, "health": "/health"}
FARM = {"group": "shop-monolith", "port": 80, "health": "/", "addresses": ["10.9.0.7"]}


def test_who_answers_changes_and_nobody_else_is_touched(
    aws: Path, wallet: System, terraform: Terraform, emulators: Emulators
) -> None:
    root, network = _root(aws, terraform, emulators), _network(wallet, emulators)
    network["inside"] = {
        "zone": "shop.internal",
        "port": INSIDE,
        "hosts": {"payments/pay": HOST},
        "callers": {"payments/limits": network["security_group_ids"]["functions/payments/limits"]},
    }
    targets: dict[str, Any] = {"edge": EDGE, "payments/pay": PAY, "monolith": FARM}
    _applied(root, network, targets)
    assert _leads(emulators, 80) == {
        "x-matapalo-target payments/pay": "shop-pay",
        "x-matapalo-target monolith": "shop-monolith",
    }
    # Functions call services by names of the network.
    assert _leads(emulators, INSIDE) == {f"host {HOST}": "shop-pay"}
    assert _balancers_names(emulators) == ["\\052.shop.internal."]

    # One that comes before the others by its name, another port, another protocol.
    targets["accounts/list"] = {"group": "shop-list", "port": 8080, "health": "/health"}
    targets["payments/pay"] = PAY | {"port": 9090}
    targets["monolith"] = FARM | {"group": "shop-monolith-https", "port": 443, "protocol": "HTTPS"}
    planned = _applied(root, network, targets)
    assert planned['module.balancer.aws_lb_target_group.this["monolith"]'] == ("create", "delete")
    kept = ('group.this["payments/pay"]', 'rule.named["payments/pay"]')
    assert [at for at in planned if at.endswith(kept)] == []
    assert _leads(emulators, 80) == {
        "x-matapalo-target accounts/list": "shop-list",
        "x-matapalo-target payments/pay": "shop-pay",
        "x-matapalo-target monolith": "shop-monolith-https",
    }


def _root(aws: Path, terraform: Terraform, emulators: Emulators) -> Root:
    given.over_http(aws)
    folder = aws / "roots/balancer"
    folder.mkdir()
    (folder / "main.tf").write_text(ROOT)
    return prepared(terraform, aws, "balancer", emulators)


def _network(wallet: System, emulators: Emulators) -> dict[str, Any]:
    firewall = given.client("wafv2", emulators.moto).create_web_acl(
        Name="api", Scope="REGIONAL", DefaultAction={"Allow": {}},
        VisibilityConfig={
            "SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "api",
        },
    )  # fmt: skip
    network = given.network(wallet.first, emulators.moto)
    return network | {"firewall_arn": firewall["Summary"]["ARN"]}


def _applied(
    root: Root, network: dict[str, Any], targets: dict[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Apply, and return what changed; to apply it again would change nothing."""
    planned = changes(root.plan(network=network, targets=targets))
    root.apply()
    assert drift(root.plan(network=network, targets=targets)) == []
    return planned


def _leads(emulators: Emulators, port: int) -> dict[str, str]:
    """Return where each rule of a port's listener leads, by what it asks for."""
    elb = given.client("elbv2", emulators.moto)
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (listener,) = (it["ListenerArn"] for it in listeners if it["Port"] == port)
    groups = elb.describe_target_groups()["TargetGroups"]
    named = {it["TargetGroupArn"]: it["TargetGroupName"] for it in groups}
    return {
        _asked(*it["Conditions"]): named[it["Actions"][0]["TargetGroupArn"]]
        for it in elb.describe_rules(ListenerArn=listener)["Rules"]
        if not it["IsDefault"]
    }


def _asked(condition: Any) -> str:
    if condition["Field"] == "host-header":
        return f"host {condition['HostHeaderConfig']['Values'][0]}"
    header = condition["HttpHeaderConfig"]
    return f"{header['HttpHeaderName']} {header['Values'][0]}"


def _balancers_names(emulators: Emulators) -> list[str]:
    names = given.client("route53", emulators.moto)
    (zone,) = names.list_hosted_zones()["HostedZones"]
    assert zone["Config"]["PrivateZone"]
    found = names.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return [it["Name"] for it in found if "AliasTarget" in it]
