"""Payments have one keeper at a time: whoever is asked, whatever crashes, money moves once."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID, uuid4, uuid5

import aiohttp
import psycopg
import pytest

from matapalo.stream import guard
from matapalo.stream.guard import Guard
from matapalo.stream.shape import Name
from tests.support import eventually, free_port
from tests.wallet.town import Answer, Client, Person, Rows, Town, running, started

TABLE = (Name("public", "payments"),)
SECRETS = {"INTERNAL_SECRET": "house"}
HOUSE = {"Authorization": "Bearer house"}
PAYMENTS = UUID("6f2b0f4e-3c86-5d0a-9d53-0b8f6d1c7a42")
DOOMED_WAITS = """select count(*) from pg_stat_activity
                  where application_name = 'doomed' and wait_event_type = 'Lock'"""
WISHES: list[tuple[object, str]] = [
    ({"to": "3000009000"}, "k"),
    ({"to": "3000009000", "amount": 0}, "k"),
    ({"to": "3000009000", "amount": 10**9}, "k"),
    ({"to": "3000009000", "amount": 10**7}, "k"),
    ({"to": "3999999999", "amount": 1}, "k"),
    ({"to": 3000009000, "amount": 1}, "k"),
    ({"to": "3000009000", "amount": 1, "concept": "x" * 81}, "k"),
    ({"to": "3000009000", "amount": 1, "concept": None}, "k"),
    ({"to": "\0", "amount": 1}, "k"),
    ({"to": "3000009000", "amount": 1}, " "),
    ({"to": "3000009000", "amount": 1}, "k" * 81),
    ({}, "k"),
    ([], "k"),
    (None, "k"),
]


@pytest.fixture
async def payments(town: Town) -> AsyncIterator[Client]:
    async with Client(town.payments) as client:
        yield client


@pytest.fixture
def ledger(ledger_database: str) -> Iterator[Rows]:
    """Look into the payments' own database."""
    with psycopg.connect(ledger_database, autocommit=True) as connection:
        yield connection


@contextmanager
def closed(rows: Rows, owner: str) -> Iterator[None]:
    """Close a database's payments to everybody, as a switch does."""
    guard.close(rows, TABLE, Guard("payments", owner, ""), within=10)
    try:
        yield
    finally:
        guard.reopen(rows, TABLE, within=10)


async def funded(client: Client) -> tuple[Person, Person]:
    payer, payee = await client.anybody(), await client.anybody()
    assert (await payer.top_up(50_000)).status == 201
    return payer, payee


def moved(rows: Rows, payment: str) -> list[int]:
    """Return what a payment has moved, out of accounts and into them."""
    query = "select amount from movements where reference = %s order by amount"
    return [amount for (amount,) in rows.execute(query, (payment,))]


def is_kept(rows: Rows, payment: str) -> bool:
    return one(rows, f"select count(*) from payments where id = '{payment}'") == 1


def unkept(rows: Rows) -> object:
    return one(rows, "select count(*) from bookings")


def one(rows: Rows, query: str) -> object:
    found = rows.execute(query.encode()).fetchone()
    return found and found[0]


async def ask_both(town: Town, method: str, **options: object) -> Answer:
    answers = []
    for url in (town.monolith, town.payments):
        async with Client(url) as client:
            answers.append(await client.ask(method, "/api/payments", **options))
    old, new = answers
    assert (old.status, old.body) == (new.status, new.body)
    assert (old.served_by, new.served_by) == ("monolith", "payments")
    return old


async def test_of_rows_that_came_along_both_tell_the_same(client: Client, town: Town) -> None:
    told = 0
    for number in random.Random(11).sample(range(9_000, 10_001), 12):
        person = await client.log_in(number)
        old = await ask_both(town, "GET", headers=person.headers)
        told += len(old.body["payments"])
    assert told > 50


@pytest.mark.parametrize(("body", "key"), WISHES)
async def test_both_refuse_the_same_in_the_same_words(
    client: Client, town: Town, body: object, key: str
) -> None:
    person = await client.log_in(4_999)
    headers = {**person.headers, "Idempotency-Key": key}
    answer = await ask_both(town, "POST", json=body, headers=headers)
    assert answer.status in {400, 422}


async def test_neither_does_anything_for_a_stranger(town: Town) -> None:
    for method in ("GET", "POST"):
        answer = await ask_both(town, method, headers={"Authorization": "Bearer guessed"})
        assert answer.status == 401


