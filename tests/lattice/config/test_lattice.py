"""The distance rule: thresholds follow from the longest side and four ratios."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lattice.config import DistanceThresholds, LatticeSettings, NeighborSettings, SimpleProjectConfig


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ((8, 8, 8), (0.16, 1.04, 1.6)),
        ((10, 10, 10), (0.2, 1.3, 2.0)),
        ((27, 27, 27), (0.54, 3.51, 5.4)),
        ((9, 12, 14), (0.28, 1.82, 2.8)),
        ((50, 1, 1), (1.0, 6.5, 10.0)),
        ((1, 1, 1), (0.02, 0.13, 0.2)),
    ],
)
def test_thresholds_by_hand(dimensions, expected):
    settings = LatticeSettings(dimensions=dimensions)
    assert settings.get_distance_thresholds() == pytest.approx(expected, rel=1e-12)
    assert settings.max_dimension == max(dimensions)


def test_thresholds_are_the_computed_properties():
    settings = LatticeSettings(dimensions=(9, 12, 14), adaptive_radius_ratio=0.3, local_distance_ratio=0.25)
    assert settings.get_distance_thresholds() == DistanceThresholds(
        local=settings.local_distance_threshold,
        functional=settings.functional_distance_threshold,
        distant=settings.distant_distance_threshold,
    )
    assert settings.max_radius == 14 * 0.3
    assert settings.local_distance_threshold == 14 * 0.3 * 0.25


def test_no_threshold_is_a_setting():
    assert not [name for name in LatticeSettings.model_fields if "threshold" in name]
    assert not [name for name in NeighborSettings.model_fields if "distance" in name or "threshold" in name]


@given(
    dimensions=st.tuples(*[st.integers(1, 256)] * 3),
    radius=st.floats(0.001, 1.0),
    ratios=st.lists(st.floats(0.001, 0.999), min_size=3, max_size=3, unique=True).map(sorted),
)
def test_thresholds_rise_and_end_within_the_radius(dimensions, radius, ratios):
    local, functional, distant = ratios
    settings = LatticeSettings(
        dimensions=dimensions,
        adaptive_radius_ratio=radius,
        local_distance_ratio=local,
        functional_distance_ratio=functional,
        distant_distance_ratio=distant,
    )
    thresholds = settings.get_distance_thresholds()
    assert 0 < thresholds.local < thresholds.functional < thresholds.distant <= settings.max_radius
    assert settings.max_radius <= max(dimensions)
    assert settings.cells == dimensions[0] * dimensions[1] * dimensions[2]


@pytest.mark.parametrize(
    ("local", "functional", "distant"), [(0.5, 0.5, 1.0), (0.6, 0.5, 1.0), (0.1, 0.9, 0.9), (0.1, 0.95, 0.9)]
)
def test_ratios_must_rise(local, functional, distant):
    with pytest.raises(ValidationError, match=f"got local {local:g}, functional {functional:g}, distant {distant:g}"):
        LatticeSettings(
            local_distance_ratio=local, functional_distance_ratio=functional, distant_distance_ratio=distant
        )


def test_computed_properties_stay_out_of_what_is_saved():
    assert set(SimpleProjectConfig().to_mapping()["lattice"]) == set(LatticeSettings.model_fields)
