"""The conductor's ledger: a small Aurora of its own, that nobody but the conductor comes to."""

from matapalo.cloud.hcl import Expr, Part, Value, block, module, ref
from matapalo.cloud.root import Root, read
from matapalo.cloud.roots import boundary
from matapalo.cloud.roots.own import NAMESPACE
from matapalo.cloud.scene import Scene

PORT = 5432
BACKUP = 35
"""Days: who moved what, and why, is asked long afterwards."""


def ledger(root: Root, scene: Scene, stores: Expr, secrets: Expr, logs: Expr) -> list[Part]:
    """Return the ledger and its security group, encrypted with these keys."""
    network, names = f"{scene.environment}/network", scene.names
    least, most = scene.sizes.capacity.min, 2
    given: dict[str, Value] = {
        "name": names.of("cluster", NAMESPACE, "ledger"),
        "database": NAMESPACE,
        "capacity": {"min": min(least, 0.5), "max": most},
        "readers": 1 if scene.protected else 0,
        "backup": BACKUP if scene.protected else 1,
        "protected": scene.protected,
        "key_arn": stores,
        "secrets_key_arn": secrets,
        "boundary_arn": boundary.arn(scene),
        "network": {
            "subnet_ids": read(network, "isolated_subnet_ids"),
            "security_group_ids": [ref("aws_security_group", "ledger", "id")],
        },
        "logs": {"retention": scene.blueprint.logs.keep, "key_arn": logs},
    }
    return [*_group(scene), module("ledger", root.module("aurora"), given), _settings(root, scene)]


def _group(scene: Scene) -> list[Part]:
    network = f"{scene.environment}/network"
    pods = Expr(f'{read(network, "security_group_ids").text}["cluster"]')
    name = scene.names.of("security-group", NAMESPACE, "ledger")
    rule: dict[str, Value] = {"ip_protocol": "tcp", "from_port": PORT, "to_port": PORT}
    of = ref("aws_security_group", "ledger", "id")
    return [
        block(
            "resource",
            "aws_security_group",
            "ledger",
            {
                "name": name,
                "description": "The conductor's ledger",
                "vpc_id": read(network, "vpc_id"),
                "tags": {"Name": name},
            },
        ),
        block(
            "resource",
            "aws_vpc_security_group_ingress_rule",
            "ledger",
            {
                "security_group_id": of,
                "referenced_security_group_id": pods,
                "description": "The conductor",
                **rule,
            },
        ),
        block(
            "resource",
            "aws_vpc_security_group_egress_rule",
            "ledger",
            {
                "security_group_id": pods,
                "referenced_security_group_id": of,
                "description": "To the conductor's ledger",
                **rule,
            },
        ),
    ]


def _settings(root: Root, scene: Scene) -> Part:
    url = (
        '"postgresql://${module.ledger.endpoint}:${module.ledger.port}'
        '/${module.ledger.database}?sslmode=require"'
    )
    values: dict[str, Value] = {
        "MATAPALO_LEDGER_SECRET_ARN": ref("module", "ledger", "secret_arn"),
        "MATAPALO_LEDGER_URL": Expr(url),
    }
    given: dict[str, Value] = {
        "prefix": f"/{scene.names.prefix}/{NAMESPACE}",
        "values": values,
        "key_arn": Expr('module.keys.by_purpose["secrets"]'),
    }
    return module("settings", root.module("settings"), given)
