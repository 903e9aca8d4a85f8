from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conductor.place import Place, new_database, place


@pytest.fixture
async def conducted(tmp_path: Path, postgres: str) -> AsyncIterator[Place]:
    """A conductor that leads."""
    async with place(tmp_path, new_database(postgres)) as made:
        await made.start()
        await made.leads()
        yield made
