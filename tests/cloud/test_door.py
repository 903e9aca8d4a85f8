"""Where requests go on AWS: by the table of paths that the edge has, and by a slice's stage."""

import json
from pathlib import Path

import pytest

from matapalo.blueprint import load
from matapalo.blueprint.claims import MONOLITH, SITE, lookup, table
from matapalo.cloud import System
from matapalo.cloud.roots import door, inside, paths, proof, stages, told, ways
from tests.cloud.conftest import WALLET, system_from
from tests.cloud.given import EVERYTHING, everything

METHODS = ("GET", "HEAD", "POST", "DELETE")


def taken(routes: dict[str, paths.Answered], method: str, path: str) -> paths.Answered:
    """Return what API Gateway takes: the path itself, else the longest above it; its method first.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
    """
    above, rest = path.rstrip("/"), []
    while above:
        rest.append(above)
        above = above.rpartition("/")[0]
    keys = [path, *(f"{each}/{{proxy+}}" for each in rest if each != path), "/{proxy+}"]
    for key in keys:
        for verb in (method, "ANY"):
            if f"{verb} {key}" in routes:
                return routes[f"{verb} {key}"]
    return routes["$default"]


@pytest.mark.parametrize("file", [WALLET, EVERYTHING])
@pytest.mark.parametrize("environment", ["dev", "prod"])
def test_api_gateway_takes_every_request_where_the_edge_would(file: Path, environment: str) -> None:
    blueprint = load(file, environment, environ={})
    routes, rows = paths.routes(blueprint), table(blueprint)
    for path in rows:
        for below in ("", "/7", "/7/deep"):
            asked = f"{path.rstrip('/')}{below}" or "/"
            for method in METHODS:
                ground = lookup(rows, asked, method)
                expected = MONOLITH if ground.owner == SITE else ground.owner
                found = taken(routes, method, asked)
                assert found.owner == expected, (method, asked)
                assert found.login == paths.LOGINS[ground.access], (method, asked)


def test_a_stage_is_one_line(wallet: System) -> None:
    prod = wallet.scenes[-1]
    text = door.render(wallet, prod)["roots/prod/door/stages.tf"]
    assert 'local.answers["payments"][lookup(var.stages, "payments", "monolith")]' in text
    assert 'settled  = "payments/pay"' in text
    assert 'moving   = "edge"' in text


def test_what_is_closed_goes_to_the_edge_which_knows_nobody_there(wallet: System) -> None:
    routes = paths.routes(wallet.blueprint)
    closed = routes["ANY /internal/{proxy+}"].owner
    assert ways.straight(wallet.first, closed) == ways.EDGE


def test_the_monolith_goes_by_the_edge_where_only_another_network_knows_its_name() -> None:
    kinds: dict[str, str] = {}
    for system in (system_from(WALLET), everything()):
        kinds |= {
            f"{s.blueprint.name}/{s.environment}": ways.monolith_kind(s) for s in system.scenes
        }
    assert kinds == {
        "wallet/dev": "http",
        "wallet/prod": "balancer",
        "everything/dev": "edge",
        "everything/prod": "edge",
    }


def test_every_target_of_a_route_is_one_that_can_answer(wallet: System) -> None:
    for scene in wallet.scenes:
        targets = ways.targets(scene, stages.targets(scene))
        named = {ways.straight(scene, it.owner) for it in paths.routes(scene.blueprint).values()}
        assert named <= set(targets)


def test_an_answer_is_used_again_no_longer_than_the_blueprint_says(wallet: System) -> None:
    security = wallet.blueprint.security
    assert security is not None
    told = json.loads(proof.login(wallet.first, security))
    assert told["cache"] + proof.kept(security) == security.login.cache
    assert "client_secret" not in told


def test_the_security_system_is_asked_no_longer_than_api_gateway_waits(wallet: System) -> None:
    security = wallet.blueprint.security
    assert security is not None
    for wanted, is_told in ((3.0, 3.0), (60.0, 8.0)):
        login = security.login.model_copy(update={"timeout": wanted})
        changed = security.model_copy(update={"login": login})
        assert json.loads(proof.login(wallet.first, changed))["timeout"] == is_told


def test_a_function_calls_services_by_names_that_lead_to_the_load_balancer() -> None:
    scene = next(it for it in everything().scenes if it.environment == "prod")
    told_it = told.told_to_function(scene, "goods", scene.targets.functions["goods/shrink"])
    listens = inside.listens(scene)
    assert isinstance(listens, dict)
    port, hosts = listens["port"], listens["hosts"]
    assert isinstance(hosts, dict)
    # Code knows a service by its name now, wherever that answers.
    assert told_it["SEARCH_URL"] == f"http://{hosts['goods/find']}:{port}"
    assert told_it["PLACE_URL"] == f"http://{hosts['orders/place']}:{port}"
    behind = ways.behind_balancer(scene, stages.targets(scene), stages.pods(scene))
    assert {*hosts} <= {*behind} & stages.pods(scene)


def test_no_load_balancer_listens_for_functions_that_call_no_service(wallet: System) -> None:
    assert inside.listens(wallet.first) is None


def test_a_person_is_told_what_proves_the_names_of_certificates_that_are_made(
    wallet: System,
) -> None:
    told = {}
    for scene in (wallet.scenes[-1], everything().scenes[-1]):
        tree = door.render(wallet, scene)
        told[scene.blueprint.name] = "certificate_records" in tree["roots/prod/door/outputs.tf"]
    assert told == {"wallet": True, "everything": False}
