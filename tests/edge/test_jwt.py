"""Signed tokens: both doors, Envoy's own check and the authorizer's, say the same."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from matapalo.blueprint import Jwt
from matapalo.edge import Split
from matapalo.edge.authorizer import Authorizer, AuthRequest, Decision
from tests.edge.security import AUDIENCE, ISSUER, Signer
from tests.edge.world import Edge, Seen, Upstream, edge, upstreams
from tests.support import eventually

SIGNER = Signer()
STRANGER = Signer()
Make = Callable[[], str]

GOOD: dict[str, Make] = {
    "RS256": SIGNER.token,
    "ES256": lambda: SIGNER.token("ES256"),
    "PS256": lambda: SIGNER.token("PS256"),
    "many audiences": lambda: SIGNER.token(aud=["other", AUDIENCE]),
    "begun": lambda: SIGNER.token(nbf=int(time.time()) - 5),
}
BAD: dict[str, Make] = {
    "no signature": lambda: SIGNER.token("none"),
    "public key as secret": lambda: SIGNER.token("HS256"),
    "another signer": STRANGER.token,
    "unknown key": lambda: SIGNER.token(kid="nobody's"),
    "key of another kind": lambda: SIGNER.token(kid="ec1"),
    "another issuer": lambda: SIGNER.token(iss="https://evil.test"),
    "no issuer": lambda: SIGNER.token(iss=None),
    "another audience": lambda: SIGNER.token(aud="other"),
    "no audience": lambda: SIGNER.token(aud=None),
    "ended": lambda: SIGNER.token(exp=int(time.time()) - 120),
    "without end": lambda: SIGNER.token(exp=None),
    "not begun": lambda: SIGNER.token(nbf=int(time.time()) + 600),
    "broken": lambda: SIGNER.token()[:-4],
    "another body": lambda: ".".join(
        [SIGNER.token().split(".")[0], SIGNER.token(sub="eve").split(".")[1], "AAAA"]
    ),
    "no token": lambda: "x.y.z",
}
LOGIN: dict[str, Any] = {
    "kind": "jwt",
    "issuer": ISSUER,
    "audiences": [AUDIENCE],
    "path": "/jwks.json",
}


def blueprint(**changes: Any) -> dict[str, Any]:
    return {
        "edge": {"limits": {"rate": None}},
        "security": {
            "login": {**LOGIN, **changes},
            "public": ["/public"],
            "optional": ["/optional"],
        },
        "products": {"p": {"services": {"s": {"url": "http://x"}}}},
        "slices": {"cards": {"to": "p/s", "routes": ["/cards"]}},
    }


@dataclass
class Keys:
    """The monolith, which also publishes the key set."""

    signer: Signer = SIGNER
    status: int = 200
    fetched: int = 0

    def reply(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        if seen.path != "/jwks.json":
            return 200, {}, b"monolith"
        self.fetched += 1
        return self.status, {}, json.dumps(self.signer.jwks()).encode()


@dataclass
class World:
    edge: Edge
    keys: Keys
    monolith: Upstream

    async def status(self, path: str, token: str | None = None) -> int:
        lines = [f"authorization: Bearer {token}"] if token else []
        return (await self.edge.client().send("GET", path, lines)).status


@asynccontextmanager
async def world(folder: Path, keys: Keys | None = None, **changes: Any) -> AsyncIterator[World]:
    async with upstreams("monolith", "p/s") as at:
        keys = keys or Keys()
        at["monolith"].reply = keys.reply
        async with edge(blueprint(**changes), at, folder) as running:
            yield World(running, keys, at["monolith"])


async def decision(token: str, keys: Keys | None = None) -> Decision:
    """Ask the authorizer's own check, the one behind API Gateway."""
    async with upstreams("keys") as at:
        at["keys"].reply = (keys or Keys()).reply
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{at['keys'].port}/jwks.json"
            authorizer = Authorizer(Jwt.model_validate(LOGIN), session=session, where=lambda: url)
            return await authorizer.decide(AuthRequest({"authorization": f"Bearer {token}"}))


