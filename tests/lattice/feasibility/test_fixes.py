"""Suggested values do what they claim, for any settings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lattice.config import LatticeSettings
from lattice.feasibility.fixes import (
    RADIUS_FIELD,
    cure_by_radius,
    cure_by_steps,
    cure_empty_tier,
    fill_all_tiers,
    live_tiers,
)
from lattice.tiers import TIERS, light_cone, tier_counts


@st.composite
def lattices(draw):
    ratios = sorted(draw(st.lists(st.integers(1, 99), min_size=3, max_size=3, unique=True)))
    return LatticeSettings(
        dimensions=draw(st.tuples(*[st.integers(1, 9)] * 3)),
        adaptive_radius_ratio=draw(st.integers(1, 100)) / 100,
        local_distance_ratio=ratios[0] / 100,
        functional_distance_ratio=ratios[1] / 100,
        distant_distance_ratio=ratios[2] / 100,
        lattice_steps=draw(st.integers(1, 8)),
    )


def counted_live(lattice):
    counts = tier_counts(lattice.dimensions, lattice.get_distance_thresholds())
    return tuple(tier for tier in TIERS if counts[tier].any())


@settings(max_examples=150)
@given(lattices())
def test_cures_of_empty_tiers_work(lattice):
    live = counted_live(lattice)
    assert live_tiers(lattice) == live
    for tier in TIERS:
        if tier in live:
            continue
        cure = cure_empty_tier(lattice, tier)
        if cure is None:
            continue
        changed = LatticeSettings(
            **(lattice.model_dump(include=set(LatticeSettings.model_fields)) | {cure.field: cure.value})
        )
        assert tier in counted_live(changed)
        assert cure.emptied == tuple(other for other in live if other not in counted_live(changed))


@settings(max_examples=60)
@given(lattices())
def test_filled_tiers_hold_neighbours(lattice):
    filled = fill_all_tiers(lattice)
    assert filled is None or counted_live(filled) == TIERS


@given(st.tuples(*[st.integers(3, 12)] * 3), st.integers(1, 100))
def test_every_box_of_three_cells_a_side_can_be_filled(dimensions, percent):
    filled = fill_all_tiers(LatticeSettings(dimensions=dimensions, adaptive_radius_ratio=percent / 100))
    assert filled is not None
    assert counted_live(filled) == TIERS


@pytest.mark.parametrize("dimensions", [(1, 1, 1), (1, 2, 2), (1, 1, 3)])
def test_too_few_distances_for_three_tiers(dimensions):
    assert fill_all_tiers(LatticeSettings(dimensions=dimensions)) is None


@settings(max_examples=80)
@given(lattices(), st.sampled_from(["surface", "through"]))
def test_cures_of_the_light_cone_work(lattice, placement):
    for cure in (cure_by_steps(lattice, placement), cure_by_radius(lattice, placement)):
        if cure is not None and not light_cone(lattice, placement).spans:
            assert light_cone(cure.settings, placement).spans
            assert getattr(cure.settings, cure.field) == cure.value


def test_the_fewest_steps_are_suggested():
    lattice = LatticeSettings(dimensions=(20, 20, 20), adaptive_radius_ratio=0.1, lattice_steps=2)
    cure = cure_by_steps(lattice, "surface")
    assert cure is not None
    assert cure.value == 5
    one_less = LatticeSettings(dimensions=(20, 20, 20), adaptive_radius_ratio=0.1, lattice_steps=4)
    assert not light_cone(one_less, "surface").spans


@pytest.mark.parametrize(
    ("dimensions", "field", "value"),
    [
        ((8, 8, 8), "local_distance_ratio", 0.63),
        ((27, 27, 27), "local_distance_ratio", 0.19),
        ((2, 2, 2), RADIUS_FIELD, 0.5),
    ],
)
def test_known_cures(dimensions, field, value):
    tier = "distant" if dimensions == (2, 2, 2) else "local"
    cure = cure_empty_tier(LatticeSettings(dimensions=dimensions), tier)
    assert cure is not None
    assert (cure.field, cure.value) == (field, value)
