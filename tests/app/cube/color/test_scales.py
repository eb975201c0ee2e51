"""Scales against ends computed by hand."""

import numpy as np
import pytest

from app.cube.color.scales import FROM_ZERO, LOGARITHMIC, ROBUST, SYMMETRIC, fixed

VALUES = np.linspace(-1.0, 3.0, 401, dtype=np.float32)


@pytest.mark.parametrize(
    ("scale", "ends"),
    [
        (ROBUST, (-0.98, 2.98)),
        (FROM_ZERO, (0.0, 2.98)),
        (SYMMETRIC, (-2.98, 2.98)),
        (fixed(0.0, 1.0), (0.0, 1.0)),
    ],
)
def test_ends_leave_half_a_per_cent_out_at_either_side(scale, ends):
    assert scale.ends_of(VALUES) == pytest.approx(ends, abs=1e-5)


def test_a_logarithmic_scale_spans_at_most_four_decades():
    low, high = LOGARITHMIC.ends_of(np.geomspace(1e-20, 1.0, 2001, dtype=np.float32))
    assert high - low == pytest.approx(4.0)
    assert LOGARITHMIC.value(high) == pytest.approx(0.8, rel=0.1)
    short = LOGARITHMIC.ends_of(np.geomspace(1e-2, 1.0, 2001, dtype=np.float32))
    assert short == pytest.approx((-1.99, -0.01), abs=1e-3)


def test_zeros_and_gaps_leave_the_ends_alone():
    assert LOGARITHMIC.ends_of(np.zeros(9, np.float32)) is None
    assert ROBUST.ends_of(np.full(9, np.nan, np.float32)) is None
    assert LOGARITHMIC.ends_of(np.array([0.0, 1.0, 1.0], np.float32)) == pytest.approx((0.0, 1e-6))


@pytest.mark.parametrize("scale", [ROBUST, FROM_ZERO, SYMMETRIC, LOGARITHMIC])
def test_equal_values_have_a_bar_of_some_length(scale):
    low, high = scale.ends_of(np.full(5, 1e-9, np.float32))
    assert low < high


@pytest.mark.parametrize(("low", "high"), [(1.0, 1.0), (2.0, 1.0), (0.0, np.inf)])
def test_a_fixed_scale_needs_ends_in_order(low, high):
    with pytest.raises(ValueError, match="a fixed scale needs finite ends with low < high"):
        fixed(low, high)
