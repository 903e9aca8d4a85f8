"""Every kind of mistake in what a key takes: where it is, what is wrong, what would be right."""

from pathlib import Path

import pytest

from tests.blueprint.written import MINIMAL, marked, places, problems

# What is written below the smallest blueprint; the path; a part of the message; one of the hint.
MISTAKES = {
    "a key that does not exist": (
        "slices:\n  s: {to: p/s, ¦rutes: [/x]}",
        "slices.s.rutes",
        "there is no key `rutes` here",
        "did you mean `routes`?",
    ),
    "a key that is like no other": (
        "logs: {¦frobnicate: 1}",
        "logs.frobnicate",
        "there is no key `frobnicate` here",
        "keys here: alarms_to, keep, level, tracing",
    ),
    "a key of the root that does not exist": (
        "¦produtcs: {}",
        "produtcs",
        "there is no key `produtcs` here",
        "did you mean `products`?",
    ),
    "a key that is missing": (
        "slices:\n  ¦s: {routes: [/x]}",
        "slices.s.to",
        "`to` is missing",
        "Who takes it over",
    ),
    "a key that is missing in an item of a list": (
        "network:\n  dns:\n    - ¦domain: corp.example.com",
        "network.dns[0].servers",
        "`servers` is missing",
        "name servers",
    ),
    "a needed key with nothing behind it": (
        "slices:\n  s:\n    ¦to:\n    routes: [/x]",
        "slices.s.to",
        "`to` is missing",
        "",
    ),
    "a name with capitals": (
        "products:\n  ¦Payments: {}",
        "products.Payments",
        "a name is 1 to 40 lower-case letters",
        "",
    ),
    "a value that is none of the choices": (
        "logs: {level: ¦warn}",
        "logs.level",
        "`warn` is not one of debug, info, warning, error",
        "did you mean `warning`?",
    ),
    "text where a whole number is needed": (
        "edge: {port: ¦http}",
        "edge.port",
        "a whole number is needed, not `http`",
        "",
    ),
    "half a number where a whole one is needed": (
        "edge: {port: ¦80.5}",
        "edge.port",
        "a whole number is needed, not `80.5`",
        "",
    ),
    "text where a number is needed": (
        "edge: {drain: ¦soon}",
        "edge.drain",
        "a number is needed, not `soon`",
        "",
    ),
    "a number that is not finite": (
        "edge: {drain: ¦.inf}",
        "edge.drain",
        "a number is needed, not `.inf`",
        "",
    ),
    "a number that is called infinite": (
        "edge: {drain: ¦inf}",
        "edge.drain",
        "a finite number is needed, not `inf`",
        "",
    ),
    "text where true or false is needed": (
        "edge: {reveal_side: ¦perhaps}",
        "edge.reveal_side",
        "true or false is needed, not `perhaps`",
        "",
    ),
    "a number that is too large": (
        "edge: {port: ¦70000}",
        "edge.port",
        "`70000` is out of range: at most 65535",
        "",
    ),
    "a number that is too small": (
        "edge: {drain: ¦0}",
        "edge.drain",
        "`0` is out of range: more than 0",
        "",
    ),
    "a list where a mapping is needed": (
        "edge:\n  ¦limits: []",
        "edge.limits",
        "a mapping is needed, not a list",
        "keys here: header_kib",
    ),
    "text where a mapping is needed": (
        "network: ¦10.0.0.0/16",
        "network",
        "a mapping is needed, not `10.0.0.0/16`",
        "keys here: cidr",
    ),
    "text where a list is needed": (
        "site:\n  folder: site\n  path: /app\n  build: ¦npm run build",
        "site.build",
        "a list is needed, not `npm run build`",
        "write it as [npm, run, build]",
    ),
    "a mapping where a list is needed": (
        "network:\n  ¦dns: {a: b}",
        "network.dns",
        "a list is needed, not a mapping",
        "hyphen",
    ),
    "a mapping where text is needed": (
        "logs:\n  ¦level: {a: b}",
        "logs.level",
        "not one of",
        "",
    ),
    "a list where text is needed": (
        "¦description: [a]",
        "description",
        "text is needed, not a list",
        "",
    ),
    "a list where a number is needed": (
        "edge:\n  ¦port: [80]",
        "edge.port",
        "a whole number is needed, not a list",
        "",
    ),
    "a list that has to have something in it": (
        "network:\n  dns:\n    - {domain: a.co, ¦servers: []}",
        "network.dns[0].servers",
        "at least 1",
        "",
    ),
    "a kind that does not exist": (
        "security:\n  ¦login: {kind: introspect}",
        "security.login",
        "`kind` is `introspect`",
        "did you mean `introspection`?",
    ),
    "a kind that is missing": (
        "security:\n  ¦login: {url: 'https://a.co'}",
        "security.login",
        "`kind` is missing",
        "one of introspection, jwt, session",
    ),
    "a kind that is misspelt": (
        "security:\n  login: {¦kinf: jwt, issuer: me}",
        "security.login.kinf",
        "there is no key `kinf` here",
        "did you mean `kind`?",
    ),
    "a key of another kind": (
        "security:\n  login: {kind: jwt, issuer: me, ¦cookie: sid}",
        "security.login.cookie",
        "there is no key `cookie` here",
        "keys here: audiences",
    ),
    "a URL without a scheme": (
        "security:\n  login: {kind: introspection, url: ¦login.example.com}",
        "security.login.url",
        "a URL is http:// or https://",
        "",
    ),
    "a path without its slash": (
        "site: {folder: site, path: ¦app}",
        "site.path",
        "a path starts with one /",
        "",
    ),
    "a method that does not exist": (
        "slices:\n  s: {to: p/s, routes: [¦GTE /x]}",
        "slices.s.routes[0].methods[0]",
        "`GTE /x` is not one of GET",
        "did you mean `GET`?",
    ),
    "a path in a route's short form": (
        "slices:\n  s:\n    to: p/s\n    routes:\n      - ¦GET x",
        "slices.s.routes[0].path",
        "a path starts with one /",
        "",
    ),
    "a route of three words": (
        "slices:\n  s:\n    to: p/s\n    routes:\n      - ¦GET POST /x",
        "slices.s.routes[0]",
        'a route is "/path" or "GET,HEAD /path"',
        "",
    ),
    "a route of none": (
        'slices:\n  s:\n    to: p/s\n    routes:\n      - ¦""',
        "slices.s.routes[0]",
        'a route is "/path" or "GET,HEAD /path"',
        "",
    ),
    "a table's name with a space": (
        "slices:\n  s:\n    to: p/s\n    tables:\n      - ¦old movements",
        "slices.s.tables[0].name",
        "a table is written `name` or `schema.name`",
        "",
    ),
    "a secret's reference with a wrong key": (
        "products:\n  p:\n    functions:\n      f:\n        code: f\n        handler: f.f\n"
        "        env: {A: {secret: x, ¦name: y}}",
        "products.p.functions.f.env.A.name",
        "there is no key `name` here",
        "keys here: secret",
    ),
    "a list as an environment variable": (
        "products:\n  p:\n    functions:\n      f:\n        code: f\n        handler: f.f\n"
        "        env:\n          ¦A: [x]",
        "products.p.functions.f.env.A",
        "text is needed, not a list",
        "",
    ),
    "an account id of 11 digits": (
        "organization:\n  accounts:\n    dev: {id: ¦12345678901}",
        "organization.accounts.dev.id",
        "an account id is 12 digits",
        "",
    ),
    "an account that neither exists nor is made": (
        "organization:\n  accounts:\n    ¦dev: {}",
        "organization.accounts.dev",
        "`id` if it exists, or an `email`",
        "",
    ),
    "an address range with bits on the right": (
        "network: {cidr: ¦10.20.0.1/16}",
        "network.cidr",
        "10.20.0.0/16 is the range",
        "",
    ),
    "an address range without a length": (
        "network: {cidr: ¦10.20.0.0}",
        "network.cidr",
        "an address range has a length",
        "",
    ),
    "an address range that is none": (
        "network: {cidr: ¦10.20/16}",
        "network.cidr",
        "written like 10.20.0.0/16",
        "",
    ),
    "a region that is none": (
        "environments:\n  dev: {region: ¦virginia}",
        "environments.dev.region",
        "a region is written like us-east-1",
        "",
    ),
    "a number of days that CloudWatch does not take": (
        "logs: {keep: ¦45}",
        "logs.keep",
        "30 is the nearest",
        "",
    ),
    "a handler without a module": (
        "products: {p: {functions: {f: {code: f, handler: ¦handle}}}}",
        "products.p.functions.f.handler",
        "a handler is written `module.function`",
        "",
    ),
    "a repository without an owner": (
        "delivery: {repository: {name: ¦shop}}",
        "delivery.repository.name",
        "a repository is written `owner/repository`",
        "",
    ),
    "a domain with a scheme": (
        "edge: {domain: ¦https://api.example.com}",
        "edge.domain",
        "a domain is lower-case labels and dots",
        "",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_place_and_what_is_right(mistake: str, tmp_path: Path) -> None:
    text, path, what, hint = MISTAKES[mistake]
    written = marked(MINIMAL + text + "\n")
    found = problems(tmp_path, written.text)

    first = next(problem for problem in found if problem.path == path)
    assert (first.place.line, first.place.column) == written.marks[0]
    assert first.place.file == str(tmp_path / "matapalo.yaml")
    assert what in first.what
    assert hint in first.hint


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text(tmp_path: Path) -> None:
    written = marked("""\
        name: shop
        monolith: {url: "http://127.0.0.1:8080", ¦tiemout: 3}
        edge:
          port: ¦x
          reveal_side: ¦maybe
        products:
          p:
            services:
              s: {url: "http://127.0.0.1:1", uses: [¦monolit]}
        slices:
          a: {to: ¦p/z, routes: [/a], steps: [50, ¦10]}
          b: {to: p/s, routes: [¦/a]}
          ¦c: {¦too: p/s, routes: [/c]}
        logs: {level: ¦loud}
        """)
    found = problems(tmp_path, written.text)
    assert places(found) == list(written.marks)


def test_a_broken_key_hides_no_mistake_elsewhere_and_makes_no_false_one(tmp_path: Path) -> None:
    written = marked("""\
        name: shop
        monolith: {¦ur: "http://127.0.0.1:8080"}
        site: {folder: site, path: ¦app}
        slices:
          a: {to: ¦p/z, routes: [/a]}
        """)
    assert places(problems(tmp_path, written.text)) == list(written.marks)
