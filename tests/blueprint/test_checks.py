"""What the parts of a blueprint have to be to each other."""

from pathlib import Path

import pytest

from tests.blueprint.mistakes import DOUBTFUL, SERVICE, SHOP, WRONG
from tests.blueprint.written import marked, problems


@pytest.mark.parametrize("mistake", WRONG)
def test_parts_that_do_not_fit_are_told_with_place_and_hint(mistake: str, tmp_path: Path) -> None:
    text, what, hint = WRONG[mistake]
    written = marked(text + "\n")
    found = [problem for problem in problems(tmp_path, written.text) if not problem.warning]
    assert [(p.place.line, p.place.column) for p in found] == list(written.marks), list(
        map(str, found)
    )
    assert what in found[0].what
    assert hint in found[0].hint


@pytest.mark.parametrize("doubt", DOUBTFUL)
def test_what_deserves_a_second_look_is_a_warning_and_no_error(doubt: str, tmp_path: Path) -> None:
    text, what = DOUBTFUL[doubt]
    written = marked(text + "\n")
    (found,) = problems(tmp_path, written.text)
    assert found.warning
    assert what in found.what
    assert (found.place.line, found.place.column) == written.marks[0]


def test_routes_with_different_methods_do_not_collide(tmp_path: Path) -> None:
    slices = "slices:\n  a: {to: p/s, routes: [GET /a]}\n  b: {to: p/s, routes: [POST /a, /a/b]}\n"
    assert problems(tmp_path, SHOP + SERVICE + slices) == ()


def test_one_slice_may_split_a_table_in_two(tmp_path: Path) -> None:
    text = (
        SHOP.replace("}", ", database: {name: d, url: 'postgresql://d/d'}}")
        + "products:\n  p:\n    services: {s: {url: 'http://a.co', uses: [d]}}\n"
        + "    stores: {d: {kind: aurora}}\n"
        + "slices: {a: {to: p/s, tables: [t, {name: t, to: u}]}}\n"
    )
    assert problems(tmp_path, text) == ()


def test_where_nothing_is_delivered_a_product_may_be_called_like_a_pipeline(
    tmp_path: Path,
) -> None:
    assert problems(tmp_path, SHOP + "products: {deliver: {}, infra: {}}\n") == ()


def test_away_from_this_machine_the_monolith_answers_and_services_have_images(
    tmp_path: Path,
) -> None:
    text = """\
        name: shop
        ¦monolith: {run: {command: [shop]}}
        products:
          p:
            services:
              ¦s: {run: {command: [s]}}
              t: {run: {command: [t]}, image: "t:1"}
        environments: {dev: {region: us-east-1}}
        """
    written = marked(text)
    assert problems(tmp_path, written.text) == ()
    found = problems(tmp_path, written.text, "dev")
    assert [(p.place.line, p.place.column) for p in found] == list(written.marks)
    assert "in dev the monolith needs its `url`" in found[0].what
    assert "nothing says how it runs in dev" in found[1].what


def test_an_answer_that_api_gateway_would_not_wait_for_is_a_warning_on_aws(tmp_path: Path) -> None:
    text = """\
        name: shop
        monolith: {url: "https://shop.example.com", timeout: ¦60}
        environments: {dev: {region: us-east-1}}
        products:
          p:
            functions:
              f: {code: f, handler: f.f, timeout: ¦45, routes: [/f]}
              g: {code: g, handler: g.g, timeout: ¦31}
              h: {code: h, handler: h.h, timeout: 900}
        slices: {a: {to: p/g, routes: [/g]}}
        """
    written = marked(text)
    assert problems(tmp_path, written.text) == ()
    found = problems(tmp_path, written.text, "dev")
    assert [(p.place.line, p.place.column) for p in found] == list(written.marks)
    assert all(p.warning and "API Gateway waits 30 s" in p.what for p in found)


def test_plain_http_to_a_monolith_far_away_is_a_warning_unless_a_link_leads_there(
    tmp_path: Path,
) -> None:
    text = """\
        name: shop
        monolith: {{url: "http://shop.example.com"{link}}}
        environments: {{dev: {{region: us-east-1}}}}
        network: {{links: {{office: {{kind: vpn, gateway: 1.2.3.4, cidrs: [10.1.0.0/16]}}}}}}
        """
    (found,) = problems(tmp_path, text.format(link=""), "dev")
    assert found.warning
    assert "unencrypted" in found.what
    assert problems(tmp_path, text.format(link=", link: office"), "dev") == ()
    assert problems(tmp_path, text.format(link="")) == ()