async def test_what_was_paid_is_listed_where_it_is_kept(client: Client, side: Client) -> None:
    payer, payee = await funded(client)
    made = await payer.pay(payee, 1_500, at=side)
    listed = (await Person(side, payer.number, payer.token).get("/api/payments")).body["payments"]
    assert {name: listed[0][name] for name in made.body} == made.body
    assert set(listed[0]) == {"id", "to", "amount", "concept", "created_at"}


async def test_a_payment_that_came_along_is_found_by_its_key(
    client: Client, payments: Client, rows: Rows
) -> None:
    found = rows.execute(
        "select p.id, payer_id, payee_id, amount, key from payments p"
        " where key like 'seed-%' and amount < 500000 limit 1"
    ).fetchone()
    assert found
    payment, payer, payee, amount, key = found
    person = await client.log_in(payer)
    again = await person.pay(Person(client, payee, ""), amount, key, at=payments)
    assert (again.status, again.body["id"]) == (200, str(payment))
    other = await person.pay(Person(client, payee, ""), amount + 1, key, at=payments)
    assert (other.status, other.body["error"]) == (409, "key_reused")


async def test_the_service_writes_all_that_the_monolith_needs_of_a_payment(
    client: Client, payments: Client, ledger: Rows
) -> None:
    payer, payee = await funded(client)
    made = (await payer.pay(payee, 700, "a-key", at=payments)).body
    row = ledger.execute(
        "select payer_id, payee_id, amount, note, currency, key, created_at from payments"
        " where id = %s",
        (made["id"],),
    ).fetchone()
    assert row
    *values, at = row
    assert values == [payer.number, payee.number, 700, "", "COP", "a-key"]
    assert at == datetime.fromisoformat(made["created_at"])


async def test_the_limits_count_what_the_service_paid(client: Client, payments: Client) -> None:
    payer, payee = await funded(client)
    await payer.pay(payee, 3_000, at=payments)
    await payer.pay(payee, 4_000)
    assert (await payer.get("/api/limits")).body["paid_today"] == 7_000
    assert (await payer.get("/api/accounts")).body["accounts"][0]["paid_today"] == 7_000


async def send(side: Client, payer: Person, **form: str) -> aiohttp.ClientResponse:
    """Send the form with which people pay, as a browser does."""
    headers = {"Cookie": f"totumo={payer.token}"}
    return await side.session.post("/send", data=form, headers=headers, allow_redirects=False)


async def test_the_form_pays_wherever_payments_are_kept(client: Client, side: Client) -> None:
    payer, payee = await funded(client)
    before = await payer.balance()
    form = {"to": payee.phone, "amount": "$1.500", "concept": "café", "key": "form"}
    for _ in range(2):
        answer = await send(side, payer, **form)
        assert (answer.status, answer.headers["Location"]) == (303, "/home")
    assert await payer.balance() == before - 1_500


@pytest.mark.parametrize(
    "wrong", [{"amount": "cien"}, {"to": "3999999999"}, {"key": ""}, {"concept": "x" * 81}], ids=str
)
async def test_the_form_is_refused_in_words_wherever_payments_are_kept(
    client: Client, side: Client, wrong: dict[str, str]
) -> None:
    payer, payee = await funded(client)
    form = {"to": payee.phone, "amount": "100", "concept": "", "key": "form", **wrong}
    answer = await send(side, payer, **form)
    assert (answer.status, answer.content_type) == (422, "text/html")
    assert "No se pudo" in await answer.text()


async def test_the_form_leads_a_stranger_to_the_login(client: Client, side: Client) -> None:
    answer = await send(side, Person(client, 1, "guessed"), amount="1", key="k")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")


@pytest.mark.parametrize("secret", ["", "Bearer", "Bearer House", "Bearer houses", "house"])
async def test_the_internal_api_is_for_the_house_alone(client: Client, secret: str) -> None:
    for method, path in (("GET", "accounts"), ("GET", "bookings"), ("PUT", f"bookings/{uuid4()}")):
        headers = {"Authorization": secret}
        answer = await client.ask(method, f"/internal/{path}", headers=headers)
        assert (answer.status, answer.body["error"]) == (403, "not_yours")


async def test_without_a_secret_the_internal_api_is_for_nobody(town: Town) -> None:
    with running("monolith", DATABASE_URL=town.database) as url:
        async with Client(url) as client:
            for shown in ("Bearer ", "Bearer house"):
                headers = {"Authorization": shown}
                answer = await client.ask("GET", "/internal/bookings", headers=headers)
                assert answer.status == 403


