"""The wallet's login: it issues tokens, says whether one is good, and takes it back."""

import base64
import hashlib
from typing import Any

import pytest

from tests.wallet.town import Answer, Client, Rows


async def introspect(client: Client, token: str | None, secret: str = "quiet") -> Answer:
    basic = base64.b64encode(f"matapalo:{secret}".encode()).decode()
    form = {} if token is None else {"token": token}
    headers = {"Authorization": f"Basic {basic}"}
    return await client.ask("POST", "/oauth/introspect", data=form, headers=headers)


async def test_a_good_token_is_told_about(client: Client) -> None:
    person = await client.anybody()
    told = (await introspect(client, person.token)).body
    assert told["active"] is True
    assert told["sub"] == str(person.number)
    assert told["username"] == person.phone
    assert told["token_type"] == "Bearer"
    assert 0 < told["exp"] - told["iat"] <= 8 * 3600


@pytest.mark.parametrize("token", ["", "guessed", "x" * 5000])
async def test_of_any_other_token_only_that_is_told(client: Client, token: str) -> None:
    answer = await introspect(client, token)
    assert (answer.status, answer.body) == (200, {"active": False})


async def test_whoever_does_not_know_the_secret_is_told_nothing(client: Client) -> None:
    person = await client.anybody()
    for secret in ("", "Quiet", "quiet "):
        assert (await introspect(client, person.token, secret)).status == 401
    answer = await client.ask("POST", "/oauth/introspect", data={"token": person.token})
    assert answer.status == 401
    assert (await introspect(client, None)).status == 400


async def test_a_token_that_was_given_back_works_nowhere(client: Client) -> None:
    person = await client.anybody()
    assert (await person.post("/api/logout", {})).status == 204
    assert (await person.get("/api/accounts")).status == 401
    assert (await introspect(client, person.token)).body == {"active": False}


async def test_a_token_that_ran_out_works_nowhere(client: Client, rows: Rows) -> None:
    person = await client.anybody()
    rows.execute(
        """update tokens set issued_at = now() - interval '2 h', expires_at = now()
           where digest = %s""",
        (hashlib.sha256(person.token.encode()).digest(),),
    )
    assert (await person.get("/api/accounts")).status == 401
    assert (await introspect(client, person.token)).body == {"active": False}


async def test_the_database_knows_no_token_and_no_password(client: Client, rows: Rows) -> None:
    person = await client.anybody()
    tables = ("tokens", "customers")
    dumps = (str(rows.execute(f"select * from {table}".encode()).fetchall()) for table in tables)
    kept = "".join(dumps)
    assert person.token not in kept
    assert f"clave-{person.number:05}" not in kept


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"phone": "3000000001", "password": "clave-00002"}, 401),
        ({"phone": "3999999999", "password": "clave-00001"}, 401),
        ({"phone": "3000000001"}, 422),
        ({"phone": 3000000001, "password": "clave-00001"}, 422),
        ({"phone": "3000000001", "password": "\0"}, 422),
        ([], 400),
        (None, 400),
    ],
)
async def test_a_wrong_login_gets_no_token(client: Client, body: Any, status: int) -> None:
    answer = await client.ask("POST", "/api/login", json=body)
    assert answer.status == status
    assert "token" not in answer.body


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer  "])
async def test_without_a_login_the_api_says_401(client: Client, authorization: str) -> None:
    for path in ("accounts", "movements", "payments", "limits", "notifications", "statements"):
        answer = await client.ask("GET", f"/api/{path}", headers={"Authorization": authorization})
        assert (answer.status, answer.body["error"]) == (401, "not_logged_in")
        assert answer.served_by == "monolith"
