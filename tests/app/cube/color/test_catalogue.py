"""Which colour modes there are: in the box, plugged in by one file, and one for every other trace."""

from __future__ import annotations

import runpy
from dataclasses import replace

import numpy as np
import pytest

from app.cube.color import built_in
from app.cube.color.catalogue import Catalogue, available_modes, check_name, registered_modes, trace_modes
from app.cube.color.colorizer import Colorizer
from app.cube.color.modes import ColorMode
from lattice.errors import PluginError
from lattice.plugins import COLOR_MODES, Plugins

BOX = ("state_rgb", "skin", "norm", "channel", "change", "gates", "signal", "message", "message_channel")

PLUGIN = '''
"""How far a cell's state is from the mean of all cells."""

import numpy as np

from app.cube.color.modes import ColorMode
from app.cube.color.scales import FROM_ZERO


def distance(observation, lattice_step, where, _parameter):
    states = observation.states_TXYZC[lattice_step]
    return np.linalg.norm(states - states.mean(axis=(0, 1, 2)), axis=-1)[where]


def setup(plugins):
    plugins.color_mode(
        "distance",
        ColorMode(
            title="Distance from the mean",
            tip="Length of the difference between a cell's state and the mean of all states.",
            measure=distance,
            colormap="glacier",
            scale=FROM_ZERO,
        ),
    )
'''


@pytest.fixture
def plugin(tmp_path):
    """A file that offers one mode, loaded."""
    path = tmp_path / "distance.py"
    path.write_text(PLUGIN)
    built_in.register()
    runpy.run_path(str(path))["setup"](Plugins(str(path)))
    yield path
    COLOR_MODES.remove_plugin(str(path))


def traced(seen, **traces):
    return replace(seen, trace={**seen.trace, **{name: np.asarray(v, np.float32) for name, v in traces.items()}})


def names(modes):
    return tuple(mode.name for mode in modes)


def test_the_box_has_seven_modes_in_the_order_of_their_keys():
    assert names(registered_modes())[: len(BOX)] == BOX
    assert [mode.plugin for mode in registered_modes()[: len(BOX)]] == ["built in"] * len(BOX)
    assert [COLOR_MODES.entry(name).plugin for name in BOX] == ["built in"] * len(BOX)


def test_one_file_adds_a_mode_with_colours_and_a_legend(plugin, make_observation):
    seen = make_observation()
    mode = {mode.name: mode for mode in available_modes(seen)}["distance"]
    assert names(available_modes(seen)) == (*BOX, "distance")
    assert mode.plugin == str(plugin)
    made = Colorizer(mode)
    colors, legend = made.colors(seen, 2)
    states = seen.states_TXYZC[2]
    expected = np.linalg.norm(states - states.mean((0, 1, 2)), axis=-1)
    assert (legend.title, legend.kind, legend.low, legend.note) == (
        "Distance from the mean", "sequential", 0.0, "",
    )  # fmt: skip
    index = np.clip(np.round(expected / legend.high * 255), 0, 255).astype(int)
    assert np.abs(colors[..., :3].astype(int) - legend.colours[index].astype(int)).max() <= 8
    assert float(made.value(seen, 2, (1, 2, 3))) == pytest.approx(expected[1, 2, 3], rel=1e-2)


def test_what_a_plugin_brought_goes_with_it(plugin):
    COLOR_MODES.remove_plugin(str(plugin))
    assert names(registered_modes()) == BOX


def test_a_plugin_can_not_take_the_name_of_a_mode_in_the_box():
    built_in.register()
    with pytest.raises(PluginError, match=r"the colour mode 'norm' of mine\.py is built in"):
        Plugins("mine.py").color_mode("norm", built_in.BUILT_IN_MODES[2])


def test_what_is_no_mode_is_refused():
    with pytest.raises(
        PluginError, match=r"'wrong' is a dict with the keys \['title'\], expected a value of .*ColorMode"
    ):
        Plugins("wrong.py").color_mode("wrong", {"title": "a dict"})
    assert "wrong" not in COLOR_MODES


