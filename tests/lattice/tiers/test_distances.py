"""Distances that occur in a lattice, against a list of all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lattice.tiers.distances import next_distance, previous_distance


@given(st.tuples(*[st.integers(1, 6)] * 3), st.integers(0, 90))
def test_neighbouring_distances(dimensions, squared):
    size_x, size_y, size_z = dimensions
    occurring = {x * x + y * y + z * z for x in range(size_x) for y in range(size_y) for z in range(size_z)} - {0}
    assert next_distance(dimensions, squared) == min((d for d in occurring if d > squared), default=None)
    assert previous_distance(dimensions, squared) == max((d for d in occurring if d <= squared), default=None)


@pytest.mark.parametrize(("above", "following"), [(0, 1), (6, 8), (14, 16), (27, 29)])
def test_sums_of_three_squares_skip_some_numbers(above, following):
    assert next_distance((20, 20, 20), above) == following
