"""What an edge tells the conductor: which version it obeys, and what passed through it."""

from bisect import bisect_right

from pydantic import BaseModel, ConfigDict

Buckets = tuple[tuple[float, int], ...]


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
    buckets: Buckets = ()

    def minus(self, earlier: "Meter") -> "Meter":
        """Return the window between an earlier reading and this one; in flight is what is now.

        Counters that fell began anew in between: then all of this reading lies in the window.
        """
        if self.requests < earlier.requests or self.errors < earlier.errors:
            return self
        return Meter(
            requests=self.requests - earlier.requests,
            errors=self.errors - earlier.errors,
            active=self.active,
            buckets=tuple(
                (bound, max(0, count - _at_or_below(earlier.buckets, bound)))
                for bound, count in self.buckets
            ),
        )

    def plus(self, other: "Meter") -> "Meter":
        """Return what two edges, or two epochs of one, have seen together."""
        bounds = sorted({bound for bound, _ in (*self.buckets, *other.buckets)})
        return Meter(
            requests=self.requests + other.requests,
            errors=self.errors + other.errors,
            active=self.active + other.active,
            buckets=tuple(
                (bound, _at_or_below(self.buckets, bound) + _at_or_below(other.buckets, bound))
                for bound in bounds
            ),
        )

    def error_rate(self) -> float | None:
        """Return errors in percent of requests; nothing where there were no requests."""
        return 100 * self.errors / self.requests if self.requests else None

    def percentile(self, share: float) -> float | None:
        """Return the latency in milliseconds that a share (0.99) of the answers kept within.

        It is interpolated inside its bucket; beyond the last bound, that bound is all that is
        known. Nothing where there are no answers.
        """
        rank = share * (self.buckets[-1][1] if self.buckets else 0)
        low, below = 0.0, 0
        for high, count in self.buckets:
            if count and count >= rank and count > below:
                return low + (high - low) * max(0.0, rank - below) / (count - below)
            low, below = high, count
        return None


def _at_or_below(buckets: Buckets, bound: float) -> int:
    index = bisect_right(buckets, bound, key=lambda bucket: bucket[0])
    return buckets[index - 1][1] if index else 0


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
    """The version of `Wanted` that the edge obeys; where it holds a slice, every write of that
    slice that had passed before is answered."""
    rejected: str = ""
    """Why Envoy refused a newer version, if it did."""
    rejected_version: int = 0
    """Which version that was."""
    meters: dict[str, dict[str, Meter]] = {}
    kept_back: dict[str, int] = {}
    """Reads that the monolith answered because their user may have written what the new side had
    not yet, by slice, since the edge began to count."""
