"""No peso is made or lost, whatever customers do at the same time."""

import asyncio
from random import Random
from uuid import uuid4

import psycopg
import pytest

from tests.wallet.town import Client, Person, Rows

BOOKS_HOLD = """
    select (select sum(balance) from accounts),
           (select sum(amount) from movements),
           (select count(*) from (select 1 from movements group by reference
                                  having sum(amount) <> 0 or count(*) <> 2)),
           (select count(*) from accounts a where balance <>
              (select coalesce(sum(amount), 0) from movements where account_id = a.id)),
           (select count(*) from (
              select balance - amount <> lag(balance, 1, 0::bigint)
                       over (partition by account_id order by id) as broken from movements)
            where broken)
"""


def assert_books_hold(rows: Rows) -> None:
    assert rows.execute(BOOKS_HOLD).fetchone() == (0, 0, 0, 0, 0)


async def test_payments_criss_cross_at_once_keep_every_peso(
    client: Client, side: Client, rows: Rows
) -> None:
    people = [await client.anybody() for _ in range(6)]
    for person in people:
        assert (await person.top_up(1_000_000)).status == 201
    expected = {person: await person.balance() for person in people}
    random = Random(7)
    pairs = [random.sample(people, 2) for _ in range(240)]
    wishes = [(payer, payee, random.randint(1, 5_000)) for payer, payee in pairs]
    answers = await asyncio.gather(*(payer.pay(payee, n, at=side) for payer, payee, n in wishes))
    assert {answer.status for answer in answers} == {201}
    for payer, payee, amount in wishes:
        expected[payer] -= amount
        expected[payee] += amount
    assert {person: await person.balance() for person in people} == expected
    assert_books_hold(rows)


async def test_nobody_spends_more_than_there_is(client: Client, side: Client, rows: Rows) -> None:
    payer, payee = await client.anybody(), await client.anybody()
    held = await payer.balance()
    amount = held // 10
    assert 0 < amount <= 500_000
    answers = await asyncio.gather(*(payer.pay(payee, amount, at=side) for _ in range(14)))
    paid = [answer for answer in answers if answer.status == 201]
    refused = {answer.body["error"] for answer in answers if answer.status != 201}
    assert refused <= {"insufficient_funds", "daily_limit"}
    assert await payer.balance() == held - amount * len(paid) >= 0
    assert refused
    assert_books_hold(rows)


async def test_a_repeated_payment_happens_once(client: Client, side: Client, rows: Rows) -> None:
    payer, payee = await client.anybody(), await client.anybody()
    await payer.top_up(10_000)
    before, key = await payer.balance(), str(uuid4())
    answers = await asyncio.gather(*(payer.pay(payee, 7_000, key, at=side) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    assert await payer.balance() == before - 7_000
    assert_books_hold(rows)


async def test_a_repeated_top_up_happens_once(client: Client, rows: Rows) -> None:
    person, key = await client.anybody(), str(uuid4())
    before = await person.balance()
    answers = await asyncio.gather(*(person.top_up(7_000, key) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] * 9 + [201]
    assert await person.balance() == before + 7_000
    assert_books_hold(rows)


async def test_a_key_that_comes_back_with_another_payment_is_refused(
    client: Client, side: Client
) -> None:
    payer, payee, other = [await client.anybody() for _ in range(3)]
    await payer.top_up(10_000)
    assert (await payer.pay(payee, 100, "k", at=side)).status == 201
    before = await payer.balance()
    for answer in (
        await payer.pay(payee, 101, "k", at=side),
        await payer.pay(other, 100, "k", at=side),
    ):
        assert (answer.status, answer.body["error"]) == (409, "key_reused")
    # Another payer's key is another key.
    assert (await payee.pay(payer, 100, "k", at=side)).status == 201
    assert await payer.balance() == before + 100


async def test_a_payment_that_was_refused_may_be_tried_again_with_its_key(
    client: Client, side: Client
) -> None:
    payer, payee = await client.anybody(), await client.anybody()
    held = await payer.balance()
    while held:
        amount = min(held, 500_000)
        assert (await payer.pay(payee, amount, at=side)).status == 201
        held -= amount
    assert (await payer.pay(payee, 1_000, "k", at=side)).body["error"] == "insufficient_funds"
    await payer.top_up(1_000)
    assert (await payer.pay(payee, 1_000, "k", at=side)).status == 201


async def test_the_daily_limit_holds_against_payments_at_once(client: Client, side: Client) -> None:
    payer, payee = await someone_of_level(1, client), await client.anybody()
    await payer.top_up(5_000_000)
    answers = await asyncio.gather(*(payer.pay(payee, 500_000, at=side) for _ in range(7)))
    assert sorted(answer.status for answer in answers) == [201] * 4 + [422] * 3
    limits = (await payer.get("/api/limits")).body
    assert (limits["paid_today"], limits["left_today"]) == (2_000_000, 0)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True, "10", None, [], 10**12, 500_001])
async def test_an_amount_that_is_none_moves_nothing(
    client: Client, side: Client, amount: object
) -> None:
    payer, payee = await someone_of_level(1, client), await client.anybody()
    before = await payer.balance()
    assert (await payer.pay(payee, amount, at=side)).body["error"] == "bad_amount"
    if amount != 500_001:
        assert (await payer.top_up(amount)).body["error"] == "bad_amount"
    assert await payer.balance() == before


async def test_a_payment_needs_a_key_and_somebody_else_to_pay(client: Client, side: Client) -> None:
    person = await client.anybody()
    assert (await person.pay(person, 1, at=side)).body["error"] == "unknown_payee"
    stranger = Person(client, 999_999_999, "")
    assert (await person.pay(stranger, 1, at=side)).body["error"] == "unknown_payee"
    assert (await person.top_up(1, source="mattress")).body["error"] == "unknown_source"
    body = {"to": "3000000001", "amount": 1}
    answer = await side.ask("POST", "/api/payments", json=body, headers=person.headers)
    assert (answer.status, answer.body["error"]) == (400, "key_missing")


async def test_the_payee_is_told(client: Client, side: Client) -> None:
    payer, payee = await client.anybody(), await client.anybody()
    await payer.top_up(2_500)
    await payer.pay(payee, 2_500, at=side)
    found = (await payee.get("/api/notifications")).body["notifications"]
    assert found[0]["text"].endswith("te envió $2.500.")


def test_the_database_itself_refuses_money_from_nowhere(rows: Rows) -> None:
    movement = """insert into movements (account_id, reference, kind, amount, balance,
                                         description, at)
                  values (%s, gen_random_uuid(), 'topup', 5, 5, 'gift', now())"""
    with pytest.raises(psycopg.errors.CheckViolation, match="do not sum to zero"):
        rows.execute(movement, (9999,))
    with pytest.raises(psycopg.errors.CheckViolation):
        rows.execute("update accounts set balance = -1 where id = 9999")
    assert_books_hold(rows)


async def someone_of_level(level: int, client: Client) -> Person:
    while True:
        person = await client.anybody()
        if await person.level() == level:
            return person
