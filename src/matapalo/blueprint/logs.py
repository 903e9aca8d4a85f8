"""Logs and alarms (CloudWatch)."""

from typing import Literal

from matapalo.blueprint.part import Part
from matapalo.blueprint.words import Email, RetentionDays


class Logs(Part):
    """How long logs are kept, and who is told when something is wrong."""

    keep: RetentionDays = 30
    """For how many days."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least that services and functions write, given to them as `LOG_LEVEL`."""
    tracing: bool = True
    """Follow requests from one part to the next (X-Ray)."""
    alarms_to: tuple[Email, ...] = ()
    """Who is told of alarms."""