async def test_both_doors_let_the_same_tokens_pass(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        for name, make in GOOD.items():
            token = make()
            assert await w.status("/x", token) == 200, name
            headers = w.monolith.seen[-1].headers
            assert headers["x-matapalo-user"] == "ana"
            assert headers["authorization"] == f"Bearer {token}"
            decided = await decision(token)
            assert (decided.outcome, decided.user) == ("allow", "ana"), name


async def test_both_doors_refuse_the_same_tokens(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        for name, make in BAD.items():
            token = make()
            answer = await w.edge.client().send("GET", "/x", [f"authorization: Bearer {token}"])
            assert answer.status == (403 if "audience" in name else 401), name
            assert answer.json()["error"]
            assert answer.headers["www-authenticate"].startswith("Bearer")
            decided = await decision(token)
            assert (decided.outcome, decided.status) == ("deny", answer.status), name
        assert all(seen.path == "/jwks.json" for seen in w.monolith.seen)


async def test_a_token_is_taken_from_its_header_only(tmp_path: Path) -> None:
    token = SIGNER.token()
    async with world(tmp_path) as w:
        assert await w.status(f"/x?access_token={token}") == 401
        assert await w.status("/x") == 401
        assert await w.status("/public") == 200
        assert await w.status("/optional") == 200
        assert await w.status("/optional", token) == 200
        assert await w.status("/optional", "x.y.z") == 401


async def test_without_its_keys_the_door_lets_nobody_in_and_says_not_now(tmp_path: Path) -> None:
    async with world(tmp_path, Keys(status=500)) as w:
        answer = await w.edge.client().send(
            "GET", "/x", [f"authorization: Bearer {SIGNER.token()}"]
        )
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["error"] == "the security system does not answer"
        w.keys.status = 200

        async def works() -> bool:
            return await w.status("/x", SIGNER.token()) == 200

        await eventually(works)
    assert (await decision(SIGNER.token(), Keys(status=500))).outcome == "unavailable"


async def test_new_keys_are_taken_and_old_ones_forgotten(tmp_path: Path) -> None:
    async with world(tmp_path, cache=1) as w:
        assert await w.status("/x", SIGNER.token()) == 200
        w.keys.signer = Signer("2")

        async def changed() -> bool:
            new = await w.status("/x", w.keys.signer.token())
            return (new, await w.status("/x", SIGNER.token(sub="bea"))) == (200, 401)

        await eventually(changed)


async def test_an_unknown_key_has_the_key_set_fetched_but_not_every_time() -> None:
    keys = Keys()
    async with upstreams("keys") as at, aiohttp.ClientSession() as session:
        at["keys"].reply = keys.reply
        url = f"http://127.0.0.1:{at['keys'].port}/jwks.json"
        authorizer = Authorizer(Jwt.model_validate(LOGIN), session=session, where=lambda: url)
        tokens = [SIGNER.token(), *(SIGNER.token(kid=f"forged-{n}") for n in range(20))]
        requests = [AuthRequest({"authorization": f"Bearer {token}"}) for token in tokens]
        outcomes = [(await authorizer.decide(request)).outcome for request in requests]
        assert outcomes == ["allow", *["deny"] * 20]
        assert keys.fetched == 1


async def test_a_user_keeps_his_side_with_any_of_his_tokens(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        client = w.edge.client()
        tokens = {f"user-{n}": SIGNER.token(sub=f"user-{n}") for n in range(60)}
        there: set[str] = set()
        for share in (0, 10, 50, 90, 100):
            await w.edge.split(cards=Split(reads_new=share))
            now = set()
            for user, token in tokens.items():
                again = SIGNER.token("ES256", sub=user)
                sides = {
                    (await client.ask("/cards", authorization=f"Bearer {shown}")).text
                    for shown in (token, again)
                }
                assert len(sides) == 1
                now |= {user} if sides == {"p/s"} else set()
            assert there <= now
            there = now
        assert len(there) == len(tokens)


async def test_the_answers_of_a_busy_door_stay_right(tmp_path: Path) -> None:
    async with world(tmp_path) as w:
        tokens = [SIGNER.token(sub=f"user-{n}") for n in range(20)]
        w.monolith.reply = lambda seen: (200, {}, seen.headers["x-matapalo-user"].encode())

        async def own(number: int) -> None:
            client = w.edge.client()
            for _ in range(20):
                answer = await client.ask("/x", authorization=f"Bearer {tokens[number]}")
                assert answer.text == f"user-{number}"

        await asyncio.gather(*map(own, range(20)))
