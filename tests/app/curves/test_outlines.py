"""A curve is reduced to lines for a screen, and its values to the ends of an axis."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from app.curves.outlines import outlines_of, value_range
from app.curves.pyramid import Series
from app.curves.specs import PLOTS, CurveSpec


@pytest.fixture
def series() -> Series:
    series = Series()
    series.extend(np.arange(1, 101), np.arange(1, 101) / 10 - 1)
    return series


def curve(*, dashed: bool = False, sparse: bool = False) -> CurveSpec:
    return dataclasses.replace(PLOTS[0].curves[0], dashed=dashed, sparse=sparse)


def test_a_level_goes_on_to_the_right_edge(series: Series) -> None:
    [(x, y)] = outlines_of(curve(dashed=True), series, (1, 300), 500, 1, logarithmic=False)
    assert (x[-1], y[-1]) == (300, y[-2])
    [(x, _)] = outlines_of(curve(), series, (1, 300), 500, 1, logarithmic=False)
    assert x[-1] == 100


def test_samples_stand_behind_a_mean_but_rare_ones_are_not_smoothed(series: Series) -> None:
    smooth, raw = outlines_of(curve(), series, (1, 100), 500, 10, logarithmic=False)
    assert len(raw[0]) == 100
    assert smooth[1][-1] == pytest.approx(np.mean(raw[1][-10:]))
    assert len(outlines_of(curve(sparse=True), series, (1, 100), 500, 10, logarithmic=False)) == 1


def test_a_logarithmic_axis_has_exponents_and_gaps(series: Series) -> None:
    [(_, y)] = outlines_of(curve(), series, (1, 100), 500, 1, logarithmic=True)
    assert np.isnan(y[:10]).all()
    assert y[19] == pytest.approx(0.0)


def test_the_value_axis_has_a_margin_and_stays_near_its_bounds() -> None:
    assert value_range(0.0, 1.0, None, logarithmic=False) == pytest.approx((-0.06, 1.06))
    assert value_range(0.0, 1.0, (0.0, 1.0), logarithmic=False) == pytest.approx((-0.0224, 1.0224))
    assert value_range(0.0, 1.0, (0.0, 1.0), logarithmic=True) == pytest.approx((-0.06, 1.06))
    low, high = value_range(0.0, 0.0, None, logarithmic=False)
    assert low < 0.0 < high
