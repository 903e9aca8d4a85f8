"""Customers of the wallet, acting through the edge at a steady rate, and keeping their own books.

    pace ──▶ a customer who is free ──▶ an errand ──▶ HTTP ──▶ Seen ──▶ Tally
                                                        └──▶ what the customer's balance must be

The rate is offered, not awaited: a slow answer does not slow the others down. A customer has one
request at a time, so the order of a customer's answers has a meaning. A payment whose answer did
not come is asked for again with its key until it is known; at the end `settle` compares what
every customer must have with what the wallet says.
"""

import asyncio
import json
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from random import Random
from types import TracebackType
from typing import Any, Self, TypeVar

import aiohttp

from matapalo.demo.customer import Books, Customer
from matapalo.demo.errands import (
    ACCOUNTS,
    LIMITS,
    LOGIN,
    PAYMENTS,
    Errand,
    login,
    next_errand,
)
from matapalo.demo.tally import Direction, Phase, Seen, Tally
from matapalo.errors import LocalError

FIRST = 5001
"""The first customer that acts; a person who tries the wallet uses lower numbers."""
SLICES = ("statements", "limits", "payments")
PATIENCE = 15.0
"""Seconds after which an answer counts as not given."""
TICK = 0.01
"""Seconds between two looks at what is due."""
BACKLOG = 1.0
"""Seconds of requests that may be made up for after a stall of this process."""
REFUSED = frozenset({409, 422})
"""The wallet's own no: whatever was asked before, it has not happened and will not."""
FRESH = 5.0
"""Seconds after a write in which its customer's reads may be kept back; streams need a fraction."""

T = TypeVar("T")


