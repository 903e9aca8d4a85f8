"""Stores are applied to an emulator; whatever becomes of the blueprint, no plan destroys one."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud import System, render
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.conftest import system_from
from tests.cloud.drift import drift
from tests.cloud.terraform import Emulators, Failed, Root, Terraform, changes, prepared

pytestmark = pytest.mark.timeout(600)

BLUEPRINT = """
name: shop
monolith: {{url: "https://shop.example.com"}}
environments: {{prod: {{region: us-east-1, protected: true}}}}
network: {{cidr: 10.0.0.0/16}}
products:
  {product}:
    {words}
    stores: {{{stores}}}
"""
KINDS = {
    "main": "kind: aurora",
    "visits": "kind: dynamodb, key: user, sort: at, sort_type: number, changes: true, "
    "expires: until, indexes: {by-page: {key: page}}",
    "papers": "kind: documentdb",
    "hot": "kind: cache",
    "files": "kind: bucket, archive_after: 30, expire_after: 365",
}
MODULES = tuple(
    f"module.{it}" for it in ("aurora", "dynamodb", "documentdb", "cache", "bucket", "released_")
)
STORES = (
    'module.aurora["main"].aws_rds_cluster.this',
    'module.dynamodb["visits"].aws_dynamodb_table.this',
    'module.documentdb["papers"].aws_docdb_cluster.this',
    'module.cache["hot"].aws_elasticache_serverless_cache.this',
    'module.bucket["files"].aws_s3_bucket.this',
)


def _system(
    folder: Path, stores: Mapping[str, str], *, product: str = "sales", words: str = ""
) -> System:
    said = ", ".join(f"{name}: {{{it}}}" for name, it in stores.items())
    file = folder / "matapalo.yaml"
    file.write_text(BLUEPRINT.format(product=product, words=words, stores=said))
    return system_from(file)


@pytest.mark.soak
def test_a_store_that_is_taken_out_is_not_destroyed(
    terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    quick = {name: KINDS[name] for name in ("visits", "hot", "files")}
    root = _applied(_system(tmp_path, quick), terraform, emulators, tmp_path)
    assert drift(root.plan()) == []
    assert policies.faults(root) == []

    _renew(tmp_path, _system(tmp_path, {}))
    assert _refused(root) == {at for at in STORES if at.split('"')[1] in quick}


@pytest.mark.soak
def test_stores_are_made_and_renamed_and_let_go_of_and_never_destroyed(
    terraform: Terraform, emulators: Emulators, tmp_path: Path
) -> None:
    root = _applied(_system(tmp_path, KINDS), terraform, emulators, tmp_path)
    made = root.outputs()
    assert set(made["store_arns"]) == set(KINDS)
    assert set(made["store_secret_arns"]) == {"main", "papers"}
    assert made["store_ids"]["main"] == "shop-prod-sales-main"
    assert drift(root.plan()) == []
    assert policies.faults(root) == []

    # Taken out of the blueprint without a word: refused, each of them.
    _renew(tmp_path, _system(tmp_path, {}))
    assert _refused(root) == set(STORES)

    # Renamed, with their product: they keep their names on AWS, and what they hold.
    renamed = {f"new-{name}": f"{it}, formerly: [{name}]" for name, it in KINDS.items()}
    _renew(tmp_path, _system(tmp_path, renamed, product="shopping", words="formerly: [sales]"))
    assert [it for it in drift(root.plan()) if it.startswith(MODULES)] == []
    root.apply()
    assert root.outputs()["store_ids"] == {f"new-{n}": it for n, it in made["store_ids"].items()}

    # Released: Terraform forgets them, and they stay.
    kinds = ", ".join(f"new-{name}: {it.split()[1].rstrip(',')}" for name, it in KINDS.items())
    words = f"formerly: [sales]\n    released: {{{kinds}}}"
    _renew(tmp_path, _system(tmp_path, {}, product="shopping", words=words))
    planned = {at: it for at, it in changes(root.plan()).items() if at.startswith(MODULES)}
    assert len(planned) > len(STORES)
    assert set(planned.values()) == {("forget",)}
    root.apply()
    assert _there(emulators) == {
        it.removesuffix(f"-{given.ACCOUNT}") for it in made["store_ids"].values()
    }


def _applied(system: System, terraform: Terraform, emulators: Emulators, folder: Path) -> Root:
    (scene,) = system.scenes
    told = given.remote(scene, emulators.ministack)
    del told["prod/products/sales"]
    _renew(folder, system)
    root = prepared(
        terraform, folder / "aws", "prod/products/sales", emulators, only="ministack", remote=told
    )
    root.plan()
    root.apply()
    return root


def _renew(folder: Path, system: System) -> None:
    """Render anew over what was rendered; the state stays."""
    write(folder / "aws", render(system), force=True)
    given.over_http(folder / "aws")


def _refused(root: Root) -> set[str]:
    """Return what a plan would have destroyed, and may not."""
    with pytest.raises(Failed) as refused:
        root.plan()
    said = " ".join(str(refused.value).split())
    return set(re.findall(r"Resource (\S+) has lifecycle\.prevent_destroy set", said))


def _there(emulators: Emulators) -> set[str]:
    """Return the names of all stores that the emulator has."""

    def client(service: str) -> Any:
        return given.client(service, emulators.ministack)

    rds = client("rds").describe_db_clusters()["DBClusters"]
    caches = client("elasticache").describe_serverless_caches()["ServerlessCaches"]
    return {
        *client("dynamodb").list_tables()["TableNames"],
        *(it["DBClusterIdentifier"] for it in rds),
        *(it["ServerlessCacheName"] for it in caches),
        *(
            it["Name"].removesuffix(f"-{given.ACCOUNT}")
            for it in client("s3").list_buckets()["Buckets"]
        ),
    }
