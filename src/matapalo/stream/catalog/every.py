"""Every table that a stream could take along."""

from matapalo.stream.database import Connection, answers
from matapalo.stream.shape import Name

_EVERY = """
SELECT nspname, relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p'
  AND nspname NOT IN ('pg_catalog', 'information_schema', 'matapalo')
  AND EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)
  AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                  AND objid = c.oid AND deptype = 'e')
ORDER BY 1, 2
"""


def every_table(connection: Connection) -> tuple[Name, ...]:
    """Return the tables that have a primary key and belong to no extension.

    Partitions are left out, since they go along with their table.
    """
    with answers(connection):
        return tuple(Name(schema, table) for schema, table in connection.execute(_EVERY))
