"""Ranges: pure, and then as a server understands them."""

from hypothesis import given
from hypothesis import strategies as st

from matapalo.stream.load.ranges import Range, cut, pieces

NUMBERS = st.integers(-1000, 1000)


def holds(piece: Range, key: int) -> bool:
    low, high = piece.low, piece.high
    return (low is None or key >= int(low[0])) and (high is None or key < int(high[0]))


@given(st.lists(NUMBERS), st.integers(1, 20), NUMBERS)
def test_every_key_is_in_one_range_whatever_the_samples(
    samples: list[int], count: int, key: int
) -> None:
    ranges = cut(3, [(str(sample),) for sample in sorted(samples)], count)
    assert 1 <= len(ranges) <= count
    assert sum(holds(piece, key) for piece in ranges) == 1
    assert [piece.number for piece in ranges] == list(range(len(ranges)))
    assert {piece.flow for piece in ranges} == {3}


@given(st.lists(NUMBERS, min_size=100, unique=True), st.integers(2, 10))
def test_ranges_are_of_about_the_same_size(keys: list[int], count: int) -> None:
    ranges = cut(0, [(str(key),) for key in sorted(keys)], count)
    sizes = [sum(holds(piece, key) for key in keys) for piece in ranges]
    assert len(sizes) == count
    assert max(sizes) - min(sizes) <= 1


@given(st.integers(0, 1 << 40), st.integers(1, 1 << 30), st.integers(1, 1000))
def test_a_table_is_cut_into_as_many_pieces_as_it_has_and_no_more(
    size: int, piece: int, most: int
) -> None:
    count = pieces(size, piece, most)
    assert 1 <= count <= most
    assert count == most or count * piece >= size
