"""Whether stores are possible."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.product import Product
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.store import Aurora, Bucket, DocumentDb, DynamoDb, Store

LONGEST_BACKUP = 35
_CHOOSE = "take one of them away"


def check(setting: Setting) -> Iterator[Finding]:
    """Yield stores that cannot be made as they are described."""
    for product, part in setting.blueprint.products.items():
        for name, store in part.stores.items():
            yield from _store(store, ("products", product, "stores", name))
        yield from _former(part, ("products", product))
    yield from _former_products(setting)


def _former(product: Product, loc: Loc) -> Iterator[Finding]:
    """A store is found again by one name only."""
    seen = {name: f"the store {name} is called so now" for name in product.stores}
    for name, store in product.stores.items():
        for index, old in enumerate(store.formerly):
            if old in seen:
                yield Finding((*loc, "stores", name, "formerly", index), seen[old], _CHOOSE)
            seen.setdefault(old, f"the store {name} was called so")
    for name in product.released:
        if name in seen:
            yield Finding((*loc, "released", name), seen[name], _CHOOSE, on_key=True)


def _former_products(setting: Setting) -> Iterator[Finding]:
    products = setting.blueprint.products
    seen = {name: f"the product {name} is called so now" for name in products}
    for name, product in products.items():
        for index, old in enumerate(product.formerly):
            if old in seen:
                yield Finding(("products", name, "formerly", index), seen[old], _CHOOSE)
            seen.setdefault(old, f"the product {name} was called so")


def _store(store: Store, loc: Loc) -> Iterator[Finding]:
    match store:
        case Aurora(capacity=capacity) if capacity and capacity.min > capacity.max:
            what = f"at least {capacity.min:g} and at most {capacity.max:g}: none fits"
            yield Finding((*loc, "capacity", "min"), what)
        case Bucket(archive_after=archive, expire_after=expire) if (
            archive and expire and archive >= expire
        ):
            what = f"files are deleted after {expire} days, before they move"
            yield Finding((*loc, "archive_after"), what, "archive earlier, or not at all")
        case Aurora(backup=backup) | DocumentDb(backup=backup) if (
            backup and backup > LONGEST_BACKUP
        ):
            what = f"AWS keeps backups of it for {LONGEST_BACKUP} days at most"
            yield Finding((*loc, "backup"), what, "what has to last longer is copied to a bucket")
        case DynamoDb(key=key, sort=sort) if key == sort:
            yield Finding((*loc, "sort"), f"`{key}` cannot be both key and sort key")
        case _:
            return
