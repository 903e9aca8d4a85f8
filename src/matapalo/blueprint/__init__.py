"""The blueprint: where the system is today, where it is going, and the way between.

    matapalo.yaml ──load──▶ Blueprint (typed, frozen, checked)

One module a noun. `Blueprint` is the whole; everything else in Matapalo reads it and nothing
writes it.
"""

from matapalo.blueprint.edge import Edge, Limits, RateLimit
from matapalo.blueprint.load import Examined, examine, load
from matapalo.blueprint.monolith import Database, Monolith
from matapalo.blueprint.product import Function, Product, Service
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.route import Route
from matapalo.blueprint.run import Run
from matapalo.blueprint.secret import EnvValue, Secret, SecretRef
from matapalo.blueprint.security import Introspection, Jwt, Security, Session
from matapalo.blueprint.site import Site
from matapalo.blueprint.slices import Gates, Slice, Table

__all__ = [
    "Blueprint",
    "Database",
    "Edge",
    "EnvValue",
    "Examined",
    "Function",
    "Gates",
    "Introspection",
    "Jwt",
    "Limits",
    "Monolith",
    "Product",
    "RateLimit",
    "Route",
    "Run",
    "Secret",
    "SecretRef",
    "Security",
    "Service",
    "Session",
    "Site",
    "Slice",
    "Table",
    "examine",
    "load",
]
