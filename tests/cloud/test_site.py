"""The site through CloudFront as it was applied, and what becomes there of a request to the API."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud import given
from tests.cloud.front import MISSING, Front, upload
from tests.cloud.terraform import Emulators, Terraform, prepared
from tests.cloud.web import answering

pytestmark = [pytest.mark.timeout(600), pytest.mark.soak]

ROOT = """
provider "aws" {{
  region = "us-east-1"
}}

provider "aws" {{
  alias  = "us_east_1"
  region = "us-east-1"
}}

module "front" {{
  source = "../../modules/front"
  providers = {{
    aws           = aws
    aws.us_east_1 = aws.us_east_1
  }}
  name         = "try"
  site         = {{ bucket = "try-site", path = "{path}", spa = {spa} }}
  api_domain   = "api.example.com"
  api_paths    = ["/api"]
  door         = "word"
  firewall_arn = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/try/1"
  key_arn      = "{key}"
  access_logs  = false
  protected    = false
}}

output "id" {{
  value = module.front.id
}}

output "domain" {{
  value = module.front.domain
}}
"""

FILES = {
    "index.html": "the index",
    "help/index.html": "how it works",
    "app.3f9c2a1b.js": "run()",
    "robots.txt": "all",
}


@pytest.fixture
def api() -> Iterator[str]:
    """Where something stands for the API, and answers with the headers that it was asked with."""
    with answering(lambda _, headers: (200, dict(headers))) as url:
        yield url


def applied(
    aws: Path, terraform: Terraform, emulators: Emulators, *, path: str, spa: bool
) -> Front:
    """Make a distribution with a site, and put the site's files there."""
    given.over_http(aws)
    folder, site = aws / "roots/try", aws / "site"
    folder.mkdir()
    key = given.client("kms", emulators.ministack).create_key()["KeyMetadata"]["Arn"]
    (folder / "main.tf").write_text(ROOT.format(path=path, spa=json.dumps(spa), key=key))
    for name, text in FILES.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    root = prepared(terraform, aws, "try", emulators, only="ministack")
    root.plan()
    root.apply()
    told = root.outputs()
    upload(aws, emulators, str(site), "try-site", path, told["id"])
    return Front(emulators, told["id"], told["domain"])


def test_a_site_at_the_root_answers_its_index_wherever_the_page_has_a_router_of_its_own(
    aws: Path, terraform: Terraform, emulators: Emulators, api: str
) -> None:
    front = applied(aws, terraform, emulators, path="/", spa=True)
    for path in ("/", "/accounts", "/accounts/7", "/help/"):
        assert (front.ask(path).status, front.ask(path).body) == (200, b"the index"), path
    assert front.ask("/index.html").headers["cache-control"] == "no-cache"
    hashed = front.ask("/app.3f9c2a1b.js")
    assert hashed.body == b"run()"
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert front.ask("/robots.txt").headers["cache-control"] == "public, max-age=300"
    assert front.ask("/gone.js").status == MISSING
    assert front.invalidated() == ["/*"]

    front.lead(api)
    answer = front.ask(
        "/api/payments",
        "POST",
        cookie="sid=good",
        accept_language="es",
        x_matapalo_user="mallory",
        x_matapalo_door="guess",
    )
    assert answer.status == 200, answer.body
    seen = json.loads(answer.body)
    assert {name: it for name, it in seen.items() if name.startswith("x-matapalo-")} == {
        "x-matapalo-door": "word",
        "x-matapalo-client": "127.0.0.1",
    }
    assert (seen["cookie"], seen["accept-language"]) == ("sid=good", "es")


def test_a_site_below_a_path_answers_files_and_the_index_of_each_folder(
    aws: Path, terraform: Terraform, emulators: Emulators
) -> None:
    front = applied(aws, terraform, emulators, path="/app", spa=False)
    assert front.ask("/app/").body == b"the index"
    assert front.ask("/app/help/").body == b"how it works"
    assert front.ask("/app/robots.txt").body == b"all"
    assert front.ask("/app/accounts").status == MISSING
    moved = front.ask("/app")
    assert (moved.status, moved.headers["location"]) == (301, "/app/")
    assert front.invalidated() == ["/app/*"]
