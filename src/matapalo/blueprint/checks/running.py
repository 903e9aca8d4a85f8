"""Whether everything that has to answer can: it answers already, or it can be started."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting
from matapalo.blueprint.product import Service


def check(setting: Setting) -> Iterator[Finding]:
    """Yield what cannot answer in this environment, or can in two ways."""
    yield from _monolith(setting)
    for product, part in setting.blueprint.products.items():
        for name, service in part.services.items():
            yield from _service(setting, service, ("products", product, "services", name))


def _monolith(setting: Setting) -> Iterator[Finding]:
    monolith = setting.blueprint.monolith
    loc = ("monolith",)
    if setting.local and monolith.url and monolith.run:
        yield Finding(
            (*loc, "run"),
            "the monolith has both `url` and `run`",
            "keep `url` if it answers already, `run` if it shall be started here",
            on_key=True,
        )
    elif setting.local and not monolith.url and not monolith.run:
        hint = "give `url` if it answers already, or `run` to start it here"
        yield Finding(loc, "the monolith has neither `url` nor `run`", hint)
    elif not setting.local and not monolith.url:
        hint = f"give it in `environments.{setting.environment}.overlay.monolith.url`"
        yield Finding(loc, f"in {setting.environment} the monolith needs its `url`", hint)
    elif not setting.local and monolith.url and not monolith.link:
        yield from _plain(setting, monolith.url)


def _plain(setting: Setting, url: str) -> Iterator[Finding]:
    if url.startswith("http://"):
        yield Finding(
            ("monolith", "url"),
            f"in {setting.environment} requests to the monolith go over the internet unencrypted",
            "use https, or name the link that leads there in `monolith.link`",
            warning=True,
        )


def _service(setting: Setting, service: Service, loc: tuple[str, ...]) -> Iterator[Finding]:
    if setting.local and service.url and service.run:
        hint = "keep `url` if it answers already, `run` if it shall be started here"
        yield Finding((*loc, "run"), "it has both `url` and `run`", hint, on_key=True)
    elif setting.local and not (service.url or service.run):
        hint = "give `run` to start it on this machine, or `url` if it answers already"
        yield Finding(loc, "nothing says how it runs on this machine", hint)
    elif not setting.local and not (service.url or service.image or service.code):
        hint = "give `image`, or `code` (the folder with its Dockerfile), or `url`"
        yield Finding(loc, f"nothing says how it runs in {setting.environment}", hint)
    if service.replicas and service.replicas > service.max_replicas:
        what = f"at least {service.replicas} and at most {service.max_replicas}: none fits"
        yield Finding((*loc, "replicas"), what, "raise `max_replicas`")
