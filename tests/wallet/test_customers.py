"""The customers see what happens, and know to the peso what must have happened."""

from itertools import count
from random import Random

import pytest
from aiohttp import web

from matapalo.demo.customers import Customers
from matapalo.demo.errands import next_errand
from matapalo.errors import LocalError
from tests.support import eventually, free_port
from tests.wallet.door import door_to
from tests.wallet.town import Client, Town

PEOPLE = 12
RATE = 80.0
crowds = count(6000, PEOPLE)
"""Every test has customers of its own."""


def customers(url: str, rate: float = RATE) -> Customers:
    return Customers(url, PEOPLE, rate, first=next(crowds))


async def until(crowd: Customers, requests: int) -> None:
    """Wait until the present phase has seen so much."""
    await eventually(lambda: crowd.now.requests >= requests)


async def test_at_a_sound_wallet_nothing_fails_and_every_peso_is_where_it_must_be(
    town: Town,
) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        await until(crowd, 300)
        ended = crowd.mark("rest")
        await until(crowd, 50)
        books = await crowd.settle()
        assert [phase.name for phase in crowd.phases] == ["before", "rest"]
        assert (ended.failed, crowd.now.failed) == (0, 0), ended.failures
        assert ended.slices["statements"].share_new == 0
        assert ended.slices["limits"].reads["monolith"].p99 is not None
        assert sum(timings.requests for timings in ended.slices["statements"].writes.values())
    assert books.agree, books
    assert books.brought_in > 0


async def test_a_slice_that_moves_up_and_down_is_followed_user_by_user(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        await until(crowd, 100)
        door.to_new = is_statement
        up = crowd.mark("up")
        await until(crowd, 150)
        door.to_new = lambda _: False
        down = crowd.mark("down", {"statements": "down"})
        await until(crowd, 150)
        await crowd.stop()
        first, moved, back = crowd.phases
    assert (up, down) == (first, moved)
    # A request that was on its way at the mark may still have met the other side.
    assert moved.slices["statements"].share_new == 1
    assert back.slices["statements"].share_new == 0
    assert [phase.slices["statements"].moved_against for phase in crowd.phases] == [0, 0, 0]
    assert moved.slices["limits"].share_new == 0
    assert dict(back.directions) == {"statements": "down", "limits": "up", "payments": "up"}


async def test_payments_that_the_service_makes_and_lists_are_seen_and_add_up(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.to_new = is_payment
        await until(crowd, 300)
        books = await crowd.settle()
        payments = crowd.now.slices["payments"]
        assert (crowd.now.failed, payments.blind) == (0, 0), crowd.now.failures
        assert payments.writes["new"].requests == len(crowd.acknowledged) > 0
    assert books.agree, books


async def test_whoever_does_not_see_the_own_payment_is_noticed(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.to_new = lambda request: is_payment(request) and request.method == "POST"
        await eventually(lambda: crowd.now.slices["payments"].blind > 0)


async def test_who_moves_against_the_direction_is_noticed(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.to_new = is_statement
        await until(crowd, 100)
        door.to_new = lambda _: False
        await until(crowd, 200)
        assert crowd.now.slices["statements"].moved_against > 0


async def test_a_payment_whose_answer_was_lost_is_asked_for_again_and_counted_once(
    town: Town,
) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.lose_the_answer = lambda request: moves_money(request) and door.passed % 2 == 0
        await eventually(lambda: crowd.now.failed >= 5)
        door.lose_the_answer = lambda _: False
        assert all("Error" in failure.trouble for failure in crowd.now.failures)
        assert (await crowd.settle()).agree


async def test_a_payment_that_never_arrived_is_not_counted(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.refuse = moves_money
        await eventually(lambda: crowd.now.failed >= 5)
        assert {failure.status for failure in crowd.now.failures} == {503}
        door.refuse = lambda _: False
        assert (await crowd.settle()).agree


async def test_money_that_somebody_else_moved_shows_in_the_books(town: Town) -> None:
    async with door_to(town) as door, customers(door.url) as crowd, Client(door.url) as client:
        await until(crowd, 20)
        victim = await client.log_in(crowd.numbers[3])
        await victim.top_up(1_000)
        books = await crowd.settle()
        assert not books.agree
        assert books.differing == (crowd.numbers[3],)


async def test_a_wallet_that_does_not_answer_is_an_error_at_once() -> None:
    with pytest.raises(LocalError, match="does not serve its customers"):
        async with customers(f"http://127.0.0.1:{free_port()}"):
            raise AssertionError("nobody can have logged in")


async def test_a_wallet_that_stops_answering_fails_requests_and_keeps_the_customers(
    town: Town,
) -> None:
    async with door_to(town) as door, customers(door.url) as crowd:
        door.refuse = lambda _: True
        await eventually(lambda: crowd.now.failed >= 2 * PEOPLE)
        door.refuse = lambda _: False
        crowd.mark("well again")
        await until(crowd, 40)
        assert crowd.now.failed <= PEOPLE  # those that were on their way
        assert (await crowd.settle()).agree


def test_errands_are_within_the_customers_means_and_never_to_oneself() -> None:
    random, numbers = Random(3), range(10, 14)
    for _ in range(2_000):
        means = random.choice((0, 1_999, 2_000, 10**6))
        errand = next_errand(random, 11, numbers, means)
        if errand.payee is not None:
            assert errand.payee in {10, 12, 13}
            assert 0 < errand.amount <= means
        assert errand.moves_money is bool(errand.key)


def is_statement(request: web.Request) -> bool:
    return request.path.startswith("/api/statements")


def is_payment(request: web.Request) -> bool:
    return request.path == "/api/payments"


def moves_money(request: web.Request) -> bool:
    return request.method == "POST" and request.path in {"/api/payments", "/api/topups"}
