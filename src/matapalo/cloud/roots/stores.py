"""A product's stores: the part of its root that keeps data.

A module a kind, called once for all stores of that kind, also where there is none: Terraform then
still knows the module of a store that was taken out of the blueprint, and its `prevent_destroy`
refuses the plan. What is renamed is `moved`; what is `released` is let go of, and stays as it is.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from matapalo.blueprint import Aurora, Bucket, Cache, DocumentDb, DynamoDb, Index
from matapalo.blueprint.store import StoreKind
from matapalo.cloud.former import first_store, renamings
from matapalo.cloud.hcl import Comment, Expr, Part, Value, block, module, moved, ref
from matapalo.cloud.names import LONGEST, address, shortened
from matapalo.cloud.root import Output, Root, read
from matapalo.cloud.roots import boundary
from matapalo.cloud.roots.purposes import key_for
from matapalo.cloud.scene import Scene

LONGEST_BACKUP = 35
"""Days for which AWS keeps what a store can be set back to."""

ACCOUNT_DIGITS = 13
"""How many characters a bucket's name ends with: a hyphen, and the account's number."""

TYPES = {"text": "S", "number": "N", "binary": "B"}

WITH_PASSWORD = (Aurora, DocumentDb)


def blocks(root: Root, scene: Scene, product: str) -> list[Part]:
    """Return the calls of the modules of a product's stores, and what became of former ones."""
    return [
        Comment(
            "A kind without a store stays here, so that Terraform refuses to destroy one that was\n"
            "taken out of the blueprint. To let go of it, name it in the product's `released`."
        ),
        *(_kind(root, scene, product, kind) for kind in KINDS),
        *_moved(scene, product),
        *_released(scene, product),
    ]


def outputs(scene: Scene, product: str) -> list[Output]:
    """Return what other roots may know of a product's stores."""
    stores = scene.blueprint.products[product].stores
    full = {name: f"{product}/{name}" for name in stores}
    secrets = {n: value for n, it in full.items() if (value := secret(scene, it)) is not None}
    ids: dict[str, Value] = {name: _of(scene, it, "id") for name, it in full.items()}
    arns: dict[str, Value] = {name: _of(scene, it, "arn") for name, it in full.items()}
    return [
        Output("store_ids", ids, "What the stores are called on AWS, by name."),
        Output("store_arns", arns, "The stores' ARNs, by name."),
        Output("store_secret_arns", secrets, "The secrets with their users, by store."),
    ]


def variables(scene: Scene, store: str) -> dict[str, Value]:
    """Return what those that use a store are told: where it is, without a password."""
    prefix = store.rpartition("/")[2].upper().replace("-", "_")
    match scene.targets.stores[store]:
        case Aurora():
            rest = ("endpoint", "port", "database")
            host, port, database = (_part(scene, store, each) for each in rest)
            url = f"postgresql://{host}:{port}/{database}?sslmode=require"
        case DocumentDb():
            host, port = (_part(scene, store, each) for each in ("endpoint", "port"))
            url = f"mongodb://{host}:{port}/?tls=true&replicaSet=rs0&retryWrites=false"
        case Cache(engine=engine):
            scheme = "memcacheds" if engine == "memcached" else "rediss"
            host, port = (_part(scene, store, each) for each in ("endpoint", "port"))
            url = f"{scheme}://{host}:{port}"
        case DynamoDb():
            return {f"{prefix}_TABLE": _of(scene, store, "id")}
        case Bucket():
            return {f"{prefix}_BUCKET": _of(scene, store, "id")}
    told: dict[str, Value] = {f"{prefix}_URL": Expr(f'"{url}"')}
    password = secret(scene, store)
    return told if password is None else {**told, f"{prefix}_SECRET_ARN": password}


def secret(scene: Scene, store: str) -> Expr | None:
    """Return the ARN of the secret with a store's user and password, where it has one."""
    has = isinstance(scene.targets.stores[store], WITH_PASSWORD)
    return _of(scene, store, "secret_arn") if has else None


def statements(scene: Scene, store: str) -> Expr:
    """Return what a role needs to use a store, as a list of statements of a policy."""
    return _of(scene, store, "statements")


def name_on_aws(scene: Scene, store: str) -> str:
    """Return the name that a store has on AWS; a bucket's is followed by the account's number."""
    first, it = first_store(scene.blueprint, store), scene.targets.stores[store]
    if isinstance(it, Bucket):
        whole = f"{scene.names.prefix}-{first.replace('/', '-')}"
        return shortened(whole, LONGEST["bucket"] - ACCOUNT_DIGITS)
    return scene.names.of("cache" if isinstance(it, Cache) else "cluster", *first.split("/"))


def _kind(root: Root, scene: Scene, product: str, kind: StoreKind) -> Part:
    stores = {
        name: KINDS[kind](scene, f"{product}/{name}", store)
        for name, store in scene.blueprint.products[product].stores.items()
        if store.kind == kind
    }
    return module(kind, root.module(kind), {"for_each": stores}, GIVEN[kind](scene))


def _of(scene: Scene, store: str, output: str) -> Expr:
    name = store.rpartition("/")[2]
    return Expr(f'module.{scene.targets.stores[store].kind}["{name}"].{output}')


def _part(scene: Scene, store: str, output: str) -> str:
    return f"${{{_of(scene, store, output).text}}}"


def _moved(scene: Scene, product: str) -> Iterator[Part]:
    """A chain of names: each former one to the next."""
    for name, store in scene.blueprint.products[product].stores.items():
        for old, new in renamings(name, store.formerly):
            yield moved(f'module.{store.kind}["{old}"]', f'module.{store.kind}["{new}"]')


