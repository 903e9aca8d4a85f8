"""What a render answers for: everything, or what is of some environments only."""

from collections.abc import Collection

_BY_ENVIRONMENT = ("roots", "kubernetes")


class Scope:
    """Whether a path is this render's to remove. Modules may be others' too: they stay."""

    def __init__(self, only: Collection[str]) -> None:
        self._only = frozenset(only)

    def __call__(self, path: str) -> bool:
        """Whether this render answers for a path."""
        if not self._only:
            return True
        folder, _, rest = path.partition("/")
        return folder in _BY_ENVIRONMENT and rest.partition("/")[0] in self._only
