"""Names that things began with. A store, or its product, may be called otherwise now: on AWS it has
its first name still, as nothing that holds data takes another one."""

from matapalo.blueprint import Blueprint


def first_product(blueprint: Blueprint, name: str) -> str:
    """Return what a product was called first."""
    return (*blueprint.products[name].formerly, name)[0]


def first_store(blueprint: Blueprint, full: str) -> str:
    """Return what a store (`product/store`) was called first, below its product's first name."""
    product, name = full.split("/")
    store = blueprint.products[product].stores.get(name)
    former = store.formerly if store else ()
    return f"{first_product(blueprint, product)}/{(*former, name)[0]}"


def product_root(blueprint: Blueprint, name: str) -> str:
    """Return where a product's root lies in its environment: it keeps its state when renamed."""
    return f"products/{first_product(blueprint, name)}"
