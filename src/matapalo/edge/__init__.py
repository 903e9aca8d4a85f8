"""The edge: the door that all requests use.

    Blueprint, Endpoints, Wanted ──resources.render──▶ what Envoy is told
                                                            │ files (xds)
    client ─▶ Envoy: limits ▸ who is it? (authorizer) ▸ split, copy ─▶ monolith, services, site
                │   ▲                             └ owner of now, hold, own writes (standings)
                │ statistics (reading, drain)
    conductor ◀─┴─ agent: has Envoy obey, reports what it obeys and what passed

What divides reads is in Envoy's routes, and takes it a moment to take. What holds for writes is in
a file a slice, which Envoy reads at each of them (standing, slice.lua): a switch is two lines.

`claims`, `standing` and `resources` decide, as pure functions; `agent` and what it holds (`keeper`,
`xds`, `standings`, `drain`, `own_writes`, `line`, `memory`) do; `process` wires them to files,
sockets and signals.
"""

from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.edge.report import Meter, Report
from matapalo.edge.split import Split, Wanted

__all__ = ["Endpoint", "Endpoints", "Meter", "Report", "Split", "Wanted"]
