"""The blueprint as a whole."""

from matapalo.blueprint.delivery import Delivery
from matapalo.blueprint.edge import Edge
from matapalo.blueprint.environment import Environment
from matapalo.blueprint.events import Events
from matapalo.blueprint.keys import Keys
from matapalo.blueprint.logs import Logs
from matapalo.blueprint.monolith import Monolith
from matapalo.blueprint.network import Network
from matapalo.blueprint.organization import Organization
from matapalo.blueprint.part import Name, Part
from matapalo.blueprint.product import Function, Product, Service
from matapalo.blueprint.secret import Secret
from matapalo.blueprint.security import Security
from matapalo.blueprint.site import Site
from matapalo.blueprint.slices import Slice
from matapalo.blueprint.store import Store


class Blueprint(Part):
    """`matapalo.yaml`: today, tomorrow, and the way between."""

    name: Name
    """The system's name; the names of what is made begin with it."""
    description: str = ""
    """What it is, for people."""
    tags: dict[str, str] = {}
    """What everything on AWS is marked with, beside what Matapalo marks it with."""

    monolith: Monolith
    """The application as it is."""
    security: Security | None = None
    """The existing security system, which says who a caller is."""

    organization: Organization | None = None
    environments: dict[Name, Environment] = {}
    """Where the whole system runs: by name; `local` is always there."""
    network: Network = Network()

    edge: Edge = Edge()
    site: Site | None = None
    products: dict[Name, Product] = {}
    """The business areas, by name."""
    events: Events = Events()
    secrets: dict[Name, Secret] = {}
    """The secrets, by name. Their values are never written here."""
    keys: Keys = Keys()
    logs: Logs = Logs()
    delivery: Delivery | None = None

    slices: dict[Name, Slice] = {}
    """The pieces that leave the monolith one by one, by name."""

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

    def stores(self) -> dict[str, Store]:
        """Every store by its full name, `product/store`."""
        return {
            f"{product}/{name}": store
            for product, p in self.products.items()
            for name, store in p.stores.items()
        }
