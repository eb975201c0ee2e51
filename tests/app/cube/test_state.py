"""What may be drawn, and the numbers that follow from it."""

from __future__ import annotations

import pytest

from app.cube.state import CubeState, Plane


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"surface_opacity": 1.2}, "surface opacity must be 0 to 1, got 1.2"),
        ({"interior_opacity": -0.1}, "interior opacity must be 0 to 1"),
        ({"gap": 0.95}, "gap must be 0 to 0.9"),
        ({"shape": "cone"}, "shape must be 'box' or 'sphere', got 'cone'"),
        ({"dimensions": (3, 0, 3)}, "at least 1 cell"),
        ({"picked": (8, 0, 0)}, r"cell \(8, 0, 0\) is outside the 8x8x8 lattice"),
        ({"planes": (Plane((0, 0, 0), (0, 0, 0)),)}, "normal must have a length"),
        ({"planes": (Plane((0, 0, 0), (1, 0, 0)),) * 4}, "at most 3 planes"),
    ],
)
def test_values_that_make_no_picture_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        CubeState(**changes)


def test_ranges_are_clipped_and_keep_a_cell():
    state = CubeState((8, 6, 4), ranges=((-3, 99), (5, 2), (9, 12)))
    assert state.low == (0, 5, 3)
    assert state.high == (8, 6, 4)


def test_a_range_lays_surface_bare_only_with_a_cap():
    ranges = ((2, 5), (0, 8), (0, 8))
    assert CubeState(ranges=ranges, cap=True).skin == ((2, 0, 0), (5, 8, 8))
    assert CubeState(ranges=ranges, cap=False).skin == ((0, 0, 0), (8, 8, 8))


def test_tier_limits_include_a_neighbour_exactly_at_the_threshold():
    # sqrt(2) squared is 2.0000000000000004, 1.7320508075688772 squared is 2.9999999999999996.
    state = CubeState(thresholds=(1.0, 2.0**0.5, 3.0**0.5))
    assert state.tier_limits == (1, 2, 3)
    assert CubeState(thresholds=(0.16, 1.04, 1.6)).tier_limits == (0, 1, 2)
    assert CubeState(thresholds=(1, 2, 3), shells_visible=False).tier_limits == (0, 0, 0)


@pytest.mark.parametrize(("distant", "reach"), [(0.9, 0), (1.0, 1), (2.9, 2), (5.4, 5)])
def test_reach_is_the_farthest_neighbour_along_an_axis(distant, reach):
    assert CubeState(thresholds=(0.1, 0.2, distant)).reach == reach


def test_a_plane_goes_through_the_centre_of_its_cell():
    a, b, c, d = Plane((2, 3, 4), (0, 0, 2)).equation()
    assert (a, b, c) == (0.0, 0.0, 1.0)
    assert c * 4.5 + d == 0.0
