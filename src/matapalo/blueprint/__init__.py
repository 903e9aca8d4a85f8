"""The blueprint: where the system is today, where it is going, and the way between.

    matapalo.yaml ──load──▶ Blueprint (typed, frozen, checked) ──▶ everything else
                      │                        ├─ relations   who talks to whom
                      │                        ├─ subnets     which addresses each gets
                      │                        └─ contents    what there is, by name
                      ├─ reading   text to tree to model, the place of everything kept
                      ├─ checks    what its parts have to be to each other
                      └─ disk      the rim: files are read and looked for

One module a noun. `Blueprint` is the whole; everything else in Matapalo reads it and nothing
writes it. `schema` and `reference` are made from the model, `starter` writes a first one.
"""

from matapalo.blueprint.delivery import Delivery, Repository, State
from matapalo.blueprint.edge import Edge, Firewall, Limits, RateLimit
from matapalo.blueprint.environment import Capacity, Cluster, Environment, Sizes
from matapalo.blueprint.events import Events, Queue, Rule, Schedule, Subscription, Topic
from matapalo.blueprint.keys import Certificate, Key, Keys
from matapalo.blueprint.load import Examined, examine, load
from matapalo.blueprint.logs import Logs
from matapalo.blueprint.monolith import Database, Monolith
from matapalo.blueprint.network import (
    DirectConnect,
    DnsForward,
    Link,
    Network,
    Peering,
    PrivateLink,
    Restriction,
    Subnets,
    TransitGateway,
    Vpn,
)
from matapalo.blueprint.organization import (
    Account,
    ActiveDirectory,
    Assignment,
    Audit,
    ExternalProvider,
    Guardrails,
    Organization,
    OwnDirectory,
    PermissionSet,
    SignOn,
    Unit,
)
from matapalo.blueprint.product import Function, Product, Quota, Service
from matapalo.blueprint.root import Blueprint
from matapalo.blueprint.route import SAFE_METHODS, Method, Route
from matapalo.blueprint.run import Run
from matapalo.blueprint.secret import EnvValue, Secret, SecretRef
from matapalo.blueprint.security import Introspection, Jwt, Security, Session
from matapalo.blueprint.site import Site
from matapalo.blueprint.slices import Gates, Slice, Table
from matapalo.blueprint.store import Aurora, Bucket, Cache, DocumentDb, DynamoDb, Index, Store

__all__ = [
    "SAFE_METHODS",
    "Account",
    "ActiveDirectory",
    "Assignment",
    "Audit",
    "Aurora",
    "Blueprint",
    "Bucket",
    "Cache",
    "Capacity",
    "Certificate",
    "Cluster",
    "Database",
    "Delivery",
    "DirectConnect",
    "DnsForward",
    "DocumentDb",
    "DynamoDb",
    "Edge",
    "EnvValue",
    "Environment",
    "Events",
    "Examined",
    "ExternalProvider",
    "Firewall",
    "Function",
    "Gates",
    "Guardrails",
    "Index",
    "Introspection",
    "Jwt",
    "Key",
    "Keys",
    "Limits",
    "Link",
    "Logs",
    "Method",
    "Monolith",
    "Network",
    "Organization",
    "OwnDirectory",
    "Peering",
    "PermissionSet",
    "PrivateLink",
    "Product",
    "Queue",
    "Quota",
    "RateLimit",
    "Repository",
    "Restriction",
    "Route",
    "Rule",
    "Run",
    "Schedule",
    "Secret",
    "SecretRef",
    "Security",
    "Service",
    "Session",
    "SignOn",
    "Site",
    "Sizes",
    "Slice",
    "State",
    "Store",
    "Subnets",
    "Subscription",
    "Table",
    "Topic",
    "TransitGateway",
    "Unit",
    "Vpn",
    "examine",
    "load",
]
