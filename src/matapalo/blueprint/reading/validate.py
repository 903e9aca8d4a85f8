"""From a tree to a typed blueprint; or to what is wrong, and the rest that can be checked still."""

from dataclasses import dataclass

from pydantic import ValidationError

from matapalo.blueprint.reading.explain import explain
from matapalo.blueprint.reading.prune import concerns, pruned
from matapalo.blueprint.reading.tree import Loc, Node, plain
from matapalo.blueprint.root import Blueprint
from matapalo.errors import Problem


@dataclass(frozen=True)
class Validated:
    """The blueprint, if there is nothing wrong with its shape; and what is wrong.

    `checkable` is the blueprint, or what is left of it without the mistakes if enough is left;
    `cuts` are the paths that were cut away for that.
    """

    blueprint: Blueprint | None
    checkable: Blueprint | None
    cuts: frozenset[Loc] = frozenset()
    problems: tuple[Problem, ...] = ()

    def concerns(self, loc: Loc) -> bool:
        """Whether a finding at `loc` may be no more than a consequence of what was cut away."""
        return concerns(loc, self.cuts)


def validated(tree: Node) -> Validated:
    """Give a tree its types."""
    value = plain(tree)
    try:
        blueprint = Blueprint.model_validate(value)
    except ValidationError as error:
        rest, cuts = pruned(value, error, Blueprint)
        return Validated(None, rest, cuts, tuple(explain(error, Blueprint, tree)))
    return Validated(blueprint, blueprint)
