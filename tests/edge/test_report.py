"""The arithmetic of meters: windows, sums and percentiles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matapalo.edge import Meter

BOUNDS = (0.5, 1.0, 2.0, 5.0, 10.0, 100.0)
latencies = st.lists(st.floats(min_value=0.001, max_value=100), max_size=60)


def meter(samples: list[float], bounds: tuple[float, ...] = BOUNDS, errors: int = 0) -> Meter:
    buckets = tuple((bound, sum(s <= bound for s in samples)) for bound in bounds)
    return Meter(requests=len(samples), errors=errors, buckets=buckets)


@given(before=latencies, after=latencies)
def test_a_window_holds_what_came_after_the_earlier_reading(
    before: list[float], after: list[float]
) -> None:
    later = meter(before + after, errors=len(after))
    assert later.minus(meter(before)) == meter(after, errors=len(after))


@given(one=latencies, other=latencies)
def test_two_edges_together_have_seen_what_each_has_seen(
    one: list[float], other: list[float]
) -> None:
    assert meter(one).plus(meter(other)) == meter(one + other)
    assert meter(one).plus(Meter()) == meter(one)


@given(samples=st.lists(st.floats(0.001, 100), min_size=1, max_size=60), share=st.floats(0.01, 1))
def test_a_percentile_lies_in_the_bucket_of_the_sample_it_stands_for(
    samples: list[float], share: float
) -> None:
    value = meter(samples).percentile(share)
    exact = sorted(samples)[max(1, math.ceil(share * len(samples))) - 1]
    high = next(bound for bound in BOUNDS if exact <= bound)
    low = max((bound for bound in BOUNDS if bound < high), default=0.0)
    assert value is not None
    assert low <= value <= high


def test_no_answers_have_no_percentile_and_no_error_rate() -> None:
    assert Meter().percentile(0.5) is None
    assert meter([]).percentile(0.5) is None
    assert Meter().error_rate() is None


def test_a_percentile_is_interpolated_inside_its_bucket() -> None:
    assert Meter(buckets=((10, 0), (20, 100))).percentile(0.5) == pytest.approx(15)


def test_counters_that_fell_began_anew() -> None:
    assert meter([1.0, 2.0]).minus(meter([1.0, 2.0, 3.0])) == meter([1.0, 2.0])


def test_edges_with_other_bounds_add_up_without_losing_an_answer() -> None:
    both = meter([1.0, 7.0]).plus(meter([3.0], bounds=(4.0, 10.0)))
    assert both.buckets[-1][1] == 3
    assert both.requests == 3
