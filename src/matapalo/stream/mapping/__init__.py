"""Mapping: how rows of one table become rows of another, and how they come back.

    Table (blueprint) ┐
    Shape (source)    ├──map_tables──▶ Flow … ──inverse──▶ Flow … the other way
    Shape (target) ?  ┘       ╰ MappingWrong      ╰ NotInvertible

A flow is decided once, from both tables as the catalogs describe them. Loading, applying and
verifying read it and decide nothing about names and types themselves.
"""

from matapalo.stream.mapping.build import can_be_left_out, map_tables
from matapalo.stream.mapping.flow import Flow, Flows, Outside, Part, Value, of_source
from matapalo.stream.mapping.inverse import inverse, obstacles

__all__ = [
    "Flow",
    "Flows",
    "Outside",
    "Part",
    "Value",
    "can_be_left_out",
    "inverse",
    "map_tables",
    "obstacles",
    "of_source",
]
