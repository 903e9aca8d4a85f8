"""What a plan's actions ask of the tables' hand."""

from dataclasses import dataclass

from matapalo.conductor.data import Data, Side
from matapalo.conductor.plan import Do, Plan
from matapalo.errors import MoveRefused

_PROOF = 10.0
"""How long streams may take to prove that they run, in seconds."""


@dataclass(frozen=True)
class Acting:
    """The hand, where there is one: slices without tables need none."""

    data: Data | None

    async def do(self, do: Do, plan: Plan, *, within: float) -> tuple[str, ...]:
        """Do what holds nobody up. Return what is left for a person to do."""
        data, name = self._hand(plan), plan.slice
        match do:
            case Do.COPY:
                await data.copy(name)
            case Do.FOLLOW:
                await data.follow(name)
            case Do.HALT:
                await data.halt(name)
            case Do.RETIRE:
                return await data.retire(name)
            case Do.PROVE:
                await data.prove(name, plan.owner, within=min(within, _PROOF))
            case _:
                raise TypeError(f"{do} is not done by tables alone")
        return ()

    async def seal(self, plan: Plan, *, turn: int, within: float) -> None:
        """Close the owner's tables, and wait until the other side has all of theirs."""
        data, name = self._hand(plan), plan.slice
        await data.close(name, plan.owner, turn=turn, within=within)
        await data.fence(name, plan.owner, within=within)

    async def open(self, plan: Plan, side: Side, *, turn: int) -> None:
        """Open a side's tables, or those that the plan leads to."""
        await self._hand(plan).open(plan.slice, side, turn=turn)

    def _hand(self, plan: Plan) -> Data:
        if self.data is None:
            raise MoveRefused(
                "the conductor was told of no databases", where=plan.slice, hint="Give --databases."
            )
        return self.data
