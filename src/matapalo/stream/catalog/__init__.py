"""The catalog: what a server says about tables.

    session ──▶ shapes   columns, key, replica identity          every stream needs them
           ──▶ trimming  indexes, foreign keys, checks, sequences, partitions    a target to be made
           ──▶ types     enums, domains, rows that users made                    likewise

Only `SELECT` on the system catalogs, which every role may read.
"""

from matapalo.stream.catalog.every import every_table
from matapalo.stream.catalog.shapes import missing, shapes

__all__ = ["every_table", "missing", "shapes"]
