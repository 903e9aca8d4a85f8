"""What things are called inside Envoy, and the headers that the edge sets."""

from typing import Any, Literal

from matapalo.blueprint.claims import Owner

Json = dict[str, Any]
Side = Literal["monolith", "new", "shadow"]
SIDES: tuple[Side, ...] = ("monolith", "new", "shadow")

HEADER_PREFIX = "x-matapalo-"
"""No client may set a header that begins so; nor one with `_` for `-`, which many servers take
for the same."""
USER = "x-matapalo-user"
"""Who the caller is, to whoever answers."""
SCOPES = "x-matapalo-scopes"
"""What the caller may do, as the security system said it: words with spaces between."""
SIDE = "x-matapalo-side"
"""Which side answered, to the caller."""
SHADOW = "x-matapalo-shadow"
"""Set on copies, so that the new side can tell them from requests that somebody waits for."""
MIRROR = "x-matapalo-mirror"
"""Which cluster gets a copy, where only requests of the monolith's share are copied."""
COMPARED = "x-matapalo-compare"
"""Which cluster compares a copy, where only requests of the monolith's share are compared."""
SLICE = "x-matapalo-slice"
"""Set on what is sent to the comparison: which slice it is of."""
OWNER = "x-matapalo-owner"
"""Whom a request is steered to; it goes no further than Envoy."""
WROTE = "matapalo-wrote"
"""The cookie that says to other edges when its user has written."""
REQUEST_ID = "x-request-id"

MONOLITH = "monolith"
SITE = "site"
AUTHORIZER = "authorizer"
KEYS = "keys"
"""Where the key set of signed tokens is."""
COMPARISON = "comparison"
CLOCK = "clock"
"""What answers as late as it is asked to: whoever waits asks it."""

LISTENER = "edge"
ROUTES = "routes"
TYPE = "type.googleapis.com/envoy."


def side_of(slice_name: str, side: Side) -> str:
    """Return the cluster of one side of a slice: each is metered apart."""
    return f"slice.{slice_name}.{side}"


def writes_of(slice_name: str, side: Side) -> str:
    """Return the cluster of the writes of one side: they are waited for apart."""
    return f"{side_of(slice_name, side)}-writes"


def kept_of(slice_name: str) -> str:
    """Return the monolith's cluster of reads that were kept back there: they are counted apart."""
    return f"{side_of(slice_name, 'monolith')}-kept"


def cluster_of(owner: Owner) -> str:
    """Return the cluster of an owner that has no sides."""
    return owner.name if owner.kind == "product" else owner.kind


def typed(message: str, **fields: object) -> Json:
    """Return a message with its type, as Envoy wants extensions and resources."""
    return {"@type": f"{TYPE}{message}", **fields}


def extension(name: str, message: str, **fields: object) -> Json:
    """Return a named extension with its configuration."""
    return {"name": name, "typed_config": typed(message, **fields)}


def seconds(value: float) -> str:
    """Return a length of time as Envoy reads it."""
    return f"{value:.9f}".rstrip("0").rstrip(".") + "s"


def header(key: str, value: str) -> Json:
    """Return a header that replaces what was there."""
    return {
        "header": {"key": key, "value": value},
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
    }
