"""What has another name now is still what it was."""

from pathlib import Path

from matapalo.cloud import Scene, render
from matapalo.cloud.roots.stores import _aurora, name_on_aws
from matapalo.cloud.talks import talks
from tests.cloud import given


def _scene() -> Scene:
    return given.everything().scenes[-1]


def test_a_store_has_the_first_of_its_names_on_aws_below_its_products_first() -> None:
    assert name_on_aws(_scene(), "goods/main") == "everything-prod-goods-first"
    assert name_on_aws(_scene(), "goods/pictures") == "everything-prod-goods-images"


FIRST = {
    "    formerly: [goods]\n": "", "  catalog:\n": "  goods:\n", "catalog/": "goods/",
    "        formerly: [find]\n": "", "      search:\n": "      find:\n",
    "goods/search": "goods/find", " search, orders": " find, orders",
    "        formerly: [shrink]\n": "", "      thumbs:\n": "      shrink:\n",
    "goods/thumbs": "goods/shrink", "hot, thumbs,": "hot, shrink,",
    ", formerly: [entry]": "", "\n  login: {": "\n  entry: {", "secret: login": "secret: entry",
    ", formerly: [kept]": "", "    data: {": "    kept: {",
    ", formerly: [branch]": "", "    office: {": "    branch: {", "link: office": "link: branch",
    ", formerly: [line]": "", "    center: {": "    line: {", "link: center": "link: line",
    ", formerly: [hall]": "", "    hub: {": "    hall: {",
    ", formerly: [twin]": "", "    sister: {": "    twin: {",
    ", formerly: [score]": "", "    scoring: {": "    score: {",
    ", formerly: [base]": "", "    platform: {": "    base: {", "unit: platform": "unit: base",
    "except_units: [platform]": "except_units: [base]",
    ", formerly: [tubes]": "", "    pipes: {": "    tubes: {", "account: pipes": "account: tubes",
    "        formerly: [look]\n": "", "      read:\n": "      look:\n",
    "permission_set: read": "permission_set: look",
}  # fmt: skip
"""What the blueprint said before anything was renamed; but stores, and what events go through."""


def test_nothing_on_aws_changes_when_things_are_renamed(tmp_path: Path) -> None:
    text = given.EVERYTHING.read_text()
    for now, then in FIRST.items():
        assert now in text, now
        text = text.replace(now, then)
    begun = tmp_path / "matapalo.yaml"
    begun.write_text(text)
    before, after = (render(given.everything(file)) for file in (begun, given.EVERYTHING))
    assert {*before} == {*after}
    changed = {path for path in before if before[path] != after[path]}
    told = ("goods/functions.tf", "orders/functions.tf")
    assert changed == {
        *(f"roots/{name}/products/{file}" for name in ("dev", "prod") for file in told),
        *(f"kubernetes/{name}/goods/find.yaml" for name in ("dev", "prod")),
    }


def test_code_is_told_of_what_was_renamed_by_its_name_now() -> None:
    tree = render(given.everything())
    for file, where, variable in (
        ("roots/prod/products/goods/functions.tf", "http://find.goods.", "SEARCH_URL "),
        ("roots/prod/products/orders/functions.tf", "http://shrink.goods.", "THUMBS_URL "),
        ("kubernetes/prod/goods/find.yaml", "http://relay-goods-shrink.matapalo.", "THUMBS_URL\n"),
    ):
        before, found, _ = tree[file].partition(where)
        assert found
        assert variable in before[-40:]


def test_each_former_name_is_moved_to_the_next() -> None:
    text = render(given.everything())["roots/prod/products/goods/stores.tf"]
    for old, new in (("images", "photos"), ("photos", "pictures")):
        assert f'from = module.bucket["{old}"]\n  to   = module.bucket["{new}"]' in text


def test_the_group_of_a_released_store_stays_and_nobody_comes_in() -> None:
    said = talks(_scene().blueprint)
    assert "stores/goods/reviews" in said.groups
    assert not [rule for rule in said.rules if rule.callee == "stores/goods/reviews"]


def test_every_kind_of_store_is_known_to_every_product() -> None:
    tree = render(given.everything())
    for product in ("goods", "orders"):
        text = tree[f"roots/prod/products/{product}/stores.tf"]
        for kind in ("aurora", "bucket", "cache", "documentdb", "dynamodb"):
            assert f'module "{kind}" {{' in text


def test_what_events_go_through_keeps_its_name_when_renamed() -> None:
    tree = render(given.everything())
    for file, kind, old, new in (
        ("queues", "queue", "jobs", "work"),
        ("topics", "topic", "news", "told"),
        ("rules", "rule", "bought", "sold"),
        ("schedules", "schedule", "daily", "nightly"),
    ):
        text = tree[f"roots/prod/events/{file}.tf"]
        assert f"from = module.{kind}_{old}\n  to   = module.{kind}_{new}" in text
        assert f'"everything-prod-{old}"' in text
        assert f'"everything-prod-{new}"' not in text


def test_a_database_keeps_the_name_that_it_was_made_with() -> None:
    scene = _scene()
    store = scene.blueprint.products["goods"].stores["main"].model_copy(update={"database": None})
    assert _aurora(scene, "goods/main", store)["database"] == "first"