def test_a_name_from_the_command_line_is_known_or_one_of_a_trace():
    check_name("norm")
    check_name("trace_of_any_rule")
    with pytest.raises(PluginError, match=r"no colour mode 'nrm': expected one of .*, norm, .*norm'\?.*trace_NAME"):
        check_name("nrm")


def test_every_trace_that_no_mode_in_the_box_shows_has_a_mode(make_observation):
    seen = make_observation()
    shape = seen.trace["gates"].shape[:-1]
    rng = np.random.default_rng(0)
    seen = traced(seen, reaction=rng.normal(size=(*shape, 3)), fired=rng.uniform(0, 1, size=(*shape, 1)))
    modes = trace_modes(seen)
    assert [mode.title for mode in modes] == ["Trace: reaction", "Trace: fired"]
    reaction, fired = modes
    assert reaction.signed
    assert not fired.signed
    assert fired.parameter is None
    assert reaction.parameter.count(seen) == 3
    assert names(available_modes(seen)) == (*BOX, "trace_reaction", "trace_fired")


def test_a_trace_is_coloured_by_its_channel(make_observation):
    seen = make_observation()
    shape = seen.trace["gates"].shape[:-1]
    values = np.random.default_rng(1).normal(size=(*shape, 2)).astype(np.float32)
    seen = traced(seen, reaction=values)
    made = Colorizer(trace_modes(seen)[0])
    made.parameters["channel"] = 1
    _, legend = made.colors(seen, 2)
    assert (legend.title, legend.kind, legend.low) == ("Trace: reaction, channel 1", "diverging", -legend.high)
    assert made.value(seen, 2, (1, 1, 1)) == f"{values[1, 1, 1, 1, 1]:+.3g}"
    made.parameters["channel"] = 60
    assert made.colors(seen, 2)[1].title == "Trace: reaction, channel 1", "the nearest channel that there is"


def test_a_mode_whose_trace_is_not_recorded_says_so(make_observation):
    seen = replace(make_observation(), trace={})
    gates = {mode.name: mode for mode in registered_modes()}["gates"]
    made = Colorizer(gates)
    colors, legend = made.colors(seen, 1)
    assert (legend.kind, legend.note) == ("none", "not recorded for this sample: the cell rule reports no gates")
    assert len(np.unique(colors.reshape(-1, 4), axis=0)) == 1
    assert made.value(seen, 1, (0, 0, 0)) == legend.note


def test_a_mode_that_did_not_change_stays_the_same_object(plugin, make_observation):
    seen = make_observation()
    seen = traced(seen, reaction=seen.trace["gates"][..., :2])
    catalogue = Catalogue()
    first = catalogue.follow(seen)
    assert catalogue.follow(seen) == first
    assert catalogue.follow() == first, "traces stay until the next observation"
    assert names(catalogue.follow(make_observation())) == (*BOX, "distance")


def test_a_mode_that_is_registered_again_is_another_object(plugin):
    catalogue = Catalogue()
    before = catalogue.follow()
    runpy.run_path(str(plugin))["setup"](Plugins(str(plugin)))
    after = catalogue.follow()
    assert before[: len(BOX)] == after[: len(BOX)]
    assert before[len(BOX)] is not after[len(BOX)]
    assert isinstance(after[len(BOX)], ColorMode)


def test_a_trace_that_had_a_sign_keeps_it(make_observation):
    seen = make_observation()
    ones = np.ones((*seen.trace["gates"].shape[:-1], 1))
    catalogue = Catalogue()
    assert not catalogue.follow(traced(seen, reaction=ones))[-1].signed
    assert catalogue.follow(traced(seen, reaction=-ones))[-1].signed
    assert catalogue.follow(traced(seen, reaction=ones))[-1].signed