async def test_a_service_that_is_killed_between_money_and_payment_loses_neither(
    client: Client, town: Town, rows: Rows, ledger: Rows
) -> None:
    payer, payee = await funded(client)
    doomed = f"{town.ledger}?application_name=doomed"
    env = {"MONOLITH_URL": town.monolith, "LEDGER_URL": doomed, **SECRETS}
    with closed(rows, "payments/pay"):
        with psycopg.connect(town.ledger) as holder, started("pay", **env) as (process, url):
            holder.execute("lock table payments in share mode")
            async with Client(url) as service:
                paying = asyncio.create_task(payer.pay(payee, 900, "k", at=service))
                await eventually(lambda: one(ledger, DOOMED_WAITS))
                process.kill()
                with pytest.raises(aiohttp.ClientConnectionError):
                    await paying
            # What it had sent to its database dies with it, as it would with a machine.
            ledger.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'doomed'"
            )
            await eventually(lambda: not one(ledger, DOOMED_WAITS))
        payment = payment_id(payer, "k")
        assert moved(rows, payment) == [-900, 900]
        await eventually(lambda: is_kept(ledger, payment))
        await eventually(lambda: unkept(rows) == 0)
    assert not is_kept(rows, payment)


async def test_a_payment_that_may_not_be_kept_here_is_kept_by_the_monolith(
    client: Client, payments: Client, rows: Rows, ledger: Rows
) -> None:
    payer, payee = await funded(client)
    with closed(ledger, "the monolith"):
        made = await payer.pay(payee, 800, "k", at=payments)
        assert made.status == 201
        assert is_kept(rows, made.body["id"])
        assert not is_kept(ledger, made.body["id"])
        again = [await payer.pay(payee, 800, "k"), await payer.pay(payee, 800, "k", at=payments)]
    assert [(answer.status, answer.body) for answer in again] == [(200, made.body)] * 2
    assert moved(rows, made.body["id"]) == [-800, 800]


@pytest.mark.parametrize("winner", ["monolith", "payments"])
async def test_a_payment_caught_between_two_closed_tables_is_finished_by_whoever_opens(
    client: Client, payments: Client, rows: Rows, ledger: Rows, winner: str
) -> None:
    payer, payee = await funded(client)
    before = await payer.balance()
    with closed(rows, "payments/pay"):
        with closed(ledger, "the monolith"):
            caught = await payer.pay(payee, 600, "k", at=payments)
            assert caught.status == 503
            assert await payer.balance() == before - 600
            assert (await payer.pay(payee, 600, "k")).status == 503
            if winner == "monolith":
                guard.reopen(rows, TABLE, within=10)
                await eventually(lambda: unkept(rows) == 0)
        await eventually(lambda: unkept(rows) == 0)
    kept = [is_kept(side, payment_id(payer, "k")) for side in (rows, ledger)]
    assert kept == [winner == "monolith", winner == "payments"]
    assert await payer.balance() == before - 600


async def test_a_customer_who_asks_the_new_owner_again_before_the_sweep_pays_once(
    client: Client, town: Town, rows: Rows
) -> None:
    payer, payee = await funded(client)
    before = await payer.balance()
    path, booking = booking_of(payer, payee, 500)
    for status in (201, 200):
        answer = await client.ask("PUT", path, json=booking, headers=HOUSE)
        assert (answer.status, answer.body["kept"]) == (status, False)
    again = await payer.pay(payee, 500, "k")
    assert (again.status, again.body["created_at"]) == (200, answer.body["created_at"])
    assert (await payer.pay(payee, 501, "k")).status == 409
    assert await payer.balance() == before - 500
    assert is_kept(rows, payment_id(payer, "k"))
    late = await client.ask("PUT", path, json=booking, headers=HOUSE)
    assert (late.status, late.body["kept"]) == (200, True)
    await eventually(lambda: unkept(rows) == 0)


async def test_a_booking_is_of_one_payment_only(client: Client) -> None:
    payer, payee = await funded(client)
    path, wanted = booking_of(payer, payee, 5)
    wrong = [
        ({**wanted, "key": "other"}, "bad_id"),
        ({**wanted, "payer": payee.number}, "bad_id"),
        ({**wanted, "amount": -5}, "bad_amount"),
        ({**wanted, "key": " "}, "bad_key"),
        ({**wanted, "payee": 10**15}, "unknown_payee"),
        ({**wanted, "payee": 10_001}, "unknown_payee"),
    ]
    for booking, error in wrong:
        answer = await client.ask("PUT", path, json=booking, headers=HOUSE)
        assert (answer.status, answer.body["error"]) == (422, error)


