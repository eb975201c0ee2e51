"""Which offsets belong to which tier."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lattice.tiers import TIERS, tier_offsets, tier_shells
from lattice.tiers.shells import Shell, farthest_offsets, squared_limit


def test_unit_ball_holds_the_six_nearest_in_lexicographic_order():
    assert tier_offsets((1.0, 1.0, 1.0), "local").tolist() == [
        [-1, 0, 0], [0, -1, 0], [0, 0, -1], [0, 0, 1], [0, 1, 0], [1, 0, 0],
    ]  # fmt: skip
    assert tier_offsets((1.0, 1.0, 1.0), "functional").shape == (0, 3)


def test_tiers_share_out_the_ball_without_its_centre():
    thresholds = (1.5, 2.7, 4.1)
    everything = torch.cat([tier_offsets(thresholds, tier) for tier in TIERS])
    span = torch.arange(-5, 6)
    ball = torch.cartesian_prod(span, span, span)
    distance = ball.double().norm(dim=1)
    expected = ball[(distance > 0) & (distance <= 4.1)]
    assert torch.equal(torch.unique(everything, dim=0), expected)
    assert everything.shape == expected.shape
    functional = tier_offsets(thresholds, "functional").double().norm(dim=1)
    assert functional.min() > 1.5
    assert functional.max() <= 2.7


@pytest.mark.parametrize(
    ("threshold", "squared"),
    [
        (0.7 * 10 * 0.3, 4),
        (0.2 * 10 * 1.0, 4),
        (0.1 * 30, 9),  # 3.0000000000000004
        (0.3 * 10 * 0.1 * 10, 9),
        (math.sqrt(2), 2),
        (math.sqrt(3), 3),  # its square is 2.9999999999999996
        (math.sqrt(5), 5),
        (math.sqrt(57), 57),
        (0.0, 0),
        (0.999, 0),
        (1.999, 3),
    ],
)
def test_a_threshold_that_equals_a_distance_holds_it(threshold, squared):
    assert squared_limit(threshold) == squared


def test_a_distance_equal_to_two_thresholds_belongs_to_the_inner_tier():
    shells = tier_shells((math.sqrt(3), math.sqrt(3) * (1 + 1e-12), 2.0))
    assert shells["local"] == Shell(0, 3)
    assert shells["functional"] == Shell(3, 3)
    assert shells["distant"] == Shell(3, 4)


@pytest.mark.parametrize("thresholds", [(2.0, 1.0, 3.0), (-1.0, 1.0, 2.0), (1.0, 2.0, math.inf), (1.0, 2.0, math.nan)])
def test_thresholds_must_rise(thresholds):
    with pytest.raises(ValueError, match="thresholds must be finite, at least 0 and rising"):
        tier_shells(thresholds)


def test_offsets_longer_than_the_lattice_are_left_out():
    assert tier_offsets((9.0, 10.0, 11.0), "local", (1, 1, 3)).tolist() == [
        [0, 0, -2],
        [0, 0, -1],
        [0, 0, 1],
        [0, 0, 2],
    ]


@given(
    st.tuples(*[st.integers(1, 7)] * 3),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_farthest_offsets_are_those_of_the_list(dimensions, inner, width):
    shell = Shell(inner, inner + width)
    offsets = tier_offsets((math.sqrt(inner), math.sqrt(inner + width), 99.0), "functional", dimensions)
    if offsets.shape[0] == 0:
        assert farthest_offsets(dimensions, shell) == (0, 0, 0)
    else:
        assert farthest_offsets(dimensions, shell) == tuple(offsets.abs().amax(0).tolist())