def _released(scene: Scene, product: str) -> Iterator[Part]:
    """Terraform forgets only what has an address without a key: it is moved to one first."""
    for name, kind in scene.blueprint.products[product].released.items():
        here = f"module.{address('released', name)}"
        yield moved(f'module.{kind}["{name}"]', here)
        yield block("removed", {"from": Expr(here)}, block("lifecycle", {"destroy": False}))


# What the stores of a kind are given each, and what all of them are.


def _aurora(scene: Scene, full: str, it: Any) -> Mapping[str, Value]:
    size = it.capacity or scene.sizes.capacity
    return {
        "name": name_on_aws(scene, full),
        "engine_version": it.version,
        "database": (it.database or _first_name(scene, full)).replace("-", "_"),
        "capacity": {"min": size.min, "max": size.max},
        "readers": it.readers,
        "backup": _backup(scene, it.backup),
        "security_group_id": _group(scene, full),
    }


def _first_name(scene: Scene, full: str) -> str:
    """A database keeps the name that it was made with: with another one it would be made anew."""
    return first_store(scene.blueprint, full).rpartition("/")[2]


def _documentdb(scene: Scene, full: str, it: Any) -> Mapping[str, Value]:
    return {
        "name": name_on_aws(scene, full),
        "engine_version": it.version,
        "instance_class": it.instance,
        "instances": it.instances,
        "backup": _backup(scene, it.backup),
        "security_group_id": _group(scene, full),
    }


def _cache(scene: Scene, full: str, it: Any) -> Mapping[str, Value]:
    return {
        "name": name_on_aws(scene, full),
        "engine": it.engine,
        "max_gib": it.max_gib,
        "security_group_id": _group(scene, full),
    }


def _dynamodb(scene: Scene, full: str, it: Any) -> Mapping[str, Value]:
    return {
        "name": name_on_aws(scene, full),
        **_keys(it),
        "indexes": {name: _keys(index) for name, index in it.indexes.items()},
        "expires": Expr("null") if it.expires is None else it.expires,
        "changes": it.changes,
    }


def _keys(it: DynamoDb | Index) -> dict[str, Value]:
    sort: Value = Expr("null")
    if it.sort is not None:
        sort = {"name": it.sort, "type": TYPES[it.sort_type]}
    return {"key": {"name": it.key, "type": TYPES[it.key_type]}, "sort": sort}


def _bucket(scene: Scene, full: str, it: Any) -> Mapping[str, Value]:
    null = Expr("null")
    return {
        "name": Expr(f'"{name_on_aws(scene, full)}-{scene.account_number}"'),
        "versioned": it.versioned,
        "archive_after": it.archive_after or null,
        "expire_after": it.expire_after or null,
    }


def _backup(scene: Scene, given: int | None) -> int:
    return min(given or scene.sizes.backup, LONGEST_BACKUP)


def _group(scene: Scene, full: str) -> Expr:
    groups = read(f"{scene.environment}/network", "security_group_ids").text
    return Expr(f'{groups}["stores/{first_store(scene.blueprint, full)}"]')


def _each(*names: str) -> dict[str, Value]:
    return {name: ref("each", "value", name) for name in names}


def _inside(scene: Scene) -> dict[str, Value]:
    return {
        "network": {
            "subnet_ids": read(f"{scene.environment}/network", "isolated_subnet_ids"),
            "security_group_ids": [ref("each", "value", "security_group_id")],
        }
    }


def _logged(scene: Scene) -> dict[str, Value]:
    return {"logs": {"retention": scene.blueprint.logs.keep, "key_arn": key_for(scene, "logs")}}


def _all_aurora(scene: Scene) -> dict[str, Value]:
    return {
        **_each("name", "engine_version", "database", "capacity", "readers", "backup"),
        "protected": scene.protected,
        "key_arn": key_for(scene, "stores"),
        "secrets_key_arn": key_for(scene, "secrets"),
        "boundary_arn": boundary.arn(scene),
        **_inside(scene),
        **_logged(scene),
    }


def _all_documentdb(scene: Scene) -> dict[str, Value]:
    return {
        **_each("name", "engine_version", "instance_class", "instances", "backup"),
        "protected": scene.protected,
        "key_arn": key_for(scene, "stores"),
        **_inside(scene),
        **_logged(scene),
    }


def _all_cache(scene: Scene) -> dict[str, Value]:
    return {
        **_each("name", "engine", "max_gib"),
        "backup": _backup(scene, None),
        "key_arn": key_for(scene, "stores"),
        **_inside(scene),
    }


def _all_dynamodb(scene: Scene) -> dict[str, Value]:
    return {
        **_each("name", "key", "sort", "indexes", "expires", "changes"),
        "backup": _backup(scene, None),
        "protected": scene.protected,
        "key_arn": key_for(scene, "stores"),
    }


def _all_buckets(scene: Scene) -> dict[str, Value]:
    return {
        **_each("name", "versioned", "archive_after", "expire_after"),
        "key_arn": key_for(scene, "buckets"),
    }


KINDS: Mapping[StoreKind, Callable[[Scene, str, Any], Mapping[str, Value]]] = {
    "aurora": _aurora,
    "dynamodb": _dynamodb,
    "documentdb": _documentdb,
    "cache": _cache,
    "bucket": _bucket,
}
GIVEN: Mapping[StoreKind, Callable[[Scene], dict[str, Value]]] = {
    "aurora": _all_aurora,
    "dynamodb": _all_dynamodb,
    "documentdb": _all_documentdb,
    "cache": _all_cache,
    "bucket": _all_buckets,
}
