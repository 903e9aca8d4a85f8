"""Whether secrets that are named exist, and keys are shared out."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.secret import SecretRef
from matapalo.blueprint.walk import walk


def check(setting: Setting) -> Iterator[Finding]:
    """Yield references to secrets that are not there, and keys that meet."""
    secrets = setting.blueprint.secrets
    for loc, part in walk(setting.blueprint):
        if isinstance(part, SecretRef) and part.secret not in secrets:
            hint = nearest(part.secret, secrets, noun="secrets") or "name it below `secrets`"
            yield unknown((*loc, "secret"), "secret", part.secret, hint)
    yield from _keys(setting)


def _keys(setting: Setting) -> Iterator[Finding]:
    taken: dict[str, str] = {}
    for name, key in setting.blueprint.keys.keys.items():
        for index, purpose in enumerate(key.protects):
            if purpose in taken:
                what = f"the key {taken[purpose]} protects {purpose} already"
                yield Finding(("keys", "keys", name, "protects", index), what)
            taken.setdefault(purpose, name)
        known = setting.targets.names("service", "function")
        for index, user in enumerate(key.users):
            if user not in known:
                loc = ("keys", "keys", name, "users", index)
                yield unknown(loc, "service or function", user, nearest(user, known))
