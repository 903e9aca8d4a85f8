"""A seeded wallet, run as its own processes on the real PostgreSQL of the test run."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from tests.wallet.town import Client, Rows, Town, brought_along, database, running, seed


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
def ledger_database(postgres: str, wallet_database: str) -> Iterator[str]:
    with brought_along(wallet_database, postgres, "wallet_ledger") as url:
        yield url


@pytest.fixture(scope="session")
def town(wallet_database: str, ledger_database: str) -> Iterator[Town]:
    secrets = {"INTROSPECTION_SECRET": "quiet", "INTERNAL_SECRET": "house"}
    with (
        running("monolith", DATABASE_URL=wallet_database, **secrets) as monolith,
        running("statements", MONOLITH_URL=monolith) as statements,
        running("pay", MONOLITH_URL=monolith, LEDGER_URL=ledger_database, **secrets) as payments,
    ):
        yield Town(wallet_database, monolith, statements, payments, ledger_database)


@pytest.fixture
async def client(town: Town) -> AsyncIterator[Client]:
    async with Client(town.monolith) as client:
        yield client


@pytest.fixture(params=["monolith", "payments"])
async def side(request: pytest.FixtureRequest, town: Town) -> AsyncIterator[Client]:
    """Whoever keeps payments: the monolith, and its successor."""
    async with Client(getattr(town, request.param)) as client:
        yield client


@pytest.fixture
def rows(wallet_database: str) -> Iterator[Rows]:
    """Look into the wallet's database, or bypass the wallet."""
    with psycopg.connect(wallet_database, autocommit=True) as connection:
        yield connection
