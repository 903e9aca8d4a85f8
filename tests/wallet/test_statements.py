"""Whoever answers for a statement, the monolith or its successor, says the same."""

import json
from random import Random

import pytest

from matapalo.local.functions import Lambda
from tests.functions.hosted import hosted
from tests.support import free_port
from tests.wallet.town import WALLET, Client, Person, Rows, Town, running

MONTHS = [f"{year}-{month:02}" for year in (2024, 2025, 2026) for month in range(1, 13)]
BAD_MONTHS = ["2025-13", "2025-00", "2025-3", "2025", "junio", "2025-03-01", "1999-01", "%00"]

MANY_PAYMENTS = """
    with payment as (select generate_series(1, 520) as n, gen_random_uuid() as reference)
    insert into movements (account_id, reference, kind, amount, balance, description, at)
    select a.id, reference, 'payment', sign, balance + sign * n, 'Pago', clock_timestamp()
    from payment cross join (values (%s, -1), (%s, 1)) as side (account, sign)
    join accounts a on a.id = account order by n
"""


async def ask_both(town: Town, person: Person, method: str, path: str, body: object = None) -> None:
    answers = []
    for url in (town.monolith, town.statements):
        async with Client(url) as client:
            answer = await client.ask(method, path, json=body, headers=person.headers)
            answers.append(answer)
    old, new = answers
    assert (old.status, old.body) == (new.status, new.body), path
    assert (old.served_by, new.served_by) == ("monolith", "statements")


async def test_for_any_customer_and_month_both_say_the_same(client: Client, town: Town) -> None:
    random = Random(11)
    for number in random.sample(range(2_000, 10_001), 12):
        person = await client.log_in(number)
        await ask_both(town, person, "GET", "/api/statements")
        for month in random.sample(MONTHS, 8):
            await ask_both(town, person, "GET", f"/api/statements/{month}")


async def test_they_agree_on_the_present_month_with_more_movements_than_a_page(
    client: Client, town: Town, rows: Rows
) -> None:
    payer, payee = await client.anybody(), await client.anybody()
    await payer.top_up(10_000)
    accounts = (payer.number, payee.number)
    rows.execute(MANY_PAYMENTS, accounts)
    rows.execute("update accounts set balance = balance - 520 where id = %s", accounts[:1])
    rows.execute("update accounts set balance = balance + 520 where id = %s", accounts[1:])
    month = (await payer.get("/api/statements")).body["months"][0]
    statement = (await payer.get(f"/api/statements/{month}")).body
    assert statement["by_kind"]["payment"]["count"] == 520
    assert statement["closing"] == await payer.balance()
    await ask_both(town, payer, "GET", f"/api/statements/{month}")
    await ask_both(town, payee, "GET", f"/api/statements/{month}")


@pytest.mark.parametrize("month", BAD_MONTHS)
async def test_they_refuse_the_same_months(client: Client, town: Town, month: str) -> None:
    person = await client.anybody()
    await ask_both(town, person, "GET", f"/api/statements/{month}")
    await ask_both(town, person, "POST", "/api/statements", {"month": month})


@pytest.mark.parametrize("body", [{}, [], None, {"month": 3}])
async def test_they_refuse_without_a_month(client: Client, town: Town, body: object) -> None:
    person = await client.anybody()
    for url in (town.monolith, town.statements):
        async with Client(url) as other:
            answer = await other.ask("POST", "/api/statements", json=body, headers=person.headers)
            assert answer.status in {400, 422}


async def test_both_send_a_statement_as_a_notification(client: Client, town: Town) -> None:
    person = await client.anybody()
    await ask_both(town, person, "POST", "/api/statements", {"month": "2025-04"})
    found = (await person.get("/api/notifications")).body["notifications"]
    assert len({notification["text"] for notification in found[:2]}) == 1
    assert "extracto de 2025-04 a c***@correo.example" in found[0]["text"]


async def test_neither_tells_a_stranger_anything(client: Client, town: Town) -> None:
    await ask_both(town, Person(client, 0, "guessed"), "GET", "/api/statements/2025-04")


async def test_without_its_monolith_the_service_says_503(client: Client) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with running("statements", MONOLITH_URL=nowhere) as url:
        async with Client(url) as service:
            assert (await service.ask("GET", "/health")).status == 200
            answer = await service.ask("POST", "/api/statements", json={"month": "2025-04"})
            assert (answer.status, answer.body["error"]) == (503, "unavailable")


async def test_the_function_answers_limits_as_the_monolith_does(client: Client, town: Town) -> None:
    person, payee = await client.anybody(), await client.anybody()
    await person.top_up(5_000)
    await person.pay(payee, 5_000)
    path = WALLET / "functions" / "limits"
    function = Lambda("limits", path, "limits.handle", 20, env={"MONOLITH_URL": town.monolith})
    async with hosted(function) as host:
        for someone in (person, payee, Person(client, 0, "guessed")):
            authorization = {"authorization": f"Bearer {someone.token}"}
            said = await host.result({"rawPath": "/api/limits", "headers": authorization})
            answer = await someone.get("/api/limits")
            assert (said["statusCode"], json.loads(said["body"])) == (answer.status, answer.body)
