from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from tests.conductor.place import Place, new_database, place


@pytest.fixture(scope="session")
def ledger_database(postgres: str) -> str:
    """The DSN of one database for all ledgers: making one takes longer than emptying it."""
    return new_database(postgres)


@pytest.fixture
def ledger_url(ledger_database: str) -> str:
    """The DSN of a database without a ledger."""
    with psycopg.connect(ledger_database, autocommit=True) as admin:
        admin.execute("DROP SCHEMA IF EXISTS matapalo CASCADE")
    return ledger_database


@pytest.fixture
async def conducted(tmp_path: Path, ledger_url: str) -> AsyncIterator[Place]:
    """A conductor that leads."""
    async with place(tmp_path, ledger_url) as made:
        await made.start()
        await made.leads()
        yield made
