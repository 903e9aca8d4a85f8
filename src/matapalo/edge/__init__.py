"""To come."""

from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.edge.report import Meter, Report
from matapalo.edge.split import Split, Wanted

__all__ = ["Endpoint", "Endpoints", "Meter", "Report", "Split", "Wanted"]
