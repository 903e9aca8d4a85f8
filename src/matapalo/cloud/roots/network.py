"""The network of an environment: addresses, ways out, links, names, and who may talk to whom."""

from collections.abc import Iterator, Mapping

from matapalo.blueprint import (
    DirectConnect,
    Link,
    Peering,
    PrivateLink,
    TransitGateway,
    Vpn,
)
from matapalo.blueprint.subnets import subnets
from matapalo.cloud.hcl import Comment, Expr, Part, Value, block, module, ref
from matapalo.cloud.names import address
from matapalo.cloud.root import Output, Root, Variable
from matapalo.cloud.roots import boundary
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.talks import talks
from matapalo.cloud.tree import Tree

ENDPOINTS = (
    "ec2", "ecr.api", "ecr.dkr", "eks-auth", "events", "kms", "logs", "secretsmanager", "sns",
    "sqs", "sts", "xray",
)  # fmt: skip
"""What a protected environment reaches without the internet, besides S3 and DynamoDB."""


def render(system: System, scene: Scene) -> Tree:
    """Return the root."""
    root = Root.of(system, scene, "network")
    more: dict[str, list[Part]] = {
        "links.tf": list(_links(root, scene)),
        "dns.tf": list(_dns(root, scene)),
        "groups.tf": [_groups(root, scene)],
        "baseline.tf": list(_baseline(system, root, scene)),
    }
    return root.tree(
        main=[*_addresses(scene), _network(root, scene)],
        outputs=_outputs(scene),
        variables=_variables(scene),
        more=more,
    )


def _addresses(scene: Scene) -> Iterator[Part]:
    """The fixed addresses lie here and not in the module, so that they outlive a new network."""
    told = [name for name, it in scene.blueprint.network.restrictions.items() if it.fixed_egress]
    count = scene.blueprint.network.zones if scene.sizes.nat == "zone" else 1
    if told:
        yield Comment(f"{', '.join(told)} admits calls from these addresses only: keep them.")
    else:
        yield Comment("The addresses that calls to the internet leave from.")
    keep = block("lifecycle", {"prevent_destroy": True}) if told and scene.protected else None
    name = Expr(f'"{scene.names.prefix}-out-${{count.index + 1}}"')
    yield block(
        "resource",
        "aws_eip",
        "out",
        Comment("checkov:skip=CKV2_AWS_19:The gateways of the network are given them."),
        {"count": count},
        {"domain": "vpc"},
        {"tags": {"Name": name}},
        keep,
    )


def _network(root: Root, scene: Scene) -> Part:
    network = scene.blueprint.network
    laid = subnets(network)
    tiers: dict[str, Value] = {
        tier: [it.cidr for it in laid if it.tier == tier]
        for tier in ("public", "private", "isolated")
    }
    gateway = any(isinstance(link, Vpn | DirectConnect) for link in network.links.values())
    given: dict[str, Value] = {
        "name": scene.names.prefix,
        "cidr": network.cidr,
        "subnets": tiers,
        "egress_allocation_ids": Expr("aws_eip.out[*].allocation_id"),
        "gateway": True if gateway else None,
        "endpoints": list(ENDPOINTS) if scene.protected else None,
        "flow_logs": network.flow_logs,
        "log_retention": scene.blueprint.logs.keep,
        "cluster": scene.names.of("cluster"),
        "boundary_arn": boundary.arn(scene),
    }
    return module("network", root.module("network"), given)


def _links(root: Root, scene: Scene) -> Iterator[Part]:
    for name, link in scene.blueprint.network.links.items():
        kind, given = _link(scene, link)
        full = {"name": scene.names.of("security-group", name), **given}
        yield module(address("link", name), root.module(kind), full)


def _link(scene: Scene, link: Link) -> tuple[str, dict[str, Value]]:
    network = scene.blueprint.network
    vpc: dict[str, Value] = {"vpc_id": ref("module.network.vpc_id")}
    inside: dict[str, Value] = {"subnet_ids": ref("module.network.private_subnet_ids")}
    gateway: dict[str, Value] = {"gateway_id": ref("module.network.gateway_id")}
    match link:
        case Vpn():
            static = list(link.cidrs) if link.routing == "static" else None
            given: dict[str, Value] = {"address": link.gateway, "asn": link.asn, "static": static}
            return "link-vpn", {**gateway, **given}
        case DirectConnect():
            line: dict[str, Value] = {
                "connection": link.connection,
                "vlan": link.vlan,
                "asn": link.asn,
                "prefixes": [network.cidr],
            }
            return "link-direct-connect", {**gateway, **line}
        case TransitGateway():
            return "link-transit-gateway", {"id": link.id, **vpc, **inside, **_routes(link.cidrs)}
        case Peering():
            peer: dict[str, Value] = {
                "peer_vpc_id": link.vpc,
                "peer_account": _number(scene, link.account) if link.account else None,
                "peer_region": link.region,
            }
            return "link-peering", {**vpc, **peer, **_routes(link.cidrs)}
        case PrivateLink():
            service: dict[str, Value] = {
                "cidr": network.cidr,
                "service": link.service,
                "ports": list(link.ports),
                "domain": link.domain,
            }
            return "link-privatelink", {**vpc, **inside, **service}


