"""Decoding: what a source's log says, from bytes to changes of rows.

    messages ──▶ Decoder ──feed──▶ changes, commits, marks ──take──▶ Batch ──▶ batch, apply

Pure: the same messages give the same batches, whenever they arrive. A transaction is handed on
whole, unless it is so large that it has to go in pieces.

Nothing is known here of keys and targets. The log's own word on keys is not to be trusted: with
REPLICA IDENTITY FULL it calls every column a key.

Protocol: "Logical Replication Message Formats" in PostgreSQL's documentation, version 1. Version 2
and later can send transactions before their commit; that would mean keeping those that end in a
rollback. Version 1 has the source keep them, on its disk where they are large.
"""

from matapalo.stream.pgoutput.batch import Batch, Change, Commit, Kind, Mark
from matapalo.stream.pgoutput.cells import EMPTY, Cells
from matapalo.stream.pgoutput.decoder import Decoder
from matapalo.stream.pgoutput.relation import LogColumn, Relation

__all__ = [
    "EMPTY",
    "Batch",
    "Cells",
    "Change",
    "Commit",
    "Decoder",
    "Kind",
    "LogColumn",
    "Mark",
    "Relation",
]
