"""Whether names are free, and short enough for what they become.

On AWS everything is called by the first of its names.
"""

from collections.abc import Iterator, Mapping

from matapalo.blueprint.begun import Renamed, first
from matapalo.blueprint.checks.finding import LOCAL, Finding, Setting
from matapalo.blueprint.product import Product
from matapalo.blueprint.reading.tree import Loc
from matapalo.blueprint.store import Bucket, Cache, Store

RESERVED_NAMESPACES = frozenset({"default", "matapalo"})
PIPELINES = ("deliver", "infra")
"""What the roles of pipelines are called after the environment, where a product's name stands."""
ACCOUNT_DIGITS = 12
OTHER = "choose another name for the product"

# What AWS allows, in characters.
LONGEST_FUNCTION = 64
LONGEST_CLUSTER = 63
LONGEST_BUCKET = 63
LONGEST_CACHE = 40
LONGEST_RULE = 64
LONGEST_QUEUE = 80


def check(setting: Setting) -> Iterator[Finding]:
    """Yield names that are taken, reserved or too long."""
    yield from _shared(setting)
    prefix = _longest_prefix(setting)
    for name, product in setting.blueprint.products.items():
        loc: Loc = ("products", name)
        called = first(name, product.formerly)
        if called in RESERVED_NAMESPACES or called.startswith("kube-"):
            what = f"Kubernetes or Matapalo has the namespace `{called}` already"
            yield Finding(loc, what, OTHER, on_key=True)
        yield from _guarded(setting, loc, called)
        yield from _within(product, loc)
        yield from _lengths(product, loc, f"{prefix}-{called}")
    yield from _event_lengths(setting, prefix)


def _longest_prefix(setting: Setting) -> str:
    """Return the longest beginning of a name in AWS: the system's name and an environment's."""
    names = [name for name in setting.blueprint.environments if name != LOCAL] or ["prod"]
    return f"{setting.blueprint.name}-{max(names, key=len)}"


def _guarded(setting: Setting, loc: Loc, name: str) -> Iterator[Finding]:
    """No pipeline may change the role of a pipeline, nor what is called like one."""
    taken = next((it for it in PIPELINES if f"{name}-".startswith(f"{it}-")), None)
    if taken and setting.blueprint.delivery:
        what = f"roles of pipelines are called `{taken}-…`: nothing could make those of `{name}`"
        yield Finding(loc, what, OTHER, on_key=True)


def _within(product: Product, loc: Loc) -> Iterator[Finding]:
    """Two things of one product are told apart by their names alone."""
    seen: dict[str, str] = {}
    for kind in ("services", "functions", "stores"):
        for name in getattr(product, kind):
            if name in seen:
                what = f"a product has one `{name}`, and {seen[name]} has it already"
                yield Finding((*loc, kind, name), what, "choose another name", on_key=True)
            seen.setdefault(name, f"`{kind}`")


def _shared(setting: Setting) -> Iterator[Finding]:
    """Topics, queues and systems outside share the names that `uses` can say."""
    events, network = setting.blueprint.events, setting.blueprint.network
    seen = {"monolith": "the monolith", "bus": "the bus"}
    for loc, names in (
        (("events", "topics"), events.topics),
        (("events", "queues"), events.queues),
        (("network", "restrictions"), network.restrictions),
    ):
        for name in names:
            if name in seen:
                what = f"`{name}` is what {seen[name]} is called"
                yield Finding((*loc, name), what, "choose another name", on_key=True)
            seen.setdefault(name, f"something in `{'.'.join(loc)}`")


def _lengths(product: Product, loc: Loc, prefix: str) -> Iterator[Finding]:
    for name, function in product.functions.items():
        full = f"{prefix}-{first(name, function.formerly)}"
        yield from _long((*loc, "functions", name), full, LONGEST_FUNCTION, "Lambda")
    for name, store in product.stores.items():
        full, longest, service = _store_name(store, f"{prefix}-{first(name, store.formerly)}")
        yield from _long((*loc, "stores", name), full, longest, service)


def _store_name(store: Store, name: str) -> tuple[str, int, str]:
    if isinstance(store, Bucket):
        # A bucket's name is one in the world: it ends with the account's number.
        return f"{name}-{'0' * ACCOUNT_DIGITS}", LONGEST_BUCKET, "S3"
    if isinstance(store, Cache):
        return name, LONGEST_CACHE, "ElastiCache"
    return name, LONGEST_CLUSTER, "RDS"


def _event_lengths(setting: Setting, prefix: str) -> Iterator[Finding]:
    events = setting.blueprint.events
    kinds: tuple[tuple[str, Mapping[str, Renamed], int], ...] = (
        ("rules", events.rules, LONGEST_RULE),
        ("schedules", events.schedules, LONGEST_RULE),
        ("queues", events.queues, LONGEST_QUEUE - len("-dead.fifo")),
    )
    for kind, things, longest in kinds:
        for name, it in things.items():
            full = f"{prefix}-{first(name, it.formerly)}"
            yield from _long(("events", kind, name), full, longest, "AWS")


def _long(loc: Loc, name: str, longest: int, service: str) -> Iterator[Finding]:
    if len(name) > longest:
        what = f"`{name}` would have {len(name)} characters, and {service} takes {longest}"
        yield Finding(loc, what, "shorten its name, its product's or the system's", on_key=True)
