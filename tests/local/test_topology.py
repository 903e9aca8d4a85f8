import json
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from matapalo.blueprint import Blueprint
from matapalo.edge.endpoints import Endpoint, Endpoints
from matapalo.errors import StartFailed
from matapalo.local.home import Home
from matapalo.local.identity import MARK
from matapalo.local.order import stops_after
from matapalo.local.secrets import Secrets
from matapalo.local.spec import NewDatabase, PrivateFile, ProcessSpec
from matapalo.local.topology import (
    Scene,
    endpoints_of,
    fixed_ports,
    plan,
    port_names,
    secret_names,
    successors,
)

SHOP: dict[str, Any] = {
    "name": "shop",
    "monolith": {
        "run": {"command": ["python", "-m", "shop"], "prepare": ["python", "-m", "shop", "seed"]},
        "health": "/well",
        "database": {"name": "shop"},
    },
    "security": {
        "login": {
            "kind": "introspection",
            "client_id": "edge",
            "client_secret": {"secret": "login"},
        }
    },
    "secrets": {"login": {}, "api-key": {}},
    "site": {"folder": "site", "path": "/app"},
    "products": {
        "billing": {
            "services": {
                "invoices": {
                    "run": {
                        "command": ["./run"],
                        "folder": "invoices",
                        "env": {"API_KEY": {"secret": "api-key"}},
                    },
                    "uses": ["monolith", "billing/tax-rates", "billing/abroad"],
                },
                "mail": {"run": {"command": ["./mail"]}, "port": 9999, "uses": ["monolith"]},
                "abroad": {"url": "https://abroad.example"},
            },
            "functions": {
                "tax-rates": {
                    "code": "tax",
                    "handler": "tax.handle",
                    "env": {"RATE": "19", "KEY": {"secret": "api-key"}},
                    "uses": ["monolith"],
                }
            },
        }
    },
}


def scene(blueprint: dict[str, Any] | None = None) -> Scene:
    b = Blueprint.model_validate(blueprint or SHOP)
    names = port_names(b)
    return Scene(
        blueprint=b,
        file=Path("/shop/matapalo.yaml"),
        environment="local",
        home=Home(Path("/shop/.matapalo")),
        ports={name: 20_000 + n for n, name in enumerate(names)} | fixed_ports(b),
        secrets=Secrets({name: f"<{name}>" for name in secret_names(b)}),
        host=(("PATH", "/bin"),),
    )


def specs(blueprint: dict[str, Any] | None = None) -> dict[str, ProcessSpec]:
    return {spec.name: spec for spec in plan(scene(blueprint))}


def env(spec: ProcessSpec) -> dict[str, str]:
    return dict(spec.command.env)


def test_a_full_blueprint_takes_every_process() -> None:
    assert set(specs()) == {
        "ledger", "aws", "monolith-db", "monolith", "authorizer", "conductor",
        "billing/invoices", "billing/mail", "billing/tax-rates", "edge",
    }  # fmt: skip


def test_a_monolith_that_runs_elsewhere_takes_three() -> None:
    small = {"name": "shop", "monolith": {"url": "http://127.0.0.1:8000"}}
    assert set(specs(small)) == {"ledger", "conductor", "edge"}


def test_tokens_that_envoy_checks_itself_take_no_authorizer() -> None:
    login = {"kind": "jwt", "issuer": "https://id.example", "path": "/keys"}
    assert "authorizer" not in specs({**SHOP, "security": {"login": login}})


def moving() -> dict[str, Any]:
    """The shop, with a slice that has routes and tables."""
    billing = SHOP["products"]["billing"]
    invoices = {**billing["services"]["invoices"], "uses": ["monolith", "book"]}
    services = {**billing["services"], "invoices": invoices}
    stores = {"book": {"kind": "aurora", "database": "books"}, "idle": {"kind": "aurora"}}
    piece = {
        "to": "billing/invoices",
        "routes": ["GET,POST /api/invoices"],
        "tables": ["invoices", {"name": "lines", "to": "app.lines"}],
    }
    products = {"billing": {**billing, "services": services, "stores": stores}}
    return {**SHOP, "products": products, "slices": {"invoices": piece}}


def test_a_slice_with_tables_takes_a_process_each_way_and_one_that_compares() -> None:
    took = specs(moving())
    assert set(took) - set(specs()) == {
        "stream.invoices.forward", "stream.invoices.reverse", "comparison",
    }  # fmt: skip
    assert "--reverse" in took["stream.invoices.reverse"].command.words
    assert "--reverse" not in took["stream.invoices.forward"].command.words
    for way in ("forward", "reverse"):
        spec = took[f"stream.invoices.{way}"]
        assert spec.port == 0
        assert spec.after == {"ledger", "monolith-db"}
    assert "--databases" in took["conductor"].command.words
    assert "--databases" not in specs()["conductor"].command.words
    told = Endpoints.model_validate(endpoints_of(scene(moving()))).at
    assert told["comparison"][0].port == scene(moving()).ports["comparison"]


