"""Neighbour counts, against literals and against a count over all pairs of cells."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lattice.config import LatticeSettings
from lattice.tiers import TIERS, Shell, interior_counts, tier_counts, tier_offsets
from lattice.tiers.counts import count_range, edge_count, shell_counts


@pytest.mark.parametrize(
    ("side", "expected"),
    [(8, (0, 6, 12)), (10, (0, 6, 26)), (16, (0, 32, 114)), (27, (0, 178, 512))],
)
def test_interior_cells_with_the_default_ratios(side, expected):
    thresholds = LatticeSettings(dimensions=(side, side, side)).get_distance_thresholds()
    assert tuple(interior_counts(thresholds).values()) == expected
    assert tuple(tier_offsets(thresholds, tier).shape[0] for tier in TIERS) == expected
    counts = tier_counts((side, side, side), thresholds)
    centre = side // 2
    number = (centre * side + centre) * side + centre
    assert tuple(int(counts[tier][number]) for tier in TIERS) == expected


@pytest.mark.parametrize(("side", "local"), [(49, 0), (50, 6)])
def test_the_local_tier_is_empty_below_fifty_cells(side, local):
    assert interior_counts(LatticeSettings(dimensions=(side, 1, 1)).get_distance_thresholds())["local"] == local


def test_borders_of_the_face_neighbourhood():
    counts = tier_counts((3, 3, 3), (1.0, 1.0, 1.0))["local"].view(3, 3, 3)
    assert counts[1, 1, 1] == 6
    assert counts[0, 1, 1] == 5
    assert counts[0, 0, 1] == 4
    assert counts[0, 0, 0] == 3


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(*[st.integers(1, 6)] * 3),
    st.lists(st.floats(0.0, 8.0), min_size=3, max_size=3).map(sorted),
)
def test_counts_are_those_of_all_pairs(dimensions, thresholds):
    cells = torch.cartesian_prod(*(torch.arange(side) for side in dimensions)).double()
    squared = (cells[:, None] - cells).square().sum(-1)
    limits = [0.0, *(threshold * threshold * (1 + 1e-9) for threshold in thresholds)]
    counts = tier_counts(dimensions, thresholds)
    for index, tier in enumerate(TIERS):
        expected = ((squared > limits[index]) & (squared <= limits[index + 1])).sum(1)
        assert counts[tier].dtype == torch.int32
        assert torch.equal(counts[tier], expected.int())


def test_a_big_box_with_a_big_radius():
    counts = tier_counts((100, 90, 80), (2.0, 13.0, 20.0))
    inside = interior_counts((2.0, 13.0, 20.0))
    assert inside == {"local": 32, "functional": 9138, "distant": 24230}
    for tier in TIERS:
        box = counts[tier].view(100, 90, 80)
        assert box[50, 45, 40] == inside[tier]
        assert torch.equal(box, box.flip(0, 1, 2))
        offsets = tier_offsets((2.0, 13.0, 20.0), tier)
        assert box[0, 0, 0] == (offsets >= 0).all(dim=1).sum()
        assert box[7, 45, 0] == ((offsets[:, 0] >= -7) & (offsets[:, 2] >= 0)).sum()


@settings(max_examples=60)
@given(st.tuples(*[st.integers(1, 7)] * 3), st.integers(0, 60), st.integers(0, 60))
def test_range_and_edges_are_those_of_the_counts(dimensions, inner, width):
    shell = Shell(inner, inner + width)
    counts = shell_counts(dimensions, shell)
    assert count_range(dimensions, shell) == (counts.min(), counts.max())
    assert edge_count(dimensions, shell) == counts.sum()


def test_interior_counts_are_nobodys_to_change():
    first = interior_counts([2.0, 13.0, 20.0])
    expected = dict(first)
    first["local"] = -1
    assert interior_counts((2.0, 13.0, 20.0)) == expected