def _routes(cidrs: tuple[str, ...]) -> dict[str, Value]:
    tables = ref("module.network.private_route_table_ids")
    return {"cidrs": list(cidrs), "route_table_ids": tables}


def _number(scene: Scene, account: str) -> Value:
    """Return an account's number; a variable where the organization has yet to make it."""
    return scene.accounts[account].id or Expr(f'var.accounts["{account}"]')


def _variables(scene: Scene) -> list[Variable]:
    links = scene.blueprint.network.links.values()
    named = {link.account for link in links if isinstance(link, Peering) and link.account}
    unknown = sorted(name for name in named if scene.accounts[name].id is None)
    if not unknown:
        return []
    what = f"The numbers of accounts that the organization makes: {', '.join(unknown)}."
    return [Variable("accounts", "map(string)", what)]


def _dns(root: Root, scene: Scene) -> Iterator[Part]:
    forwards = scene.blueprint.network.dns
    if not forwards:
        return
    given: dict[str, Value] = {
        "name": scene.names.prefix,
        "vpc_id": ref("module.network.vpc_id"),
        "subnet_ids": ref("module.network.private_subnet_ids"),
        "domains": {each.domain: list(each.servers) for each in forwards},
    }
    yield module("dns", root.module("dns-forward"), given)


def _groups(root: Root, scene: Scene) -> Part:
    said = talks(scene.blueprint)
    groups: dict[str, Value] = dict(said.groups)
    rules: list[Value] = [
        {"from": it.caller, "to": it.callee, "port": it.port, "why": it.why} for it in said.rules
    ]
    ways: list[Value] = [
        {"from": it.caller, "cidr": it.cidr, "port": it.port, "why": it.why} for it in said.ways
    ]
    return module(
        "groups",
        root.module("groups"),
        {"name": scene.names.prefix, "vpc_id": ref("module.network.vpc_id")},
        {"groups": groups, "rules": rules, "egress": ways},
    )


def _baseline(system: System, root: Root, scene: Scene) -> Iterator[Part]:
    """What holds in a whole account is said by the first environment that lies in it."""
    first = next(each for each in system.scenes if each.it.account == scene.it.account)
    if scene.it.account is None or first.environment == scene.environment:
        yield module("baseline", root.module("baseline"), {})


def _outputs(scene: Scene) -> list[Output]:
    network = scene.blueprint.network
    told: Mapping[str, str] = {
        "vpc_id": "The network.",
        "zones": "The zones that it lies in.",
        "public_subnet_ids": "The public subnets, one a zone.",
        "private_subnet_ids": "The private subnets, one a zone.",
        "isolated_subnet_ids": "The isolated subnets, one a zone.",
        "private_route_table_ids": "The route tables of the private subnets, by zone.",
        "endpoints_security_group_id": "The security group of the endpoints.",
        "s3_prefix_list_id": "The addresses of S3 in this region.",
    }
    outputs = [Output(name, ref("module.network", name), why) for name, why in told.items()]
    fixed = [name for name, it in network.restrictions.items() if it.fixed_egress]
    admits = f" {', '.join(fixed)} has to admit them." if fixed else ""
    outputs += [
        Output("cidr", network.cidr, "The network's addresses."),
        Output(
            "egress_addresses",
            Expr("aws_eip.out[*].public_ip"),
            f"The addresses that calls to the internet leave from.{admits}",
        ),
        Output(
            "security_group_ids",
            ref("module.groups.ids"),
            "The security groups by what they are for: `cluster`, `functions/<product>/<name>`, "
            "`stores/<product>/<name>`.",
        ),
    ]
    for name, link in network.links.items():
        if isinstance(link, Vpn):
            at = ref(f"module.{address('link', name)}.addresses")
            what = f"This side's addresses of the VPN {name}: the other side's device needs them."
            outputs.append(Output(address("link", name, "addresses"), at, what))
    return outputs
