"""The monolith's own pages, as a browser meets them."""

import re

import pytest

from tests.wallet.town import Client, Person, unused


async def browse_in(client: Client) -> Person:
    number = next(unused)
    form = {"phone": f"3{number:09}", "password": f"clave-{number:05}"}
    answer = await client.ask("POST", "/login", data=form)
    assert answer.status == 200
    assert "Tu saldo" in answer.body
    return Person(client, number, "")


@pytest.mark.parametrize("path", ["/", "/home", "/send", "/topup", "/statements"])
async def test_whoever_is_not_logged_in_is_led_to_the_login(client: Client, path: str) -> None:
    async with client.session.get(path) as response:
        assert response.url.path == "/login"


async def test_a_wrong_password_says_so(client: Client) -> None:
    form = {"phone": "3000000001", "password": "guess"}
    answer = await client.ask("POST", "/login", data=form)
    assert answer.status == 401
    assert "no son correctos" in answer.body
    assert not list(client.session.cookie_jar)


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(client: Client) -> None:
    await browse_in(client)
    cookie = next(iter(client.session.cookie_jar))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"


async def test_money_is_topped_up_and_sent_and_a_form_sent_twice_counts_once(
    client: Client,
) -> None:
    await browse_in(client)
    page = (await client.ask("GET", "/topup")).body
    form = {"key": key_in(page), "source": "cash", "amount": "20.000"}
    for _ in range(2):
        home = (await client.ask("POST", "/topup", data=form)).body
    assert home.count("Recarga por efectivo") == 1
    page = (await client.ask("GET", "/send")).body
    form = {"key": key_in(page), "to": "3000009000", "amount": "$12.500", "concept": "café"}
    for _ in range(2):
        home = (await client.ask("POST", "/send", data=form)).body
    assert home.count("-$12.500") == 1


async def test_a_refused_payment_says_why(client: Client) -> None:
    await browse_in(client)
    form = {"key": "k", "to": "3000009000", "amount": "cien", "concept": ""}
    answer = await client.ask("POST", "/send", data=form)
    assert answer.status == 422
    assert "El valor debe estar entre" in answer.body


async def test_a_statement_can_be_read(client: Client) -> None:
    await browse_in(client)
    page = (await client.ask("GET", "/statements")).body
    assert 'href="/statements/2025-06"' in page
    assert "Saldo inicial" in (await client.ask("GET", "/statements/2025-06")).body
    assert (await client.ask("GET", "/statements/june")).status == 422


async def test_text_that_others_wrote_is_shown_as_text(client: Client) -> None:
    await browse_in(client)
    body = {"text": "<script>alert(1)</script>"}
    assert (await client.ask("POST", "/api/notifications", json=body)).status == 201
    home = (await client.ask("GET", "/home")).body
    assert "<script>" not in home
    assert "&lt;script&gt;" in home


async def test_logging_out_ends_the_session(client: Client) -> None:
    await browse_in(client)
    await client.ask("POST", "/logout")
    async with client.session.get("/home") as response:
        assert response.url.path == "/login"


def key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return found[1]
