"""The schema `matapalo`, in which everything lives that we keep in a database."""

from typing import Any

import psycopg
from psycopg import sql

from matapalo.stream.names import SCHEMA, identifier


def ensure_schema(connection: psycopg.Connection[Any]) -> None:
    """Create the schema if it is missing. Where it is there, no right to create one is needed."""
    if not connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [SCHEMA]).rowcount:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(identifier(SCHEMA)))


def drop_schema(connection: psycopg.Connection[Any]) -> None:
    """Drop the schema if nothing is left in it."""
    try:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {}").format(identifier(SCHEMA)))
    except psycopg.errors.DependentObjectsStillExist:
        return  # something of another part's lives there too: the conductor's ledger, say
