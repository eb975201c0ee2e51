"""The colour modes while the program runs: they come, change and go, and the picture follows."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import numpy as np
import pytest

from app.cube.color import built_in
from app.cube.color.modes import ColorMode
from app.cube.color.scales import FROM_ZERO
from app.session.colors import CubeColors
from lattice.plugins import COLOR_MODES, Plugins
from tests.app.fakes import FakeTrainer, small_config

PLUGIN = "mine.py"


def register(factor):
    """Register the mode `mine`, as a plugin does when it is loaded or loaded again."""

    def measure(seen, _step, where, _parameter):
        return np.full(seen.dimensions, factor, np.float32)[where]

    built_in.register()
    mode = ColorMode(title=f"Mine x {factor}", tip="A number.", measure=measure, scale=FROM_ZERO)
    Plugins(PLUGIN).color_mode("mine", mode)


@pytest.fixture(autouse=True)
def unplugged():
    yield
    COLOR_MODES.remove_plugin(PLUGIN)


@pytest.fixture
def seen():
    return FakeTrainer(small_config()).observe(1)


@pytest.fixture
def colors(qapp, seen):
    """Colours that follow one observation, as the display does it."""
    made = CubeColors()
    made.outdated.connect(lambda: made.paint(seen, 1))
    yield made
    made.close()


@pytest.fixture
def legends(colors):
    found = []
    colors.painted.connect(lambda painted: found.append(painted.legend))
    return found


@pytest.fixture
def heard(colors):
    """Names of modes as they were chosen, and `list` for each other list of modes."""
    found = []
    colors.mode_changed.connect(found.append)
    colors.modes_changed.connect(lambda: found.append("list"))
    return found


def test_a_plugin_that_is_loaded_adds_its_mode(colors, legends, heard):
    register(2)
    colors.refresh_modes()
    assert heard == ["list"]
    assert colors.modes[-1].name == "mine"
    colors.set_mode("mine")
    assert heard == ["list", "mine"]
    assert (legends[-1].title, legends[-1].high) == ("Mine x 2", 2.0)


def test_nothing_is_said_where_nothing_changed(colors, seen, heard):
    colors.refresh_modes()
    colors.refresh_modes(seen)
    colors.set_mode(colors.mode.name)
    assert heard == []


def test_a_mode_that_is_reloaded_is_shown_in_its_new_definition(colors, legends, heard):
    register(2)
    colors.refresh_modes()
    colors.set_mode("mine")
    register(64)
    colors.refresh_modes()
    assert colors.mode.title == "Mine x 64"
    assert (legends[-1].title, legends[-1].high) == ("Mine x 64", 64.0), "the range is measured again"
    assert heard == ["list", "mine", "list"]


def test_a_mode_that_vanishes_gives_way_to_the_first(colors, legends, heard, caplog):
    register(2)
    colors.refresh_modes()
    colors.set_mode("mine")
    COLOR_MODES.remove_plugin(PLUGIN)
    with caplog.at_level(logging.INFO):
        colors.refresh_modes()
    assert colors.mode.name == "state_rgb"
    assert legends[-1].title == "State as RGB"
    assert heard[-2:] == ["list", "state_rgb"]
    assert "the colour mode 'Mine x 2' is gone: showing 'State as RGB'" in caplog.text


def test_modes_of_traces_come_and_go_with_what_a_rule_traces(colors, seen, heard):
    reaction = np.ones((*seen.trace["gates"].shape[:-1], 2), np.float32)
    with_reaction = replace(seen, trace={"reaction": reaction})
    colors.refresh_modes(with_reaction)
    assert colors.modes[-1].title == "Trace: reaction"
    colors.set_mode("trace_reaction")
    colors.refresh_modes(replace(with_reaction))
    assert heard == ["list", "trace_reaction"]
    colors.refresh_modes(seen)
    assert heard[2:] == ["list", "state_rgb"]


def test_a_mode_that_there_is_not_is_refused(colors):
    with pytest.raises(ValueError, match="there is no colour mode 'mine': expected one of state_rgb, skin, norm"):
        colors.set_mode("mine")


def test_a_failing_mode_leaves_the_picture_going(colors, legends):
    built_in.register()
    Plugins(PLUGIN).color_mode("mine", ColorMode("Mine", "A test.", lambda *_: 1 / 0))
    colors.refresh_modes()
    colors.set_mode("mine")
    assert legends[-1].kind == "none"
    assert re.fullmatch(r"failed in test_colors\.py, line \d+: ZeroDivisionError: .*", legends[-1].note)
    colors.set_mode("norm")
    assert legends[-1].kind == "sequential"


def test_parameters_are_kept_by_name(colors, legends):
    heard = []
    colors.channel_changed.connect(heard.append)
    colors.set_mode("channel")
    colors.set_channel(2)
    assert (heard, legends[-1].title) == ([2], "Channel 2")
    colors.set_mode("skin")
    colors.set_parameter("scalar", 1)
    assert (heard, legends[-1].title) == ([2], "Embedding on the skin, scalar 1")
    colors.begin(channels=2)
    assert (heard, colors.channel) == ([2, 1], 1)


def test_a_trace_is_begun_with_once_it_was_observed(colors, seen, heard):
    colors.begin_with("trace_reaction")
    colors.refresh_modes()
    assert colors.mode.name == "state_rgb"
    reaction = np.ones((*seen.trace["gates"].shape[:-1], 2), np.float32)
    colors.refresh_modes(replace(seen, trace={"reaction": reaction}))
    assert heard == ["list", "trace_reaction"]


def test_a_mode_that_never_comes_is_said_once_and_a_choice_by_hand_wins(colors, seen, caplog):
    colors.begin_with("trace_nothing")
    with caplog.at_level(logging.WARNING):
        colors.refresh_modes(seen)
        colors.refresh_modes(seen)
    assert [record.getMessage().partition(": expected one of state_rgb, ")[0] for record in caplog.records] == [
        "there is no colour mode 'trace_nothing'"
    ]
    colors.begin_with("norm")
    assert colors.mode.name == "norm"
    colors.begin_with("trace_reaction")
    colors.set_mode("skin")
    colors.refresh_modes(replace(seen, trace={"reaction": np.ones((*seen.trace["gates"].shape[:-1], 2), np.float32)}))
    assert colors.mode.name == "skin"