def test_streams_reach_databases_as_their_administrator_by_a_private_file() -> None:
    the = scene(moving())
    (file,) = specs(moving())["stream.invoices.forward"].before
    assert isinstance(file, PrivateFile)
    assert file.path == the.home.databases
    assert specs(moving())["conductor"].before == (file,)
    ledger, monolith = the.ports["ledger"], the.ports["monolith-db"]
    assert json.loads(file.text) == {
        "monolith": f"postgresql://postgres:<local/monolith-db>@127.0.0.1:{monolith}/shop",
        "stores": {
            "billing/book": f"postgresql://postgres:<local/ledger>@127.0.0.1:{ledger}/books"
        },
    }


def test_a_monolith_elsewhere_is_reached_with_its_password() -> None:
    database = {
        "name": "shop",
        "url": "postgresql://matapalo@db.example:6543/shop",
        "password": {"secret": "api-key"},
    }
    b = {**moving(), "monolith": {**SHOP["monolith"], "database": database}}
    (file,) = specs(b)["stream.invoices.forward"].before
    assert isinstance(file, PrivateFile)
    found = conninfo_to_dict(json.loads(file.text)["monolith"])
    assert (found["host"], found["port"], found["user"], found["password"]) == (
        "db.example", "6543", "matapalo", "<api-key>",
    )  # fmt: skip


def test_a_store_that_is_used_has_a_database_and_a_role_of_its_own() -> None:
    made = [one for one in specs(moving())["ledger"].then if isinstance(one, NewDatabase)]
    assert [(one.name, one.role, one.shared) for one in made] == [
        ("matapalo", "matapalo", ()),
        ("books", "billing_book", ("app", "public")),
    ]
    port = scene(moving()).ports["ledger"]
    told = env(specs(moving())["billing/invoices"])
    assert told["BOOK_URL"] == (
        f"postgresql://billing_book:<local/billing/book>@127.0.0.1:{port}/books"
    )
    assert "ledger" in specs(moving())["billing/invoices"].after
    assert "BOOK_URL" not in env(specs()["billing/invoices"])


def test_stores_whose_databases_have_one_name_do_not_share_one() -> None:
    b = moving()
    stores = {"book": {"kind": "aurora", "database": "matapalo"}}
    billing = {**b["products"]["billing"], "stores": stores}
    made = specs({**b, "products": {"billing": billing}})["ledger"].then
    assert [one.name for one in made if isinstance(one, NewDatabase)] == [
        "matapalo", "billing_book",
    ]  # fmt: skip


def test_each_is_planned_after_those_that_it_starts_after() -> None:
    seen: set[str] = set()
    for spec in plan(scene()):
        assert spec.after <= seen
        seen.add(spec.name)


def test_the_door_ends_first_and_databases_last() -> None:
    order = stops_after(plan(scene()))
    assert order["edge"] == frozenset()
    assert all("edge" in others for name, others in order.items() if name != "edge")
    assert "monolith" in order["monolith-db"]
    assert "billing/invoices" in order["monolith"]
    assert "conductor" in order["ledger"]


