"""Requests through what was applied: CloudFront, API, authorizer, function and monolith, for real.

The emulator has data planes of CloudFront, API Gateway and Lambda; the authorizer's code is the
packed one. It does not write headers over, as API Gateway is told to: that stays with the plan.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from matapalo.cloud.packaging.build import _own
from matapalo.cloud.packaging.zips import zipped
from tests.cloud.conftest import REPOSITORY
from tests.cloud.front import KNOWN, Front
from tests.cloud.terraform import Emulators, Terraform, prepared
from tests.cloud.web import answering

FUNCTION = """
import json

def handle(event, context):
    who = event["requestContext"].get("authorizer", {}).get("lambda", {})
    said = {"by": "function", "path": event["rawPath"], "who": who}
    return {"statusCode": 200, "body": json.dumps(said)}
"""

KEY = "arn:aws:kms:us-east-1:000000000000:key/1"
TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms"

ROOT = """
provider "aws" {{
  region = "us-east-1"
}}

provider "aws" {{
  alias  = "us_east_1"
  region = "us-east-1"
}}

module "function" {{
  source              = "../../modules/function"
  name                = "limits"
  package             = "{folder}/function.zip"
  handler             = "code.handle"
  concurrency         = 5
  environment_key_arn = "{key}"
  queue_key_arn       = "{key}"
  logs_key_arn        = "{key}"
  alarm_topic_arn     = "{topic}"
}}

module "authorizer" {{
  source          = "../../modules/authorizer"
  name            = "authorizer"
  package         = "{folder}/authorizer.zip"
  architecture    = "x86_64"
  login = jsonencode({{
    kind   = "session"
    cookie = "sid"
    url    = "{url}/session"
    cache  = 5
  }})
  public          = jsonencode([{{ path = "/open" }}])
  optional        = jsonencode([{{ path = "/known" }}])
  door            = "word"
  secrets_key_arn = "{key}"
  logs_key_arn    = "{key}"
  alarm_topic_arn = "{topic}"
}}

variable "limits" {{
  type    = string
  default = "monolith"
}}

module "api" {{
  source = "../../modules/api"
  name   = "wallet"
  targets = {{
    monolith = {{ kind = "http", url = "{url}" }}
    limits = {{
      kind          = "function"
      invoke_arn    = module.function.invoke_arn
      function_name = module.function.name
      qualifier     = "live"
    }}
  }}
  routes = {{
    "$default"                = {{ target = "monolith" }}
    "ANY /open"               = {{ target = "monolith", login = "public" }}
    "ANY /open/{{proxy+}}"      = {{ target = "monolith", login = "public" }}
    "ANY /known"              = {{ target = "monolith", login = "optional" }}
    "GET /api/limits"         = {{ target = var.limits }}
    "GET /api/limits/{{proxy+}}" = {{ target = var.limits }}
  }}
  authorizer = {{
    function_name = module.authorizer.name
    invoke_arn    = module.authorizer.invoke_arn
    sources       = ["$request.header.Cookie"]
    keep          = 2
  }}
  logs_key_arn    = "{key}"
  alarm_topic_arn = "{topic}"
}}

module "front" {{
  source = "../../modules/front"
  providers = {{
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }}
  name         = "wallet"
  api_domain   = "api.example.com"
  door         = "word"
  firewall_arn = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/wallet/1"
  key_arn      = "{key}"
  access_logs  = false
}}

output "id" {{
  value = module.api.id
}}

