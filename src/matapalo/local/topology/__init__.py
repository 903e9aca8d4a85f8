"""What runs, decided before anything runs: pure functions from a blueprint to processes.

    blueprint, site of the run ──plan──▶ every ProcessSpec ──▶ Endpoints (where the edge finds them)

    ledger ──▶ conductor ──▶ edge
    monolith-db ──▶ monolith ──▶ services that use it, functions
    aws ──▶ services, functions
    authorizer, comparison
    ledger, monolith-db ──▶ stream.SLICE.forward, stream.SLICE.reverse

A process that moves to another port is decided in the same way: plan again with other ports, and
compare.
"""

from matapalo.local.topology.endpoints import endpoints_of
from matapalo.local.topology.plan import fixed_ports, plan, port_names, secret_names, successors
from matapalo.local.topology.scene import PASSED_ON, Scene

__all__ = [
    "PASSED_ON",
    "Scene",
    "endpoints_of",
    "fixed_ports",
    "plan",
    "port_names",
    "secret_names",
    "successors",
]
