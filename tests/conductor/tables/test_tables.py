"""A slice's tables change owner, forth and back, while people write."""

from pathlib import Path

from matapalo.conductor.data import Side
from tests.conductor.tables.world import SLICE, World, copied, switch
from tests.stream.storm.bank import losses


async def test_tables_change_owner_twenty_times_and_nothing_is_lost(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        world.serve()
        hand = world.hand()
        with world.writing() as writers:
            await copied(world, hand)
            for _ in range(20):
                print(await switch(world, hand))
        verified = await hand.verify(SLICE, world.owner)
        assert verified.clean, verified.faults
        await hand.fence(SLICE, world.owner, within=30)
        acknowledged = {name for writer in writers for name in writer.record.acknowledged}
        doubtful = {name for writer in writers for name in writer.record.doubtful}
        assert acknowledged
        for side in Side:
            assert not losses(world.url(side), acknowledged, doubtful)
        assert not [error for writer in writers for error in writer.record.refused]
        state = await hand.state(SLICE)
        assert (state.forward.conflicts, state.reverse.conflicts, state.refused) == (0, 0, 0)
