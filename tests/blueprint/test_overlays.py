"""What is different in one environment."""

from pathlib import Path

from tests.blueprint.written import marked, places, problems, understood, write

TEXT = """\
name: shop
monolith:
  run: {command: [python, -m, shop]}
  timeout: 20
edge: {limits: {body_kib: 100, header_kib: 10}}
logs: {alarms_to: [a@example.com, b@example.com]}
environments:
  dev:
    region: us-east-1
    overlay:
      monolith: {url: "https://dev.example.com", timeout: 5}
  prod:
    region: us-east-1
    overlay:
      monolith: {run: null, url: "${PROD_URL}"}
      edge: {limits: {body_kib: 200}}
      logs: {alarms_to: [c@example.com]}
"""
PROD = {"PROD_URL": "https://shop.example.com"}


def test_an_overlay_holds_in_its_environment_alone(tmp_path: Path) -> None:
    local = understood(tmp_path, TEXT)
    dev = understood(tmp_path, TEXT, "dev")
    assert (local.monolith.timeout, dev.monolith.timeout) == (20, 5)
    assert (local.monolith.url, dev.monolith.url) == (None, "https://dev.example.com")


def test_mappings_merge_lists_are_replaced_and_null_takes_away(tmp_path: Path) -> None:
    prod = understood(tmp_path, TEXT, "prod", PROD)
    assert prod.edge.limits.body_kib == 200
    assert prod.edge.limits.header_kib == 10
    assert prod.logs.alarms_to == ("c@example.com",)
    assert prod.monolith.run is None
    assert prod.monolith.timeout == 20


def test_variables_of_other_environments_are_not_asked_for(tmp_path: Path) -> None:
    assert problems(tmp_path, TEXT) == ()
    assert "PROD_URL" in problems(tmp_path, TEXT, "prod")[0].what


def test_a_file_beside_the_blueprint_is_laid_on_top(tmp_path: Path) -> None:
    write(tmp_path, "monolith: {timeout: 7}\n", "matapalo.dev.yaml")
    write(tmp_path, "monolith: {url: 'http://127.0.0.1:1'}\n", "matapalo.staging.yaml")
    assert understood(tmp_path, TEXT, "dev").monolith.timeout == 7
    assert understood(tmp_path, TEXT, "staging").monolith.url == "http://127.0.0.1:1"


def test_a_mistake_in_an_overlay_is_told_where_the_overlay_is(tmp_path: Path) -> None:
    written = marked(TEXT.replace("timeout: 5", "¦timeot: 5"))
    found = problems(tmp_path, written.text, "dev")
    assert places(found) == list(written.marks)
    assert found[0].path == "monolith.timeot"

    beside = marked("edge:\n  port: ¦http\n")
    write(tmp_path, beside.text, "matapalo.dev.yaml")
    (found_beside,) = [p for p in problems(tmp_path, TEXT, "dev") if p.path == "edge.port"]
    assert found_beside.place.file == str(tmp_path / "matapalo.dev.yaml")
    assert (found_beside.place.line, found_beside.place.column) == beside.marks[0]


def test_a_check_points_to_the_overlay_that_made_the_mistake(tmp_path: Path) -> None:
    text = """\
        name: shop
        monolith: {url: "https://a.example.com"}
        products: {p: {services: {s: {url: "http://127.0.0.1:1"}}}}
        slices: {a: {to: p/s, routes: [/a]}}
        environments:
          dev:
            region: us-east-1
            overlay: {slices: {a: {to: ¦p/z}}}
        """
    written = marked(text)
    assert places(problems(tmp_path, written.text, "dev")) == list(written.marks)
    assert problems(tmp_path, written.text) == ()


def test_a_part_of_another_kind_replaces_the_whole_part(tmp_path: Path) -> None:
    text = """\
        name: shop
        monolith: {url: "https://a.example.com"}
        security: {login: {kind: session, cookie: sid}}
        environments:
          dev:
            region: us-east-1
            overlay: {security: {login: {kind: jwt, issuer: me}}}
        """
    security = understood(tmp_path, text, "dev").security
    assert security is not None
    assert security.login.kind == "jwt"


def test_an_unknown_environment_is_an_error_with_the_nearest_name(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, TEXT, "prdo")
    assert found.what == "no environment `prdo`"
    assert found.hint == "did you mean `prod`?"


def test_an_empty_overlay_changes_nothing(tmp_path: Path) -> None:
    text = TEXT + "  staging: {region: us-east-1, overlay: }\n"
    found = problems(tmp_path, text, "staging")
    assert [problem.path for problem in found] == ["monolith"]  # it lacks its url there


def test_an_overlay_that_is_no_mapping_is_an_error(tmp_path: Path) -> None:
    found = problems(tmp_path, TEXT + "  staging: {region: us-east-1, overlay: [a]}\n", "staging")
    assert any("an overlay has to hold a mapping" in problem.what for problem in found)
