"""Which key encrypts what: the blueprint's keys, and one for each purpose that has none."""

from collections.abc import Mapping
from typing import get_args

from matapalo.blueprint import Key
from matapalo.cloud.hcl import Expr, Value
from matapalo.cloud.root import read
from matapalo.cloud.scene import Scene

_FIELD = Key.model_fields["protects"].annotation
PURPOSES: tuple[str, ...] = tuple(sorted(get_args(get_args(_FIELD)[0])))
"""What a key can protect."""


def keys_of(scene: Scene) -> dict[str, Value]:
    """Return every key by name, as the module `keys` takes them."""
    keys: dict[str, Value] = {
        name: _given(scene, key) for name, key in scene.blueprint.keys.keys.items()
    }
    return keys | {_free(purpose, keys): _made(purpose) for purpose in _missing(scene)}


def key_for(scene: Scene, purpose: str) -> Expr:
    """Return the ARN of the key for a purpose, as every root but `platform` reads it."""
    return Expr(f'{read(f"{scene.environment}/platform", "key_arns").text}["{purpose}"]')


def _given(scene: Scene, key: Key) -> Mapping[str, Value]:
    return {
        "description": key.description,
        "rotation": key.rotation,
        "protects": frozenset(key.protects),
        "users": [_role(scene, user) for user in key.users],
    }


def _made(purpose: str) -> Mapping[str, Value]:
    return {"protects": frozenset({purpose})}


def _missing(scene: Scene) -> list[str]:
    covered = {purpose for key in scene.blueprint.keys.keys.values() for purpose in key.protects}
    return [purpose for purpose in PURPOSES if purpose not in covered]


def _free(purpose: str, given: Mapping[str, Value]) -> str:
    """A key of the purpose's name may protect something else."""
    return purpose if purpose not in given else f"{purpose}-own"


def _role(scene: Scene, user: str) -> str:
    """Return the role that a service or a function runs as."""
    product, name = user.split("/", 1)
    kind = "function" if user in scene.targets.functions else "role"
    return scene.names.of(kind, product, name)
