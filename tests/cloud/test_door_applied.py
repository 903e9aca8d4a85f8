"""The door of production, as rendered: applied, and then the site is delivered and asked for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud import Scene, System, render
from matapalo.cloud.packaging.build import _own
from matapalo.cloud.packaging.zips import zipped
from matapalo.cloud.writing import write
from tests.cloud import given, policies
from tests.cloud.conftest import WALLET
from tests.cloud.drift import drift
from tests.cloud.front import MISSING, Front, upload
from tests.cloud.terraform import Emulators, Root, Terraform, changes, prepared

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]

SECURED = {
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "base-uri 'self'; frame-ancestors 'none'; object-src 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


@pytest.fixture
def root(wallet: System, terraform: Terraform, emulators: Emulators, tmp_path: Path) -> Root:
    """It, ready to be planned; the roots before it have told what they tell."""
    prod = next(each for each in wallet.scenes if each.environment == "prod")
    out = tmp_path / "aws"
    write(out, render(wallet))
    given.over_http(out)
    (out / "packages").mkdir()
    (out / "packages/authorizer.zip").write_bytes(zipped(_own()))
    told = _told(prod, emulators)
    return prepared(terraform, out, "prod/door", emulators, remote=told)


def test_the_door_is_made_and_stays_as_it_is_and_the_site_comes_through_it(
    root: Root, emulators: Emulators
) -> None:
    root.plan()
    root.apply()
    assert drift(root.plan()) == []
    assert policies.faults(root) == []

    # A slice is moved by its routes, and by nothing else.
    plan = root.plan(stages={"statements": "settled"})
    moved = {at: it for at, it in changes(plan).items() if at.startswith("module.api.aws_apig")}
    assert len(drift(plan)) == len(moved)
    assert moved == {
        'module.api.aws_apigatewayv2_integration.this["accounts/statements"]': ("create",),
        **{
            f'module.api.aws_apigatewayv2_route.this["{verb} /api/statements{below}"]': ("update",)
            for verb in ("GET", "POST")
            for below in ("", "/{proxy+}")
        },
    }

    told = root.outputs()
    front = Front(emulators, told["front_id"], told["front_domain"])
    site = WALLET.parent / "site"
    upload(root.folder.parents[2], emulators, str(site), told["site_bucket"], "/app", front.id)
    assert front.invalidated() == ["/app/*"]

    page = front.ask("/app/")
    assert (page.status, page.body) == (200, (site / "index.html").read_bytes())
    assert page.headers["content-type"] == "text/html"
    assert page.headers["cache-control"] == "no-cache"
    assert SECURED.items() <= page.headers.items()
    script = front.ask("/app/app.js")
    assert (script.status, script.body) == (200, (site / "app.js").read_bytes())
    assert script.headers["cache-control"] == "public, max-age=300"
    assert SECURED.items() <= script.headers.items()

    assert front.ask("/app/nothing.js").status == MISSING
    assert front.ask("/app/", "POST").status == 403
    plain = front.ask("/app/", secure=False)
    assert plain.status == 301
    assert plain.headers["location"].startswith(f"https://{front.domain}/app/")


def _told(prod: Scene, emulators: Emulators) -> Mapping[str, Mapping[str, object]]:
    network = given.network(prod, emulators.moto)
    groups: Any = network["security_group_ids"]
    platform = given.platform(prod, emulators.ministack)
    return {
        "prod/network": network | {"cidr": "10.0.0.0/16"},
        "prod/platform": platform | {"cluster_security_group_id": groups["cluster"]},
        "prod/products/payments": _payments(prod, emulators),
    }


def _payments(prod: Scene, emulators: Emulators) -> Mapping[str, object]:
    """Make the function that `payments` has, and return what is told of it."""
    arn = given.function_arn(prod, "payments", "limits")
    given.make_function(arn, "def handle(event, context): ...\n", emulators.ministack)
    path = f"arn:aws:apigateway:{prod.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {
        "function_names": {"limits": arn.split(":")[6]},
        "function_invoke_arns": {"limits": path},
    }