output "front" {{
  value = {{ id = module.front.id, domain = module.front.domain }}
}}
"""


@pytest.fixture
def monolith() -> Iterator[str]:
    """Where a monolith answers with what it was asked; it knows whose the session `good` is."""
    with answering(_said) as url:
        yield url


def _said(path: str, headers: Mapping[str, str]) -> tuple[int, object]:
    if path == "/session":
        return 200 if headers.get("cookie") == "sid=good" else 401, {"user": "ana"}
    return 200, {"by": "monolith", "path": path, "headers": dict(headers)}


class Api:
    """The API, as CloudFront reaches it; a session is shown by a cookie."""

    def __init__(self, emulators: Emulators, api: str) -> None:
        self.id = api
        self.base = f"{emulators.ministack}/_aws/execute-api/{api}/$default"

    def ask(self, path: str, session: str = "", door: str = "word") -> tuple[int, Any]:
        headers = {"x-matapalo-door": door} if door else {}
        headers |= {"cookie": f"sid={session}"} if session else {}
        headers["x-matapalo-user"] = "mallory"
        request = urllib.request.Request(self.base + path + KNOWN, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.mark.soak
def test_requests_go_through_api_authorizer_and_function(
    aws: Path, terraform: Terraform, emulators: Emulators, monolith: str, tmp_path: Path
) -> None:
    (tmp_path / "authorizer.zip").write_bytes(zipped(_own()))
    (tmp_path / "function.zip").write_bytes(zipped({"code.py": FUNCTION.encode()}))
    folder = aws / "roots/try"
    folder.mkdir()
    text = ROOT.format(folder=tmp_path, url=monolith, key=KEY, topic=TOPIC)
    (folder / "main.tf").write_text(text)
    for name in ("api", "authorizer", "front", "function"):
        assert (aws / "modules" / name).is_dir(), REPOSITORY
    root = prepared(terraform, aws, "try", emulators, only="ministack")
    assert _written_over(root.plan()) == {
        "monolith": "$context.authorizer.user",
        "monolith public": None,
    }
    root.apply()
    api = Api(emulators, root.outputs()["id"])

    status, said = api.ask("/api/limits", "good")
    assert status == 200, said
    assert said["by"] == "monolith"
    assert api.ask("/api/limits", "bad")[0] == 403
    assert api.ask("/api/limits")[0] == 401
    assert api.ask("/api/limits", "good", door="")[0] == 401
    assert api.ask("/api/limits", "good", door="guess")[0] == 403

    status, said = api.ask("/open/x")
    assert (status, said["by"]) == (200, "monolith")
    assert api.ask("/open/x", door="")[0] == 401
    assert api.ask("/known")[0] == 200
    assert api.ask("/known", "bad")[0] == 403

    root.plan(limits="limits")
    root.apply()
    status, said = api.ask("/api/limits/7", "good")
    assert (status, said["by"], said["path"]) == (200, "function", "/api/limits/7")
    assert said["who"]["user"] == "ana"
    assert api.ask("/api/accounts", "good")[1]["by"] == "monolith"

    front = Front(emulators, **root.outputs()["front"])
    front.lead(emulators.ministack, below=f"/_aws/execute-api/{api.id}/$default")
    answer = front.ask("/api/limits/7", cookie="sid=good", x_matapalo_door="guess")
    assert answer.status == 200, answer.body
    said = json.loads(answer.body)
    assert (said["by"], said["path"], said["who"]["user"]) == ("function", "/api/limits/7", "ana")
    assert front.ask("/api/limits/7").status == 401
    assert json.loads(front.ask("/open/x").body)["by"] == "monolith"

    # Back: API Gateway keeps an integration that a route has, so routes leave it first.
    root.plan()
    did = root.terraform(root.folder, "apply", "-input=false", "-no-color", "plan")
    left = did.rindex('aws_apigatewayv2_route.this["GET /api/limits"]: Modifications complete')
    gone = did.index('aws_apigatewayv2_integration.this["limits"]: Destroying')
    assert left < gone
    assert api.ask("/api/limits", "good")[1]["by"] == "monolith"


def _written_over(plan: dict[str, Any]) -> dict[str, str | None]:
    """Return what integrations over HTTP write over the header that names the user."""
    told = {
        change["change"]["after"]["description"]: change["change"]["after"]["request_parameters"]
        for change in plan["resource_changes"]
        if change["type"] == "aws_apigatewayv2_integration"
    }
    found = {name: it.get("overwrite:header.x-matapalo-user") for name, it in told.items() if it}
    assert all(found[n] or "remove:header.x-matapalo-user" in it for n, it in told.items() if it)
    return found
