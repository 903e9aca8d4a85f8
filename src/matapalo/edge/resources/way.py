"""A way: conditions, and what a route that meets them does."""

from dataclasses import dataclass, field

from matapalo.edge.resources.names import Json


@dataclass(frozen=True, slots=True)
class Way:
    """Conditions, and what a route that meets them does."""

    does: Json
    match: Json = field(default_factory=dict)
    headers: tuple[Json, ...] = ()
    cookies: tuple[Json, ...] = ()
    filters: Json = field(default_factory=dict)


def _again(reasons: str, times: int, base: str, longest: str) -> Json:
    return {
        "retry_on": reasons,
        "num_retries": times,
        "retry_back_off": {"base_interval": base, "max_interval": longest},
    }


READ_AGAIN = _again("connect-failure,refused-stream,reset", 6, "0.2s", "2s")
"""Wait some 5 seconds for whoever takes no connection: it may be starting anew. A read that got no
answer is sent again, but not often: it may be what ended its server."""
WRITE_AGAIN = _again("connect-failure,refused-stream,reset-before-request", 12, "0.1s", "1s")
"""The same for what must not be done twice: only when it cannot have reached anybody."""
