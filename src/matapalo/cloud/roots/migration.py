"""The root `migration`: what copies the tables of slices, until they are retired.

slices with `stream: dms` ─▶ replications, made and not started
slices with own streams   ─▶ the streams' pods may read the secrets of the stores they write to

A replication of a protected environment is serverless and lives through a zone; others share one
small instance. Which it is does not follow from the number of slices: adding one must not make the
running ones anew.
"""

from collections.abc import Iterator

from matapalo.blueprint import Aurora, Slice
from matapalo.blueprint.relations import store_of
from matapalo.cloud.hcl import Comment, Expr, Part, Value, block, call, module, ref
from matapalo.cloud.names import address, product_root
from matapalo.cloud.root import Output, Root, read
from matapalo.cloud.roots import boundary, own
from matapalo.cloud.roots.mappings import mappings
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene, System
from matapalo.cloud.tree import Tree

ENGINES = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mariadb"}
STREAMS = "streams"
"""The service account of the streams' pods."""


def render(system: System, scene: Scene) -> Tree:
    """Return the root's files; none where no slice has tables."""
    replicated, streamed = _slices(scene, "dms"), _slices(scene, "matapalo")
    if scene.blueprint.monolith.database is None or not (replicated or streamed):
        return Tree({})
    root = Root.of(system, scene, "migration")
    return root.tree(
        main=_replications(root, system, scene, replicated) if replicated else [],
        more={"streams.tf": list(_streams(scene, streamed))},
        outputs=_outputs(replicated),
        reads=_reads(scene, replicated, streamed),
    )


def _slices(scene: Scene, stream: str) -> dict[str, str]:
    """Return the stores (by slice) of the slices with tables that are copied in this way."""
    targets = scene.targets
    found = {
        name: store_of(piece, targets)
        for name, piece in scene.blueprint.slices.items()
        if piece.tables and piece.stream == stream
    }
    return {name: store for name, store in found.items() if store}


def _replications(root: Root, system: System, scene: Scene, slices: dict[str, str]) -> list[Part]:
    network = f"{scene.environment}/network"
    groups = read(network, "security_group_ids").text
    given: dict[str, Value] = {
        "name": scene.names.of("replication"),
        "source_database": _source(scene),
        "targets": {
            address(store).replace("_", "-"): {"database": _database(scene, store)}
            for store in sorted(set(slices.values()))
        },
        "slices": {name: _slice(scene, name, store) for name, store in slices.items()},
        "serverless": scene.protected,
        "network": {
            "subnet_ids": read(network, "private_subnet_ids"),
            "security_group_ids": [Expr(f'{groups}["migration"]')],
        },
        "boundary_arn": boundary.arn(scene),
        "account_roles": _is_first_of_its_account(system, scene),
        "key_arn": key_for(scene, "stores"),
        "secrets_key_arn": key_for(scene, "secrets"),
    }
    return [module("replication", root.module("replication"), given)]


def _source(scene: Scene) -> Value:
    database = scene.blueprint.monolith.database
    if database is None:
        return None
    return {"engine": ENGINES[database.engine], "database": database.name}


def _slice(scene: Scene, name: str, store: str) -> Value:
    piece: Slice = scene.blueprint.slices[name]
    database = scene.blueprint.monolith.database
    # MySQL's databases are what PostgreSQL calls schemas.
    schema = database.name if database and database.engine != "postgresql" else ""
    return {
        "target": address(store).replace("_", "-"),
        "mappings": call("jsonencode", mappings(piece.tables, schema)),
    }


def _database(scene: Scene, store: str) -> str:
    it = scene.targets.stores[store]
    given = it.database if isinstance(it, Aurora) else None
    return (given or store.rpartition("/")[2]).replace("-", "_")


def _is_first_of_its_account(system: System, scene: Scene) -> bool:
    """DMS looks for its roles by name, so that there is one of each in an account."""
    same = [
        each.environment
        for each in system.scenes
        if each.it.account == scene.it.account and _slices(each, "dms")
    ]
    return same[0] == scene.environment


def _streams(scene: Scene, slices: dict[str, str]) -> Iterator[Part]:
    if not slices:
        return
    stores = sorted(set(slices.values()))
    policy = ("data", "aws_iam_policy_document", "streams")
    yield block(
        *policy,
        block(
            "statement",
            {
                "sid": "Stores",
                "actions": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                "resources": [_secret(scene, store) for store in stores],
            },
        ),
        block(
            "statement",
            {
                "sid": "Key",
                "actions": ["kms:Decrypt"],
                "resources": [key_for(scene, "secrets")],
            },
        ),
    )
    yield Comment("The role is the platform's; what it may do here ends with the migration.")
    yield block(
        "resource",
        "aws_iam_role_policy",
        "streams",
        {
            "name": "stores",
            "role": scene.names.of("role", own.NAMESPACE, STREAMS),
            "policy": ref(*policy, "json"),
        },
    )


def _secret(scene: Scene, store: str) -> Expr:
    path, name = _product(scene, store), store.partition("/")[2]
    return Expr(f'{read(path, "store_secret_arns").text}["{name}"]')


def _product(scene: Scene, store: str) -> str:
    product = store.partition("/")[0]
    return f"{scene.environment}/{product_root(product)}"


def _outputs(replicated: dict[str, str]) -> Iterator[Output]:
    if replicated:
        said = "What the conductor starts, watches and stops, by slice."
        yield Output("replications", ref("module", "replication", "replications"), said)
        said = "The secrets that a person fills before a replication starts, by end."
        yield Output("secret_arns", ref("module", "replication", "secret_arns"), said)


def _reads(scene: Scene, replicated: dict[str, str], streamed: dict[str, str]) -> list[str]:
    network = [f"{scene.environment}/network"] if replicated else []
    products = sorted({_product(scene, store) for store in streamed.values()})
    return [*network, f"{scene.environment}/platform", *products]
