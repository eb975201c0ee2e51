"""The reduction of curves keeps every spike, whatever the zoom and however the samples came in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curves import Series
from app.curves.pyramid import position

COLUMNS = 700


def series_of(y: np.ndarray, x: np.ndarray | None = None) -> Series:
    series = Series()
    series.extend(np.arange(len(y)) if x is None else x, y)
    return series


def test_a_spike_among_a_million_samples_is_in_the_outline_at_every_zoom() -> None:
    rng = np.random.default_rng(3)
    y = rng.normal(size=1_000_000)
    at = 617_283
    y[at] = 100.0
    series = series_of(y)
    width = 1_000_000.0
    while width > 4:
        for offset in (0.001, 0.37, 0.5, 0.999):
            left = at - offset * width
            _, shown = series.outline(left, left + width, COLUMNS)
            assert shown.max() == 100.0, f"spike lost at width {width}, offset {offset}"
            assert len(shown) <= 4 * COLUMNS + 8
        width *= 0.6


@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400),
    st.integers(1, 20),
    st.floats(-10, 410),
    st.floats(0, 400),
)
def test_outline_has_the_extremes_of_the_window(values: list[float], columns: int, left: float, width: float) -> None:
    y = np.array(values, np.float32)
    x_shown, y_shown = series_of(y).outline(left, left + width, columns)
    inside = y[(np.arange(len(y)) >= left) & (np.arange(len(y)) <= left + width)]
    if len(inside):
        assert y_shown.min() <= inside.min()
        assert y_shown.max() >= inside.max()
    assert set(y_shown) <= set(y)
    assert np.all(np.diff(x_shown) >= 0)
    assert len(x_shown) <= 4 * columns + 8


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(1, 8))
def test_growing_piece_by_piece_gives_the_same_outline_as_all_at_once(pieces: list[int], columns: int) -> None:
    y = np.random.default_rng(0).normal(size=sum(pieces))
    growing = Series()
    done = 0
    for piece in pieces:
        for index in range(done, done + piece):
            growing.append(index, y[index])
        done += piece
        shown = growing.outline(0, done, columns)  # builds the levels that there are
        expected = series_of(y[:done]).outline(0, done, columns)
        np.testing.assert_array_equal(shown, expected)


def test_few_samples_are_drawn_as_they_are() -> None:
    y = np.random.default_rng(1).normal(size=50).astype(np.float32)
    x_shown, y_shown = series_of(y).outline(-1, 60, 100)
    np.testing.assert_array_equal(x_shown, np.arange(50))
    np.testing.assert_array_equal(y_shown, y)


def test_outline_of_nothing_is_empty() -> None:
    x, y = Series().outline(0, 10, 100)
    assert len(x) == len(y) == 0
    x, y = Series().smoothed(0, 10, 100, 5)
    assert len(x) == len(y) == 0


def test_missing_values_do_not_hide_their_neighbours() -> None:
    y = np.ones(1000)
    y[::2] = np.nan
    _, shown = series_of(y).outline(0, 1000, 20)
    assert np.nanmax(shown) == np.nanmin(shown) == 1.0
    assert not np.isnan(shown).any()


@pytest.mark.parametrize("window", [1, 7, 200])
def test_smoothing_is_the_mean_of_the_last_samples(window: int) -> None:
    y = np.random.default_rng(2).normal(size=300).astype(np.float32)
    x_shown, y_shown = series_of(y).smoothed(0, 300, 400, window)
    expected = [y[max(0, end - window + 1) : end + 1].mean(dtype=np.float64) for end in range(300)]
    np.testing.assert_array_equal(x_shown, np.arange(300))
    np.testing.assert_allclose(y_shown, expected, atol=1e-12)


def test_smoothing_of_many_samples_averages_whole_columns() -> None:
    y = np.tile([0.0, 1.0], 50_000)
    x_shown, y_shown = series_of(y).smoothed(0, 100_000, 100, 1)
    assert len(x_shown) <= 202
    np.testing.assert_allclose(y_shown[1:], 0.5, atol=0.01)
    assert x_shown[-1] == 99_999


def test_truncating_and_going_on_equals_a_fresh_start() -> None:
    rng = np.random.default_rng(4)
    old, new = rng.normal(size=1000), rng.normal(size=700)
    series = series_of(old)
    series.outline(0, 1000, 10)
    series.smoothed(0, 1000, 10, 5)
    series.truncate(499)
    series.extend(np.arange(500, 1200), new)
    fresh = series_of(np.concatenate([old[:500], new]))
    np.testing.assert_array_equal(series.outline(0, 1200, 10), fresh.outline(0, 1200, 10))
    np.testing.assert_allclose(series.smoothed(0, 1200, 10, 50), fresh.smoothed(0, 1200, 10, 50))


def test_value_at_takes_the_last_sample_before() -> None:
    series = series_of(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0]))
    assert series.value_at(20) == 2.0
    assert series.value_at(29.9) == 2.0
    assert series.value_at(99) == 3.0
    assert np.isnan(series.value_at(9))


def test_arrays_are_views_that_stay_as_they_are() -> None:
    series = series_of(np.array([1.0, 2.0, 3.0]))
    steps, values = series.to_arrays()
    assert values.base is series.y.base
    series.append(3, 4.0)
    assert series.to_arrays()[1].base is values.base
    series.truncate(0)
    series.append(1, 9.0)
    assert (steps.tolist(), values.tolist()) == ([0, 1, 2], [1.0, 2.0, 3.0])
    assert (series.x.tolist(), series.y.tolist()) == ([0, 1], [1.0, 9.0])


@given(st.lists(st.integers(0, 30), max_size=12), st.floats(allow_nan=False))
def test_a_position_is_that_among_numbers_of_any_kind(steps: list[int], x: float) -> None:
    steps = sorted(steps)
    whole = np.array(steps, np.int32)
    assert position(whole, x) == np.searchsorted(np.array(steps, float), x)
    assert position(whole, x, after=True) == np.searchsorted(np.array(steps, float), x, side="right")


def test_a_value_beyond_float32_is_infinite() -> None:
    series = series_of(np.array([1e40]))
    series.append(1, -1e40)
    assert series.y.tolist() == [np.inf, -np.inf]
