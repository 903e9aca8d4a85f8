"""Whether stores are possible."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.checks.former import CHOOSE, taken
from matapalo.blueprint.product import Product
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.store import Aurora, Bucket, DocumentDb, DynamoDb, Store

LONGEST_BACKUP = 35


def check(setting: Setting) -> Iterator[Finding]:
    """Yield stores that cannot be made as they are described."""
    for product, part in setting.blueprint.products.items():
        for name, store in part.stores.items():
            yield from _store(store, ("products", product, "stores", name))
        yield from _released(part, ("products", product))


def _released(product: Product, loc: Loc) -> Iterator[Finding]:
    """What is let go of is no store any more, by any name."""
    seen = taken(product.stores, "store")
    for name in product.released:
        if name in seen:
            yield Finding((*loc, "released", name), seen[name], CHOOSE, on_key=True)


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
