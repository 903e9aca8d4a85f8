"""What holds for everything that a request may be sent to."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from matapalo.blueprint import Blueprint
from matapalo.edge.endpoints import Endpoints
from matapalo.edge.resources import names
from matapalo.edge.resources.names import Json, seconds


@dataclass(frozen=True, slots=True)
class Scene:
    """The blueprint, and what is looked up in it again and again."""

    blueprint: Blueprint
    site_prefix: str
    timeouts: Mapping[str, float]
    tls: frozenset[str]

    @classmethod
    def of(cls, blueprint: Blueprint, endpoints: Endpoints) -> Self:
        """Look it up."""
        services = {name: service.timeout for name, service in blueprint.services().items()}
        functions = {name: function.timeout for name, function in blueprint.functions().items()}
        return cls(
            blueprint=blueprint,
            site_prefix=endpoints.site_prefix,
            timeouts={names.MONOLITH: blueprint.monolith.timeout, **services, **functions},
            tls=frozenset(name for name, at in endpoints.at.items() if any(e.tls for e in at)),
        )

    def sending(self, *targets: str, safe: bool) -> Json:
        """Return how a request is sent to one of these: a route has one time-out for them all."""
        timeout = max(self.timeouts[target] for target in targets)
        sending: Json = {
            "timeout": seconds(timeout),
            "retry_policy": again(safe=safe, timeout=timeout),
        }
        if self.tls.intersection(targets):
            # A server behind TLS answers to its own name; the caller's is in x-forwarded-host.
            sending |= {"auto_host_rewrite": True, "append_x_forwarded_host": True}
        return sending


def again(*, safe: bool, timeout: float) -> Json:
    """Return when a request is sent again.

    Whoever takes no connection is waited for some 5 seconds: it may be starting anew. A read that
    got no answer is sent again, but not often: it may be what ended its server. Anything else is
    sent again only when it cannot have reached anybody.
    """
    reasons = "reset" if safe else "reset-before-request"
    pauses = READ_PAUSES if safe else WRITE_PAUSES
    # Envoy forgets to count a request whose time ends in a pause.
    times = sum(total <= 0.8 * timeout for total in accumulate(pauses))
    return {
        "retry_on": f"connect-failure,refused-stream,{reasons}",
        "num_retries": times,
        "retry_back_off": {
            "base_interval": seconds(pauses[0]),
            "max_interval": seconds(pauses[-1]),
        },
    }


READ_PAUSES = (0.2, 0.4, 0.8, 1.6, 2.0, 2.0)
WRITE_PAUSES = (0.1, 0.2, 0.4, 0.8, *[1.0] * 8)
"""Seconds before each further attempt, at most: Envoy draws from nothing up to that."""
