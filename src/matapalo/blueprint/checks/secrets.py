"""Whether secrets and keys that are named exist, and those that exist are named."""

from collections.abc import Iterator

from matapalo.blueprint.checks.finding import Finding, Setting, unknown
from matapalo.blueprint.nearest import nearest
from matapalo.blueprint.secret import SecretRef
from matapalo.blueprint.walk import walk


def check(setting: Setting) -> Iterator[Finding]:
    """Yield references to secrets that are not there, and secrets that nobody refers to."""
    secrets = setting.blueprint.secrets
    used = set()
    for loc, part in walk(setting.blueprint):
        if isinstance(part, SecretRef):
            used.add(part.secret)
            if part.secret not in secrets:
                hint = nearest(part.secret, secrets, noun="secrets") or "name it below `secrets`"
                yield unknown((*loc, "secret"), "secret", part.secret, hint)
    for name in secrets:
        if name not in used:
            yield Finding(("secrets", name), "nobody uses this secret", warning=True, on_key=True)
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
