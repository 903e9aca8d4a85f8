"""The blueprint as a whole."""

from matapalo.blueprint.edge import Edge
from matapalo.blueprint.monolith import Monolith
from matapalo.blueprint.part import Name, Part
from matapalo.blueprint.product import Function, Product, Service
from matapalo.blueprint.secret import Secret
from matapalo.blueprint.security import Security
from matapalo.blueprint.site import Site
from matapalo.blueprint.slices import Slice


class Blueprint(Part):
    """`matapalo.yaml`: today, tomorrow, and the way between."""

    name: Name
    """The system's name."""
    monolith: Monolith
    security: Security | None = None
    secrets: dict[Name, Secret] = {}
    edge: Edge = Edge()
    products: dict[Name, Product] = {}
    site: Site | None = None
    slices: dict[Name, Slice] = {}

    def services(self) -> dict[str, Service]:
        """Every service by its full name, `product/service`."""
        return {
            f"{product}/{name}": service
            for product, p in self.products.items()
            for name, service in p.services.items()
        }

    def functions(self) -> dict[str, Function]:
        """Every function by its full name, `product/function`."""
        return {
            f"{product}/{name}": function
            for product, p in self.products.items()
            for name, function in p.functions.items()
        }
