"""A seeded wallet, run as its own processes on the real PostgreSQL of the test run."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from tests.wallet.town import Client, Rows, Town, database, running, seed


@pytest.fixture(scope="session")
def seeded(postgres: str) -> Iterator[str]:
    """Name a database that nobody has touched since its seed, to make others from."""
    with database(postgres, "wallet_seeded") as url:
        assert "10,000 customers and 200,000 movements" in seed(url)
        yield "wallet_seeded"


@pytest.fixture(scope="session")
def wallet_database(postgres: str, seeded: str) -> Iterator[str]:
    with database(postgres, "wallet_tests", seeded) as url:
        yield url


@pytest.fixture(scope="session")
def town(wallet_database: str) -> Iterator[Town]:
    secret = "quiet"
    with (
        running("monolith", DATABASE_URL=wallet_database, INTROSPECTION_SECRET=secret) as monolith,
        running("statements", MONOLITH_URL=monolith) as statements,
    ):
        yield Town(wallet_database, monolith, statements)


@pytest.fixture
async def client(town: Town) -> AsyncIterator[Client]:
    async with Client(town.monolith) as client:
        yield client


@pytest.fixture
def rows(wallet_database: str) -> Iterator[Rows]:
    """Look into the wallet's database, or bypass the wallet."""
    with psycopg.connect(wallet_database, autocommit=True) as connection:
        yield connection
