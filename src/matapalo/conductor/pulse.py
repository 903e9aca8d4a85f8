"""Something happened: wakes everybody who waits for it."""

import asyncio


class Pulse:
    """A signal that is given again and again."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        """Wake everybody who waits now."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, seconds: float) -> bool:
        """Wait for the next beat, no longer than `seconds`. Return whether it came."""
        try:
            async with asyncio.timeout(max(0, seconds)):
                await self._next.wait()
        except TimeoutError:
            return False
        return True
