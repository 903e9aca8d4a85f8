"""The target's tables, made from the source's: as SQL, and nothing is run here.

    before the load   schemas, types, sequences, tables with their key and their checks
    after the load    indexes, unique and exclusion constraints, foreign keys

What a catalog gives as text (a check, an index on an expression) has the source's names in it.
PostgreSQL renames them better than we could: a table is made under the source's column names, and
its columns are renamed then; for what is made after the load they are renamed back meanwhile, in
one transaction.
"""

from matapalo.stream.ddl.after import after, left_out
from matapalo.stream.ddl.before import Present, before
from matapalo.stream.ddl.statement import Made, Statement

__all__ = ["Made", "Present", "Statement", "after", "before", "left_out"]
