"""The edge: the door that all requests use.

    Blueprint, Endpoints, Wanted ──resources.render──▶ what Envoy is told
                                                            │ files (xds)
    client ─▶ Envoy: limits ▸ who is it? (authorizer) ▸ split, copy ─▶ monolith, services, site
                │ statistics (reading)
    conductor ◀─┴─ agent: has Envoy obey, reports what it obeys and what passed

`claims` and `resources` decide, as pure functions; `agent` and what it holds (`keeper`, `xds`,
`line`, `memory`) do; `process` wires them to files, sockets and signals.
"""

from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.edge.report import Meter, Report
from matapalo.edge.split import Split, Wanted

__all__ = ["Endpoint", "Endpoints", "Meter", "Report", "Split", "Wanted"]
