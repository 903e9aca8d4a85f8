"""What an edge tells the conductor: which version it obeys, and what passed through it."""

from pydantic import BaseModel, ConfigDict


class Meter(BaseModel):
    """What one side of one slice has answered since the edge began to count.

    `buckets` is cumulative: (upper bound in milliseconds, answers at or below it), in rising order.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requests: int = 0
    errors: int = 0
    """Answers of 500 and above, and requests that got none."""
    active: int = 0
    """Requests in flight."""
    buckets: tuple[tuple[float, int], ...] = ()


class Report(BaseModel):
    """One edge's word, about once a second and at once after an update.

    Meters are keyed by slice, then by `monolith`, `new` or `shadow` (copies of requests that the
    monolith answered).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    edge: str
    epoch: str
    """Changes whenever the counters began anew (another Envoy process)."""
    version: int
    """The version of `Wanted` that Envoy obeys."""
    rejected: str = ""
    """Why Envoy refused a newer version, if it did."""
    meters: dict[str, dict[str, Meter]] = {}