class Customers:
    """An async context manager: entering logs everybody in and starts, leaving stops."""

    def __init__(
        self,
        url: str,
        count: int = 200,
        rate: float = 300,
        *,
        first: int = FIRST,
        seed: int = 1,
        fresh: float = FRESH,
    ) -> None:
        """`fresh` is for how many seconds after a write its customer's reads may be kept back."""
        self._url = url
        self._fresh = fresh
        self._rate = rate
        self.numbers = range(first, first + count)
        self._random = Random(seed)  # noqa: S311 - it draws errands, no secrets
        self._everybody = {number: Customer(number) for number in self.numbers}
        self._free: deque[Customer] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._tally = Tally("before", time.monotonic(), SLICES)
        self._ended: list[Phase] = []
        self._at_first = self._brought_in = self._paid_twice = 0
        self._unsettled: dict[str, float] = {}
        self.writes: list[Seen] = []
        """Every write to a slice."""
        self.acknowledged: set[str] = set()
        """The ids of all payments that the wallet said were made."""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            self._url,
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
        )
        try:
            await self._arrive()
        except BaseException:
            await self._session.close()
            raise
        self._pace = asyncio.create_task(self._keep_pace())
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.stop()
        await self._session.close()

    @property
    def now(self) -> Phase:
        """The present phase, as far as it has come."""
        return self._tally.phase(time.monotonic())

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Every phase, the present one last."""
        return (*self._ended, self.now)

    def mark(self, name: str, directions: Mapping[str, Direction] | None = None) -> Phase:
        """Begin a phase, and return the one that ends here.

        `directions` says which way slices go from here on; those not named go on as before, and
        at first every slice goes up.
        """
        ended = self.now
        self._ended.append(ended)
        self._tally = self._tally.next(name, time.monotonic(), directions or {})
        return ended

    def unsettle(self, slice_name: str, until: float = math.inf) -> None:
        """Expect that anybody's reads of a slice may be kept back, until a monotonic moment.

        Who has written just before the edges began to note it is not known to them.
        """
        self._unsettled[slice_name] = until

    async def stop(self) -> None:
        """Ask for nothing more, and wait for what is under way."""
        self._pace.cancel()
        await asyncio.wait({self._pace})
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def settle(self) -> Books:
        """Stop, find out what is not sure, and compare every balance. May raise LocalError."""
        await self.stop()
        await self._each(self._make_sure)  # all of them first: each may pay any other
        found = dict(zip(self._everybody, await self._each(self._balance), strict=True))
        differing = (n for n, balance in found.items() if balance != self._everybody[n].balance)
        return Books(
            at_first=self._at_first,
            brought_in=self._brought_in,
            found=sum(found.values()),
            differing=tuple(sorted(differing)),
            paid_twice=self._paid_twice,
        )

    async def _arrive(self) -> None:
        self._at_first = sum(await self._each(self._enter))
        self._free.extend(self._everybody.values())
        self._random.shuffle(self._free)

    async def _enter(self, customer: Customer) -> int:
        await self._log_in(customer)
        customer.balance = await self._balance(customer)
        customer.left_today = (await self._must(customer, LIMITS))["left_today"]
        return customer.balance

    async def _keep_pace(self) -> None:
        due = time.monotonic()
        while True:
            now = time.monotonic()
            due = max(due, now - BACKLOG)
            while due <= now and self._free:
                due += 1 / self._rate
                task = asyncio.create_task(self._act(self._free.popleft()))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            await asyncio.sleep(TICK)

    async def _act(self, customer: Customer) -> None:
        tally = self._tally  # a request belongs to the phase in which it began
        means = min(customer.balance, customer.left_today)
        wanted = next_errand(self._random, customer.number, self.numbers, means)
        if customer.logged_out_soon:
            wanted = login(customer.number)
        seen = await self._run(customer, customer.unsure or wanted)
        tally.count(seen)
        if seen.slice and seen.work == "write":
            self.writes.append(seen)
        self._free.append(customer)

    async def _run(self, customer: Customer, errand: Errand) -> Seen:
        began = time.monotonic()
        fresh = errand.work == "read" and (
            customer.wrote_within(errand.slice, self._fresh)
            or began < self._unsettled.get(errand.slice or "", 0)
        )
        status, side, trouble, blind = 0, None, "", False
        try:
            async with self._ask(customer, errand) as response:
                body = await response.read()
                status, side = response.status, errand.side(response.headers)
                if status not in errand.right:
                    trouble = f"status {status}: {body[:200].decode(errors='replace')}"
                else:
                    blind = self._learn(customer, errand, body)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            status, trouble = 0, f"{type(error).__name__}: {error}"
        if errand.moves_money:
            self._book(customer, errand, status)
        ended = time.monotonic()
        if errand.slice and errand.work == "write":
            customer.wrote[errand.slice] = ended
        return Seen(
            user=customer.number,
            path=errand.path,
            work=errand.work,
            seconds=ended - began,
            status=status,
            slice=errand.slice,
            side=side,
            trouble=trouble,
            began=began,
            fresh=fresh,
            blind=blind,
        )

    def _learn(self, customer: Customer, errand: Errand, body: bytes) -> bool:
        """Take what matters out of a right answer; return whether it should have held more."""
        if errand is PAYMENTS:
            return customer.is_blind(json.loads(body)["payments"])
        if errand is LIMITS or errand.path == LOGIN:
            customer.learn(json.loads(body))
        elif errand.payee is not None:
            customer.paid = json.loads(body)["id"]
            self._paid_twice += customer.paid in self.acknowledged
            self.acknowledged.add(customer.paid)
        return False

    def _book(self, customer: Customer, errand: Errand, status: int) -> None:
        """Write down what the answer to a payment or a top-up means."""
        customer.unsure = None if status in errand.right | REFUSED else errand
        if status not in errand.right:
            return
        if errand.payee is None:
            customer.balance += errand.amount
            self._brought_in += errand.amount
        else:
            customer.balance -= errand.amount
            customer.left_today -= errand.amount
            self._everybody[errand.payee].balance += errand.amount

    async def _make_sure(self, customer: Customer) -> None:
        deadline = time.monotonic() + 2 * PATIENCE
        while customer.unsure:
            if time.monotonic() > deadline:
                raise LocalError("a payment's fate cannot be learned", where=customer.unsure.path)
            await self._run(customer, customer.unsure)

    async def _log_in(self, customer: Customer) -> None:
        customer.learn(await self._must(customer, login(customer.number)))

    async def _balance(self, customer: Customer) -> int:
        balance: int = (await self._must(customer, ACCOUNTS))["accounts"][0]["balance"]
        return balance

    async def _must(self, customer: Customer, errand: Errand) -> Any:
        """Run an errand that is no part of the traffic. Raises LocalError."""
        try:
            async with self._ask(customer, errand) as response:
                if response.status in errand.right:
                    return await response.json()
                problem = f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = f"{type(error).__name__} {error}"
        where = f"{self._url}{errand.path}"
        raise LocalError(f"the wallet does not serve its customers: {problem}", where=where)

    def _ask(
        self, customer: Customer, errand: Errand
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        headers = {"Idempotency-Key": errand.key} if errand.key else {}
        if errand.path != LOGIN:
            headers["Authorization"] = f"Bearer {customer.token}"
        return self._session.request(errand.method, errand.path, headers=headers, json=errand.body)

    async def _each(self, do: Callable[[Customer], Awaitable[T]]) -> list[T]:
        """Do the same for every customer, a few at a time."""
        few = asyncio.Semaphore(16)

        async def one(customer: Customer) -> T:
            async with few:
                return await do(customer)

        return await asyncio.gather(*(one(c) for c in self._everybody.values()))
