"""Secrets that are written in a blueprint."""

from pathlib import Path

import pytest

from tests.blueprint.written import marked, places, problems

FUNCTION = """\
name: shop
monolith: {{url: "http://127.0.0.1:8080"}}
products:
  p:
    functions:
      f:
        code: f
        handler: f.f
        env:
          {line}
"""

LEAKS = [
    "DB_PASSWORD: ¦hunter2",
    "password: ¦x",
    "API_KEY: ¦abc",
    "STRIPE_SECRET: ¦abc",
    "ACCESS_TOKEN: ¦'1234'",
    "aws_secret_access_key: ¦abc",
    "DATABASE_URL: ¦postgresql://shop:hunter2@db.example.com/shop",
    "KEY: ¦AKIAIOSFODNN7EXAMPLE",
    "A: ¦'-----BEGIN RSA PRIVATE KEY----- MIIEow'",
    "A: ¦ghp_0123456789abcdefghijABCDEFGHIJ012345",
    "A: ¦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk",
    "SALT: ¦9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "A: ¦wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY9q",
]
HARMLESS = [
    "DB_PASSWORD: ${DB_PASSWORD}",
    "DB_PASSWORD: '${DB_PASSWORD:-}'",
    "DATABASE_URL: 'postgresql://shop:${DB_PASSWORD}@db.example.com/shop'",
    "DATABASE_URL: postgresql://shop@db.example.com/shop",
    "TOKEN_URL: https://login.example.com/token",
    "TOKEN_TTL: 300",
    "PASSWORD_MIN_LENGTH: 12",
    "PASSWORD: ''",
    "MONKEY: banana",
    "ID: 123e4567-e89b-12d3-a456-426614174000",
    "QUEUE: https-sqs-us-east-1-amazonaws-com-orders-and-payments",
    "BUCKET: a-very-long-bucket-name-for-the-pictures-of-all-customers",
    "ACCOUNT: 012345678901234567890123456789",
    "KEY_PATH: /var/lib/shop/keys/current",
]


@pytest.mark.parametrize("line", LEAKS)
def test_a_secret_that_is_written_out_is_an_error_that_does_not_show_it(
    line: str, tmp_path: Path
) -> None:
    written = marked(FUNCTION.format(line=line))
    (found,) = problems(tmp_path, written.text)
    assert places((found,)) == list(written.marks)
    assert "{secret: " in found.hint
    assert "${NAME}" in found.hint
    secret = line.split(":", 1)[1].replace("¦", "").strip(" '")
    assert len(secret) < 4 or secret not in str(found)
    assert "hunter2" not in str(found)


@pytest.mark.parametrize("line", HARMLESS)
def test_what_only_looks_like_a_secret_is_let_through(line: str, tmp_path: Path) -> None:
    assert problems(tmp_path, FUNCTION.format(line=line), environ={"DB_PASSWORD": "x"}) == ()


def test_a_secret_from_the_environment_is_no_leak_whatever_its_shape(tmp_path: Path) -> None:
    text = FUNCTION.format(line="LICENSE: ${LICENSE}")
    assert problems(tmp_path, text, environ={"LICENSE": "AKIAIOSFODNN7EXAMPLE"}) == ()


def test_a_secret_in_a_command_or_a_url_is_an_error(tmp_path: Path) -> None:
    written = marked("""\
        name: shop
        monolith:
          run: {command: [shop, ¦--db-password=hunter2]}
          database: {name: shop, url: ¦"mysql://shop:hunter2@db/shop"}
        """)
    found = problems(tmp_path, written.text)
    assert places(found) == list(written.marks)
    assert "hunter2" not in "".join(map(str, found))


def test_a_secret_in_the_overlay_of_any_environment_is_an_error(tmp_path: Path) -> None:
    written = marked("""\
        name: shop
        monolith: {url: "http://127.0.0.1:8080"}
        environments:
          prod:
            region: us-east-1
            overlay:
              monolith: {database: {name: shop, url: ¦"postgresql://a:b@db/shop"}}
        """)
    (found,) = problems(tmp_path, written.text)
    assert places((found,)) == list(written.marks)
    assert found.path == "environments.prod.overlay.monolith.database.url"