def test_a_run_is_told_where_to_listen_and_where_those_are_that_it_uses() -> None:
    told = env(specs()["billing/invoices"])
    ports = scene().ports
    assert told["PORT"] == str(ports["billing/invoices"])
    assert told["MONOLITH_URL"] == f"http://127.0.0.1:{ports['monolith']}"
    assert told["TAX_RATES_URL"] == f"http://127.0.0.1:{ports['billing/tax-rates']}"
    assert told["ABROAD_URL"] == "https://abroad.example"
    assert told["API_KEY"] == "<api-key>"
    assert told["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{ports['aws']}"
    assert told["AWS_REGION"] == told["AWS_DEFAULT_REGION"] == "us-east-1"
    assert told["AWS_ACCESS_KEY_ID"] == "<local/aws-id>"
    assert told["AWS_SECRET_ACCESS_KEY"] == "<local/aws>"
    assert "DATABASE_URL" not in told


def test_the_monolith_is_told_its_database() -> None:
    port = scene().ports["monolith-db"]
    url = f"postgresql://monolith:<local/monolith>@127.0.0.1:{port}/shop"
    assert env(specs()["monolith"])["DATABASE_URL"] == url
    elsewhere = {**SHOP["monolith"], "database": {"name": "shop", "url": "postgresql://db/shop"}}
    there = specs({**SHOP, "monolith": elsewhere})
    assert env(there["monolith"])["DATABASE_URL"] == "postgresql://db/shop"
    assert "monolith-db" not in there


def test_a_database_of_a_kind_that_we_have_not_is_refused() -> None:
    other = {**SHOP["monolith"], "database": {"name": "shop", "engine": "mysql"}}
    with pytest.raises(StartFailed, match="no mysql server"):
        plan(scene({**SHOP, "monolith": other}))


def test_a_preparation_runs_before_every_start_with_the_same_environment() -> None:
    spec = specs()["monolith"]
    (prepare,) = spec.before
    assert prepare.words[1:] == ("-m", "shop", "seed")  # type: ignore[union-attr]
    assert prepare.env == spec.command.env  # type: ignore[union-attr]


def test_a_function_has_its_own_environment_in_a_private_file_and_the_host_has_not() -> None:
    spec = specs()["billing/tax-rates"]
    (file,) = spec.before
    assert isinstance(file, PrivateFile)
    own = json.loads(file.text)
    assert own["RATE"] == "19"
    assert own["KEY"] == "<api-key>"
    assert own["MONOLITH_URL"].startswith("http://127.0.0.1:")
    assert "PORT" not in own
    assert "PATH" not in own
    assert "KEY" not in env(spec)
    assert str(file.path) in spec.command.words


def test_every_process_carries_the_mark_and_nothing_secret_as_an_argument() -> None:
    for spec in plan(scene(moving())):
        assert env(spec)[MARK] == "/shop/.matapalo"
        assert not any("<" in word for word in spec.command.words)
        shown = repr(spec)
        assert not any(f"<{name}>" in shown for name in secret_names(scene().blueprint))


def test_health_is_asked_where_the_blueprint_says() -> None:
    ports = scene().ports
    health = specs()["monolith"].health
    assert getattr(health, "url", "") == f"http://127.0.0.1:{ports['monolith']}/well"


def test_the_edge_understands_the_endpoints() -> None:
    ports = scene().ports
    at = Endpoints.model_validate(endpoints_of(scene())).at
    assert at["monolith"] == (Endpoint(host="127.0.0.1", port=ports["monolith"]),)
    assert at["site"] == (Endpoint(host="127.0.0.1", port=ports["aws"]),)
    assert at["billing/abroad"] == (Endpoint.from_url("https://abroad.example"),)
    assert set(at) == {
        "monolith", "site", "authorizer",
        "billing/invoices", "billing/mail", "billing/tax-rates", "billing/abroad",
    }  # fmt: skip
    assert Endpoints.model_validate(endpoints_of(scene())).site_prefix == "/shop-site"


@pytest.mark.parametrize(
    "url",
    ["http://10.0.0.1", "http://[::1]:81", "https://x.example/base", "https://x.example:8443"],
)
def test_a_url_means_the_same_to_the_edge(url: str) -> None:
    told = endpoints_of(scene({"name": "shop", "monolith": {"url": url}}))
    assert Endpoints.model_validate(told).at["monolith"] == (Endpoint.from_url(url),)


def test_whoever_was_told_the_old_port_moves_along() -> None:
    the = scene()
    spares = {name: 30_000 + n for n, name in enumerate(the.ports)}
    moved = [spec.name for spec in successors(the, spares, "monolith")]
    assert moved == ["monolith", "billing/invoices", "billing/mail", "billing/tax-rates"]
    told = {spec.name: spec for spec in successors(the, spares, "monolith")}
    new = f"http://127.0.0.1:{spares['monolith']}"
    assert env(told["billing/invoices"])["MONOLITH_URL"] == new
    # The function moved too, for the monolith's sake, and who uses it is told so.
    tax = f"http://127.0.0.1:{spares['billing/tax-rates']}"
    assert env(told["billing/invoices"])["TAX_RATES_URL"] == tax
    # One with a named port stays at it, and is told of the move all the same.
    assert told["billing/mail"].port == 9999
    assert env(told["billing/mail"])["MONOLITH_URL"] == new


def test_whom_nobody_uses_moves_alone() -> None:
    the = scene()
    spares = {name: 30_000 + n for n, name in enumerate(the.ports)}
    assert [spec.name for spec in successors(the, spares, "billing/invoices")] == [
        "billing/invoices"
    ]


def test_a_service_with_a_named_port_cannot_stand_beside_itself() -> None:
    assert not specs()["billing/mail"].rolls
    assert specs()["billing/mail"].port == 9999
