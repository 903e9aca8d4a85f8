"""What delivers a thing: words keep their borders, and what is watched is what it is made of."""

from matapalo.blueprint import Service, Site
from matapalo.cloud import System
from matapalo.cloud.pipelines import commands


def test_a_command_that_builds_keeps_its_words_apart() -> None:
    site = Site(folder="web/dist", build=("sh", "-c", "npm ci && npm run build"))
    assert commands.site(site).build == "sh -c 'npm ci && npm run build'"


def test_a_site_that_is_built_is_delivered_when_its_sources_change() -> None:
    build = ("make",)
    assert commands.site(Site(folder="web/dist", build=build)).watched == "web/**"
    assert commands.site(Site(folder="dist", build=build)).watched == "**"
    assert commands.site(Site(folder="./site/")).watched == "site/**"


def test_a_service_whose_image_is_made_elsewhere_is_not_built(wallet: System) -> None:
    built, named = Service(code="pay"), Service(code="pay", image="registry.example/pay:7")
    found = commands.service(wallet.first, "payments/pay", built, "COMMIT")
    assert (found.watched, found.docker) == ("pay/**", True)
    assert found.deliver.endswith('/payments/pay:$COMMIT" pay')
    found = commands.service(wallet.first, "payments/pay", named, "COMMIT")
    assert (found.watched, found.docker) == ("aws/kubernetes/*/payments/pay.yaml", False)
    assert found.deliver.endswith(" registry.example/pay:7")