async def test_a_writer_who_does_not_know_of_the_switch_is_told_and_nothing_is_moved(
    client: Client, rows: Rows
) -> None:
    payer, payee = await funded(client)
    before = await payer.balance()
    form = {"phone": payer.phone, "password": f"clave-{payer.number:05}"}
    await client.ask("POST", "/login", data=form)
    with closed(rows, "payments/pay"):
        answer = await payer.pay(payee, 400)
        assert (answer.status, answer.body["error"]) == (503, "elsewhere")
        page = {"key": "k", "to": payee.phone, "amount": "400", "concept": ""}
        shown = await client.ask("POST", "/send", data=page)
        assert (shown.status, "Intenta de nuevo en la app" in shown.body) == (503, True)
    assert await payer.balance() == before


async def test_the_service_waits_for_a_monolith_that_starts_anew(town: Town) -> None:
    port = free_port()
    env = {"MONOLITH_URL": f"http://127.0.0.1:{port}", "LEDGER_URL": town.ledger, **SECRETS}
    with running("pay", **env) as url:
        async with Client(url) as service, Client(town.monolith) as client:
            person = await client.anybody()
            asking = asyncio.create_task(
                service.ask("GET", "/api/payments", headers=person.headers)
            )
            with running("monolith", PORT=str(port), DATABASE_URL=town.database, **SECRETS):
                assert (await asking).status == 200
            assert (await service.ask("GET", "/health")).status == 200


async def test_whatever_is_closed_killed_and_asked_again_each_payment_is_made_once(
    client: Client, town: Town, rows: Rows, ledger: Rows
) -> None:
    """Customers repeat what failed, at either side; tables close and open, services are killed."""
    people = [await client.anybody() for _ in range(6)]
    for person in people:
        await person.top_up(1_000_000)
    before = {person: await person.balance() for person in people}
    paid: dict[str, tuple[Person, Person, int]] = {}
    env = {"MONOLITH_URL": town.monolith, "LEDGER_URL": town.ledger, **SECRETS}
    over = asyncio.Event()

    async def shop(person: Person, chance: random.Random, sides: list[Client]) -> None:
        while not over.is_set():
            payee = chance.choice([other for other in people if other != person])
            amount, key = chance.randint(1, 2_000), str(uuid4())
            while True:
                try:
                    answer = await person.pay(payee, amount, key, at=chance.choice(sides))
                except aiohttp.ClientConnectionError:
                    continue
                if answer.status in {200, 201}:
                    break
                assert answer.status == 503, answer
                await asyncio.sleep(0.02)
            assert paid.setdefault(answer.body["id"], (person, payee, amount))
            await asyncio.sleep(0.01)

    port = free_port()
    async with Client(f"http://127.0.0.1:{port}") as service:
        shopping = [
            asyncio.create_task(shop(person, random.Random(n), [client, service]))
            for n, person in enumerate(people)
        ]
        for n in range(8):
            with started("pay", PORT=str(port), **env) as (process, _):
                side = (rows, ledger)[n % 2]
                with closed(side, "somebody else"):
                    await asyncio.sleep(0.4)
                process.kill()
        over.set()
        with running("pay", PORT=str(port), **env):
            await asyncio.gather(*shopping)
            await eventually(lambda: unkept(rows) == 0)
    assert len(paid) > 50
    for payment, (payer, payee, amount) in paid.items():
        before[payer] -= amount
        before[payee] += amount
        assert moved(rows, payment) == [-amount, amount]
        assert is_kept(rows, payment) or is_kept(ledger, payment)
    assert {person: await person.balance() for person in people} == before


def payment_id(payer: Person, key: str) -> str:
    """Return the id that a payment has, whoever keeps it."""
    return str(uuid5(PAYMENTS, f"{payer.number}/{key}"))


def booking_of(payer: Person, payee: Person, amount: int) -> tuple[str, dict[str, object]]:
    """Return where a payment is booked whose key is `k`, and what is said of it."""
    wanted = {"payer": payer.number, "payee": payee.number, "amount": amount}
    return f"/internal/bookings/{payment_id(payer, 'k')}", {**wanted, "concept": "", "key": "k"}
