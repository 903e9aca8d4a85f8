"""`matapalo compare` between two real servers: what it asks, when, and what it tells."""

from pathlib import Path

from tests.compare.world import world


async def test_answers_that_are_the_same_are_no_difference(tmp_path: Path) -> None:
    async with world(tmp_path) as made:
        for server in (made.monolith, made.new):
            server.says({"cards": [{"id": 1, "limit": 2.5}]})
        assert await made.copy("/cards/7?month=3") == 202
        said = await made.compared()
        assert (said.compared, said.mismatched, said.differences) == (1, 0, ())
        assert [seen.raw_path for seen in made.monolith.seen] == ["/cards/7?month=3"] * 2
        assert [seen.raw_path for seen in made.new.seen] == ["/cards/7?month=3"]
