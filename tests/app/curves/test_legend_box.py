"""Chips beside the curves stand near the heights that they want, and never on each other."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curves.legend_box import spread


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([30.0, 80.0], [30.0, 80.0]),
        ([30.0, 31.0, 32.0], [30.0, 45.0, 60.0]),
        ([98.0, 99.0, 100.0], [70.0, 85.0, 100.0]),
        ([-50.0, 400.0], [20.0, 100.0]),
        ([], []),
    ],
)
def test_places(wanted: list[float], places: list[float]) -> None:
    assert spread(wanted, 15.0, 20.0, 100.0) == places


@given(st.lists(st.floats(-100, 400), max_size=6))
def test_they_keep_their_distance_and_stay_inside(wanted: list[float]) -> None:
    places = spread(sorted(wanted), 15.0, 20.0, 110.0)
    assert all(20.0 <= place <= 110.0 for place in places)
    assert all(after - before >= 15.0 - 1e-9 for before, after in pairwise(places))
