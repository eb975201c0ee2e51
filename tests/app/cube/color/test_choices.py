"""Chosen maps, ends and thresholds: what is refused, what is painted, and what comes back from a checkpoint."""

from __future__ import annotations

import json

import numpy as np
import pytest

from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.color.choices import ColorChoices, check_limits, shown_cells
from app.cube.color.colorizer import Colorizer
from app.cube.color.colormaps import colormap

MODES = {mode.name: mode for mode in BUILT_IN_MODES}


def alpha(colors):
    return colors[..., 3]


@pytest.mark.parametrize(
    ("mode", "low", "high", "words"),
    [
        ("norm", 1.0, 1.0, "the low end must be below the high one, got 1 and 1"),
        ("norm", float("nan"), 1.0, "the low end must be below the high one, got nan and 1"),
        ("channel", -1.0, 2.0, "expected ends like -2 and 2, got -1"),
        ("signal", 0.0, 2.0, "a logarithmic bar begins above 0, got 0"),
    ],
)
def test_ends_that_no_bar_can_have_are_refused(mode, low, high, words):
    with pytest.raises(ValueError, match=words):
        check_limits(MODES[mode], low, high)


def test_a_map_is_chosen_for_one_kind_of_values():
    choices = ColorChoices()
    choices.set_map("viridis")
    choices.set_map("purple_green")
    assert choices.map_of(MODES["norm"]) == choices.map_of(MODES["change"]) == "viridis"
    assert choices.map_of(MODES["channel"]) == "purple_green"
    assert choices.maps == ("viridis", "purple_green")
    with pytest.raises(ValueError, match=r"there is no colour map 'jet': expected one of aurora, .*blue_red"):
        choices.set_map("jet")


def test_fixed_ends_are_the_legends_whatever_comes(make_observation):
    colorizer = Colorizer(MODES["norm"])
    colorizer.choices.limits["norm", 0] = (0.5, 4.0)
    for phase in (0.0, 1.0):
        _, legend = colorizer.colors(make_observation(phase=phase), 1)
        assert (legend.low, legend.high, legend.hold) == (0.5, 4.0, "fixed")
    colorizer.choices.limits.clear()
    _, legend = colorizer.colors(make_observation(), 1)
    assert legend.hold == "auto"
    assert (legend.low, legend.high) == colorizer.automatic()


def test_the_chosen_map_is_painted_and_in_the_legend(make_observation):
    colorizer = Colorizer(MODES["norm"])
    colorizer.choices.set_map("cividis")
    _, legend = colorizer.colors(make_observation(), 1)
    assert (legend.colours == colormap("cividis")).all()


@pytest.mark.parametrize("mode", ["norm", "channel"])
def test_a_threshold_leaves_the_cells_beyond_it_and_counts_them(make_observation, mode):
    seen, colorizer = make_observation(), Colorizer(MODES[mode])
    everything, _ = colorizer.colors(seen, 2)
    values = MODES[mode].measure(seen, 2, ..., 0)
    threshold = float(np.median(np.abs(values)))
    colorizer.choices.thresholds[mode, 0] = threshold
    colors, legend = colorizer.colors(seen, 2)
    expected = np.abs(values) >= threshold
    assert ((alpha(colors) > 0) == expected).all()
    assert 0 < expected.sum() < expected.size
    assert (colors[..., :3] == everything[..., :3]).all()
    assert (legend.shown, legend.cells) == (expected.sum(), expected.size)
    assert f"{expected.sum()} of {expected.size} cells shown" in legend.words


def test_a_cell_without_a_value_is_not_beyond_a_threshold():
    values = np.array([[[np.nan, -3.0, 0.5, 2.0]]], np.float32)
    assert shown_cells(MODES["norm"], values, 1.0).tolist() == [[[False, False, False, True]]]
    assert shown_cells(MODES["channel"], values, 1.0).tolist() == [[[False, True, False, True]]]


def test_what_a_run_is_coloured_by_comes_back(make_observation):
    before, after = Colorizer(), Colorizer()
    for phase in range(4):
        before.colors(make_observation(phase=float(phase)), 1)
    before.choices.limits["channel", 3] = (-2.0, 2.0)
    before.choices.thresholds["norm", 0] = 0.25
    channels = make_observation().states_TXYZC.shape[-1]
    after.take_arrays(before.to_arrays(), channels)
    assert (after.choices.limits, after.choices.thresholds) == (before.choices.limits, before.choices.thresholds)
    assert np.allclose(after.axes.axes, before.axes.axes, atol=1e-6)
    assert after.axes.shares == pytest.approx(before.axes.shares, abs=1e-5)
    newest = make_observation(phase=9.0)
    resumed, went_on = after.colors(newest, 2)[0].astype(int), before.colors(newest, 2)[0].astype(int)
    assert np.abs(resumed - went_on).max() <= 12  # one level of the colour cube, by float32's rounding


def test_axes_of_another_state_size_are_left_alone(make_observation):
    before, after = Colorizer(), Colorizer()
    before.colors(make_observation(), 1)
    after.take_arrays(before.to_arrays(), 99)
    assert not after.axes.known


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ([1], "expected limits and thresholds, got"),
        ({"limits": [["norm", 0, 1.0]]}, "expected rows of 4 under 'limits'"),
        ({"limits": [["norm", 0, 2.0, 10**400]]}, "expected a finite number, got 1000"),
        ({"thresholds": [[5, 0, 1.0]]}, "expected a mode's name and a whole number, got 5"),
        ({"thresholds": [["norm", 0, "x"]]}, "expected a finite number, got 'x'"),
    ],
)
def test_choices_that_nobody_made_are_refused(stored, words):
    array = np.frombuffer(json.dumps(stored).encode(), np.uint8)
    with pytest.raises(ValueError, match=words):
        ColorChoices().take_array(array)


def test_choices_that_can_not_be_read_leave_good_axes(make_observation):
    before, after = Colorizer(), Colorizer()
    before.colors(make_observation(), 1)
    deep = np.frombuffer(b"[" * 100_000 + b"]" * 100_000, np.uint8)
    with pytest.raises(ValueError, match="nested"):
        after.take_arrays({**before.to_arrays(), "choices": deep}, make_observation().states_TXYZC.shape[-1])
    assert after.axes.known


@pytest.mark.parametrize(("mode", "ends"), [("norm", (2.0, 1.0)), ("signal", (-1.0, 1.0))])
def test_stored_ends_that_no_bar_can_have_are_left_out(make_observation, caplog, mode, ends):
    stored, colorizer = ColorChoices(limits={(mode, 0): ends}), Colorizer(MODES[mode])
    colorizer.choices.take_array(stored.to_array())
    _, legend = colorizer.colors(make_observation(), 1)
    assert legend.hold == "auto"
    assert not colorizer.choices.limits
    assert "are left out" in caplog.text


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("axes", np.zeros((5, 2), np.float32), r"expected finite colour axes 'axes' of shape \(\d, 3\)"),
        ("scale", np.zeros(3, np.float32), "expected colour axes of a length above 0"),
        ("mean", np.full(6, np.nan, np.float32), "expected finite colour axes 'mean'"),
    ],
)
def test_axes_that_can_not_be_read_are_refused(make_observation, name, values, words):
    colorizer = Colorizer()
    colorizer.colors(make_observation(), 1)
    arrays = {**colorizer.to_arrays(), name: values}
    with pytest.raises(ValueError, match=words):
        Colorizer().axes.take_arrays(arrays)
