"""Envoy's choice against a plain reading of the rule: the longest path that names the method."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matapalo.blueprint import Blueprint, Route
from matapalo.blueprint.claims import lookup, table
from matapalo.edge import Split
from tests.edge.world import Client, a_blueprint, edge, upstreams
from tests.support import eventually, examples

METHODS = ("GET", "HEAD", "POST", "DELETE", "PROPFIND")
NAMES = ("monolith", "p/a", "p/b", "p/c")

segments = st.sampled_from(["a", "b", "ab", "a-b", "a.b"])
paths = st.lists(segments, max_size=3).map(lambda found: "/" + "/".join(found))
methods = st.sets(st.sampled_from(["GET", "POST", "DELETE"]), max_size=2).map(sorted)
routes = st.lists(
    st.builds(lambda path, methods: {"path": path, "methods": methods}, paths, methods), max_size=4
)
blueprints = st.builds(
    lambda own, one, two, monolith: {
        "monolith": {"url": "http://x", "routes": monolith},
        "products": {
            "p": {
                "services": {
                    "a": {"url": "http://x", "routes": own},
                    "b": {"url": "http://x"},
                    "c": {"url": "http://x"},
                }
            }
        },
        "slices": {"one": {"to": "p/b", "routes": one}, "two": {"to": "p/c", "routes": two}},
    },
    routes,
    routes,
    routes,
    routes,
)
requests = st.lists(st.tuples(st.sampled_from(METHODS), paths), min_size=5, max_size=15)


def owner(blueprint: Blueprint, method: str, path: str) -> str:
    """Say who answers when both slices are moved, by trying every claim."""
    claims = [
        *((route, "p/b") for route in blueprint.slices["one"].routes),
        *((route, "p/c") for route in blueprint.slices["two"].routes),
        *((route, "p/a") for route in blueprint.services()["p/a"].routes),
        *((route, "monolith") for route in blueprint.monolith.routes),
        (Route(path="/"), "monolith"),
    ]
    fitting = [(route, who) for route, who in claims if fits(route, method, path)]
    return max(fitting, key=lambda claim: len(claim[0].path))[1]


def fits(route: Route, method: str, path: str) -> bool:
    below = route.path in ("/", path) or path.startswith(route.path + "/")
    return below and (not route.methods or method in route.methods)


async def named(client: Client, method: str, path: str) -> str:
    """Return who answers, once every worker knows a cluster that is new with the blueprint."""

    async def answered() -> str:
        answer = await client.ask(path, method)
        assert answer.status == HTTPStatus.OK, (method, path, answer)
        return answer.headers["x-name"]

    return await eventually(answered)


@pytest.mark.hypothesis
def test_envoy_chooses_as_the_rule_says(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        at = runner.run(stack.enter_async_context(upstreams(*NAMES)))
        for upstream in at.values():
            name = upstream.name
            upstream.reply = lambda _, name=name: (200, {"x-name": name}, b"")
        running = runner.run(stack.enter_async_context(edge(blueprint_of([]), at, tmp_path)))

        async def chosen(blueprint: Blueprint, asked: list[tuple[str, str]]) -> list[str]:
            now = replace(running, blueprint=blueprint)
            both = Split(reads_new=100, writes_new=True)
            await now.split(one=both, two=both)
            client = now.client()
            try:
                return [await named(client, method, path) for method, path in asked]
            finally:
                client.close()

        @given(parts=blueprints, asked=requests)
        @settings(
            max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
        def check(parts: dict[str, Any], asked: list[tuple[str, str]]) -> None:
            blueprint = a_blueprint(**parts)
            right = [owner(blueprint, method, path) for method, path in asked]
            assert runner.run(chosen(blueprint, asked)) == right

        try:
            check()
        finally:
            runner.run(stack.aclose())


def blueprint_of(routes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "products": {
            "p": {
                "services": {
                    name: {"url": "http://x", "routes": routes} for name in ("a", "b", "c")
                }
            }
        },
        "slices": {"one": {"to": "p/b", "routes": []}, "two": {"to": "p/c", "routes": []}},
    }


OWNERS = {"slice one": "p/b", "slice two": "p/c", "product p/a": "p/a", "monolith ": "monolith"}


@given(parts=blueprints, asked=requests)
def test_the_table_says_what_the_rule_says(
    parts: dict[str, Any], asked: list[tuple[str, str]]
) -> None:
    blueprint = a_blueprint(**parts)
    rows = table(blueprint)
    for method, path in asked:
        found = lookup(rows, path, method).owner
        assert OWNERS[f"{found.kind} {found.name}"] == owner(blueprint, method, path)


def test_a_thousand_routes_make_a_thousand_short_lists() -> None:
    many = [{"path": f"/api/{n}"} for n in range(1000)]
    rows = table(a_blueprint(**blueprint_of(many)))
    assert len(rows) == 1001
