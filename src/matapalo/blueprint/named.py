"""Names that mean something else of the blueprint, and where that is listed."""

from dataclasses import dataclass
from typing import Annotated

from matapalo.blueprint.part import Name


@dataclass(frozen=True, slots=True)
class Of:
    """Marks text that names one of those that are listed at `path`."""

    path: tuple[str, ...] = ()
    """Empty where whatever `targets` finds may be meant."""


Reference = Annotated[str, Of()]
"""Something that can be used, told something, or moved to: `product/name`, or `name`."""

AccountName = Annotated[Name, Of(("organization", "accounts"))]
"""An account."""

LinkName = Annotated[Name, Of(("network", "links"))]
"""A link."""

PermissionSetName = Annotated[Name, Of(("organization", "sign_on", "permission_sets"))]
"""A permission set."""

SecretName = Annotated[Name, Of(("secrets",))]
"""A secret."""

UnitName = Annotated[Name, Of(("organization", "units"))]
"""An organizational unit."""
