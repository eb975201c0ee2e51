"""From observations to colours, each mode against values computed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.cube.color import fields
from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.color.colorizer import Colorizer
from app.cube.color.colormaps import colormap, with_alpha
from app.cube.color.looks import rgb
from app.cube.color.mapping import NO_VALUE, map_gates, map_values

MODES = {mode.name: mode for mode in BUILT_IN_MODES}
ALL_CELLS = (6, 5, 4)


def colorizer(mode, **settings):
    return Colorizer(MODES[mode], **settings)


def word(colors, cell):
    return int(np.ascontiguousarray(colors[cell]).view(np.uint32)[0])


def test_fields_equal_numpy_written_out(make_observation):
    seen = make_observation()
    states = seen.states_TXYZC
    assert fields.state_norm(seen, 2) == pytest.approx(np.sqrt((states[2] ** 2).sum(-1)), rel=1e-5)
    assert fields.change(seen, 3) == pytest.approx(np.sqrt(((states[3] - states[2]) ** 2).sum(-1)), rel=1e-4)
    assert (fields.change(seen, 0) == 0).all()
    assert (fields.channel(seen, 1, 4) == states[1, ..., 4]).all()
    assert (fields.trace(seen, "gates", 0) == seen.gates_TXYZ3[0]).all()
    assert (fields.trace(seen, "gates", 3) == seen.gates_TXYZ3[2]).all()
    assert fields.signal(seen, 1) == pytest.approx(seen.signal_TXYZ[1], rel=1e-5)
    assert fields.message(seen, 2) == pytest.approx(np.sqrt(((0.5 * states[2] - 0.1) ** 2).sum(-1)), rel=1e-4)
    assert fields.message_channel(seen, 1, 4) == pytest.approx(0.5 * states[1, ..., 4] - 0.1, abs=1e-6)
    cell = (1, 2, 3)
    for field in (fields.state_norm, fields.change, fields.signal, fields.message):
        assert field(seen, 2, cell) == pytest.approx(field(seen, 2)[cell], rel=1e-5)


def test_values_find_their_colour_and_what_is_missing_is_a_mist():
    table = with_alpha(colormap("aurora"))
    values = np.array([[[-5.0, 0.0, 1.0, 9.0, np.nan]]], np.float32)
    words = map_values(values, 0.0, 1.0, table).view(np.uint32)[0, 0, :, 0]
    assert words.tolist() == [table[0], table[0], table[255], table[255], NO_VALUE]
    halfway = map_values(np.full((1, 1, 1), 0.5, np.float32), 0.0, 1.0, table).view(np.uint32).ravel()[0]
    assert halfway in table[126:130]


@pytest.mark.parametrize("tier", range(3))
def test_a_cell_that_listens_to_one_tier_has_its_colour(tier):
    gates = np.zeros((1, 1, 1, 3), np.float32)
    gates[..., tier] = 1.0
    expected = [round(255 * c) for c in rgb(("#DC7410", "#0C9C88", "#9A63DE")[tier])]
    assert map_gates(gates)[0, 0, 0].tolist() == [*expected, 255]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("dark", [True, False])
def test_every_mode_gives_colours_and_a_key(make_observation, mode, dark):
    seen = make_observation()
    colors, legend = colorizer(mode, dark=dark).colors(seen, 2)
    assert colors.shape == (*ALL_CELLS, 4)
    assert colors.dtype == np.uint8
    assert len(np.unique(colors.reshape(-1, 4), axis=0)) > 4
    assert MODES[mode].title
    assert MODES[mode].tip
    if legend.kind in ("sequential", "diverging", "log"):
        assert legend.low < legend.high
        assert legend.colours.shape == (256, 3)
    else:
        assert len(legend.labels) == len(legend.colours) == 3


def test_scalar_colours_are_read_against_the_legend(make_observation):
    seen = make_observation()
    made = colorizer("norm")
    colors, legend = made.colors(seen, 1)
    values = fields.state_norm(seen, 1)
    index = np.clip(np.round((values - legend.low) / (legend.high - legend.low) * 255), 0, 255).astype(int)
    assert np.abs(colors[..., :3].astype(int) - legend.colours[index].astype(int)).max() <= 8


def test_signed_modes_are_symmetric_and_zero_is_in_the_middle(make_observation):
    seen = make_observation()
    made = colorizer("channel")
    made.parameters["channel"] = 2
    _, legend = made.colors(seen, 1)
    assert legend.kind == "diverging"
    assert legend.low == -legend.high
    assert legend.name == "Channel 2"


def test_only_input_cells_are_painted(make_observation):
    colors, _ = colorizer("skin").colors(make_observation(), 3)
    assert (colors[0, ..., 3] == 255).all()
    assert {word(colors, cell) for cell in np.ndindex(5, 5, 4) if cell[0] > 0} == {NO_VALUE}


def test_rounding_is_no_message(make_observation):
    plain = make_observation()
    mean = plain.states_TXYZC * np.float32(1 + 3e-7)
    mean[:, 1, 0, 2] += 0.01
    seen = replace(plain, mean_TXYZC=mean)
    told = fields.message(seen, 1)
    assert told[1, 0, 2] == pytest.approx(fields.message(seen, 1, (1, 0, 2)))
    assert told[1, 0, 2] > 0.01
    assert np.count_nonzero(told) == 1
    assert np.count_nonzero(fields.message_channel(seen, 1, 0)) == 1
    assert fields.message(seen, 1, (0, 0, 0)) == 0


@pytest.mark.parametrize("mode", ["message", "message_channel"])
def test_a_message_is_shown_once_the_mean_states_are_there(make_observation, mode):
    made = colorizer(mode)
    colors, legend = made.colors(make_observation(mean=False), 1)
    assert legend.note == "comes with the next observation"
    assert (np.ascontiguousarray(colors).view(np.uint32) == NO_VALUE).all()
    _, legend = made.colors(make_observation(), 1)
    assert legend.kind == {"message": "sequential", "message_channel": "diverging"}[mode]
    assert "mean" in legend.unit


def test_a_signal_that_was_not_recorded_is_said_so(make_observation):
    made = colorizer("signal")
    colors, legend = made.colors(make_observation(signal=False), 1)
    assert legend.kind == "none"
    assert legend.note == "comes with the next observation"
    assert (np.ascontiguousarray(colors).view(np.uint32) == NO_VALUE).all()
    assert made.value(make_observation(signal=False), 1, (0, 0, 0)) == "comes with the next observation"


def test_the_signal_is_read_on_a_logarithmic_scale(make_observation):
    seen = make_observation()
    _, legend = colorizer("signal").colors(seen, 1)
    assert legend.kind == "log"
    assert seen.signal_TXYZ.min() * 0.9 < legend.low < legend.high < seen.signal_TXYZ.max() * 1.1


@pytest.mark.parametrize("dark", [True, False])
def test_cells_without_a_gradient_are_grey_and_leave_the_scale_alone(make_observation, dark):
    seen = make_observation()
    signal = np.geomspace(1e-4, 1e-2, seen.signal_TXYZ.size, dtype=np.float32).reshape(seen.signal_TXYZ.shape)
    signal[:, :3] = 0.0
    made = colorizer("signal", dark=dark)
    colors, legend = made.colors(replace(seen, signal_TXYZ=signal), 2)
    assert 0.9e-4 < legend.low < legend.high < 1.1e-2
    assert legend.remark.endswith("grey: no gradient at all")
    grey = {tuple(colour) for colour in colors[:3].reshape(-1, 4).tolist()}
    assert len(grey) == 1
    shades = grey.pop()[:3]
    assert max(shades) - min(shades) <= 10
    assert len(np.unique(colors[3:].reshape(-1, 4), axis=0)) > 20
    assert np.abs(legend.colours.astype(int) - shades).max(axis=1).min() > 24, "no colour of the bar is like it"
    assert made.value(replace(seen, signal_TXYZ=signal), 2, (0, 0, 0)) == "0"


def test_the_logarithmic_scale_ends_four_decades_under_its_top(make_observation):
    seen = make_observation()
    signal = np.geomspace(1e-30, 1e-2, seen.signal_TXYZ.size, dtype=np.float32).reshape(seen.signal_TXYZ.shape)
    _, legend = colorizer("signal").colors(replace(seen, signal_TXYZ=signal), 1)
    assert legend.high / legend.low == pytest.approx(1e4, rel=1e-3)


def test_a_signal_that_is_zero_everywhere_is_said_so(make_observation):
    seen = make_observation()
    colors, legend = colorizer("signal").colors(replace(seen, signal_TXYZ=0 * seen.signal_TXYZ), 1)
    assert (legend.kind, legend.note) == ("none", "no cell has a gradient")
    assert len(np.unique(colors.reshape(-1, 4), axis=0)) == 1


def test_the_range_is_the_same_at_every_step_of_one_observation(make_observation):
    seen = make_observation()
    made = colorizer("norm")
    ranges = {(made.colors(seen, t)[1].low, made.colors(seen, t)[1].high) for t in range(4)}
    assert len(ranges) == 1


def test_a_locked_range_stays_and_an_automatic_one_follows(make_observation):
    first = make_observation()
    louder = replace(first, states_TXYZC=first.states_TXYZC * 4)
    made = colorizer("norm")
    high = made.colors(first, 1)[1].high
    made.locked = True
    legend = made.colors(louder, 1)[1]
    assert legend.locked
    assert legend.high == high
    made.locked = False
    for _ in range(30):
        legend = made.colors(replace(louder), 1)[1]
    assert legend.high == pytest.approx(4 * high, rel=0.02)


def test_slowly_changing_states_give_slowly_changing_colours(make_observation):
    made, before, jumps = colorizer("state_rgb"), None, []
    for phase in np.linspace(0.0, 2.0, 80):
        colors = made.colors(make_observation(phase=float(phase)), 2)[0][..., :3].astype(int)
        if before is not None:
            jumps.append(np.abs(colors - before).mean())
        before = colors
    assert max(jumps) < 6.0
    assert max(jumps) < 4.0 * np.median(jumps)


def test_a_flipped_run_of_states_changes_colours_smoothly_not_at_once(make_observation):
    seen = make_observation()
    made = colorizer("state_rgb")
    before = made.colors(seen, 1)[0].astype(int)
    same = made.colors(replace(seen), 1)[0].astype(int)
    assert np.abs(same - before).mean() < 2.0


def test_values_in_words(make_observation):
    seen = make_observation()
    made = colorizer("gates")
    assert made.value(seen, 1, (0, 0, 0)).startswith("local ")
    made.mode = MODES["norm"]
    assert float(made.value(seen, 1, (1, 1, 1))) == pytest.approx(fields.state_norm(seen, 1)[1, 1, 1], rel=1e-2)
    made.mode = MODES["channel"]
    assert made.value(seen, 1, (1, 1, 1))[0] in "+-"
    made.mode = MODES["skin"]
    assert made.value(seen, 1, (3, 1, 1)) == "no input cell"
    assert made.value(seen, 1, (6, 0, 0)) == ""


def test_steps_beyond_the_observation_show_its_last(make_observation):
    seen = make_observation()
    made = colorizer("norm")
    assert (made.colors(seen, 99)[0] == made.colors(seen, 3)[0]).all()
    assert (made.colors(seen, -1)[0] == made.colors(seen, 0)[0]).all()


def test_a_second_mapper_scalar_can_be_chosen(make_observation):
    seen = make_observation(scalars=2)
    made = colorizer("skin")
    first = made.colors(seen, 0)[0]
    made.parameters["scalar"] = 1
    second, legend = made.colors(seen, 0)
    assert (first != second).any()
    assert legend.name == "Embedding on the skin, scalar 1"


def test_reset_forgets_the_run_before(make_observation):
    made = colorizer("norm")
    loud = make_observation()
    loud = replace(loud, states_TXYZC=loud.states_TXYZC * 100)
    made.colors(loud, 1)
    made.reset()
    assert made.colors(make_observation(), 1)[1].high < 5


def test_erased_cells_are_a_mist_in_every_mode_and_say_so(make_observation):
    erased = np.zeros(ALL_CELLS, dtype=bool)
    erased[1, 2, 3] = True
    seen = replace(make_observation(), erased_XYZ=erased)
    for name in MODES:
        colors, legend = colorizer(name).colors(seen, 1)
        assert word(colors, (1, 2, 3)) == NO_VALUE, name
        assert word(colors, (0, 0, 0)) != NO_VALUE, name
        assert "1 erased cell" in legend.words or "1 cell erased" in legend.words, name
        assert colorizer(name).value(seen, 1, (1, 2, 3)) == "erased"


@pytest.mark.parametrize(("mode", "words"), [("norm", "darker is more"), ("channel", "darker is farther from zero")])
def test_the_legend_says_that_maps_are_turned_around_on_the_light_ground(make_observation, mode, words):
    observation = make_observation()
    assert colorizer(mode, dark=False).colors(observation, 1)[1].remark == words
    assert colorizer(mode, dark=True).colors(observation, 1)[1].remark == ""


def test_the_legend_says_where_cells_lie_beyond_its_ends(make_observation):
    seen = make_observation()
    _, legend = colorizer("norm").colors(seen, 1)
    assert legend.end_texts[1].startswith("\N{GREATER-THAN OR EQUAL TO} ")
    fixed = colorizer("norm")
    fixed.choices.limits[fixed.key] = (0.25, 0.5)
    _, legend = fixed.colors(seen, 1)
    assert legend.end_texts == ("\N{LESS-THAN OR EQUAL TO} 0.250", "\N{GREATER-THAN OR EQUAL TO} 0.500")
    _, legend = colorizer("signal").colors(seen, 1)
    assert legend.title.endswith("log scale)"), "the distance on the bar is a ratio"
    assert legend.brief_title.endswith("(log)")
