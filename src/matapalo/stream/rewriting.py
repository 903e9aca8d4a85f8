"""Tables that were emptied or rewritten: an older snapshot sees nothing of them any more.

TRUNCATE, and every ALTER TABLE that writes a table anew, are not covered by PostgreSQL's snapshots:
the table's file is another one, and whoever reads it at a moment from before finds it empty. What
was read is worth something only if the file is the same afterwards.

The catalog itself is: a query of it within the old snapshot tells which file it was then.
"""

from matapalo.errors import TableRewritten
from matapalo.stream.database import Connection, answers
from matapalo.stream.shape import Name

_FILES = """
WITH RECURSIVE family(oid) AS (
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE (nspname, relname) = (%s, %s)
    UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = family.oid)
SELECT oid::int8, relfilenode::int8 FROM family JOIN pg_class USING (oid) WHERE relkind <> 'p'
"""


def check(then: Connection, now: Connection, name: Name) -> None:
    """Check that a table's files are what they were. Raises TableRewritten.

    `then` is in a transaction that sees the old moment, `now` is in none.
    """
    if _files(then, name).items() - _files(now, name).items():
        raise TableRewritten(
            "the table was emptied or rewritten (TRUNCATE, ALTER TABLE) while it was being read",
            where=str(name),
            hint="What was read of it is void. Read it again when it is left in peace.",
        )


def _files(connection: Connection, name: Name) -> dict[int, int]:
    """Return the file of a table and of each of its parts."""
    with answers(connection):
        return dict(connection.execute(_FILES.encode(), [name.schema, name.table]).fetchall())
