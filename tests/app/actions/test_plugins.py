"""Plugins while the window is open: loaded, loaded again at each save, unloaded; errors leave what was there."""

from __future__ import annotations

import pytest

from app.actions.dialogs import ErrorDialog
from app.run.trainer_factory import LatticeRuns
from lattice.plugin_loading import loaded_plugins, unload
from lattice.plugins import CELL_RULES, COLOR_MODES, PANELS
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

PLUGIN = '''
import numpy as np
from PyQt6.QtWidgets import QLabel
from torch import nn

from app.cube.color.modes import ColorMode
from app.panels.panel import Panel
from app.panels.spec import PanelSpec
from lattice.model.rules.base import CellRule


class Fade(CellRule):
    """Every cell moves toward its neighbours."""

    def __init__(self, cell, settings):
        super().__init__(cell, settings)
        self.mix = nn.Linear(cell.state_size, cell.state_size)

    def forward(self, state_NBC, hear, context):
        heard = sum(hear(tier, state_NBC) for tier in context.live_tiers)
        next_NBC = state_NBC + FACTOR * self.mix(heard - state_NBC)
        return next_NBC, {"speed": (next_NBC - state_NBC).norm(dim=-1, keepdim=True)}


def mean(observation, lattice_step, where, _parameter):
    return observation.states_TXYZC[lattice_step].mean(axis=-1)[where]


class Note(Panel):
    """Says which run is open."""

    def __init__(self, services):
        super().__init__()
        self.label = QLabel("no run", self)

    def show_run(self, summary):
        self.label.setText(summary.name)


def setup(plugins):
    plugins.cell_rule("fade", Fade)
    plugins.color_mode("mean", ColorMode(title="State mean", tip="Mean of the state.", measure=mean))
    plugins.panel("note", PanelSpec("Note", "right", Note, "The run's name"))
'''


@pytest.fixture
def plugin(tmp_path):
    path = tmp_path / "fade.py"
    path.write_text(PLUGIN.replace("FACTOR", "0.1"))
    yield path
    for loaded in loaded_plugins():
        unload(loaded.name)


def modes_shown(window) -> list[str]:
    return [window.toolbar.modes.itemData(index) for index in range(window.toolbar.modes.count())]


def failure(window) -> str:
    return window.findChild(ErrorDialog).what.text()


def test_what_a_plugin_brings_is_in_the_lists_and_gone_when_it_is_unloaded(qtbot, window, plugin):
    window.plugins.load(plugin)
    assert "fade" in CELL_RULES
    assert modes_shown(window)[-1] == "mean"
    assert window.docks["note"].isVisible()
    assert window.docks.panels["note"].label.text() == "small"
    window.toolbar.modes.activated.emit(len(modes_shown(window)) - 1)
    assert window.display.mode == "mean"
    assert [action.text() for action in window.menus.colors.actions() if action.isChecked()] == ["State mean"]
    window.plugins.unload(str(plugin))
    assert "fade" not in CELL_RULES
    assert "mean" not in modes_shown(window)
    assert window.display.mode == "state_rgb"
    assert "note" not in window.docks
    assert "note" not in PANELS


def test_the_menu_of_loaded_plugins_lists_what_each_brought(window, plugin):
    window.menus.plugins.aboutToShow.emit()
    assert [action.text() for action in window.menus.plugins.actions()] == ["No plugin is loaded"]
    window.plugins.load(plugin)
    window.menus.plugins.aboutToShow.emit()
    (entry,) = window.menus.plugins.actions()
    assert entry.text() == "fade.py"
    texts = [action.text() for action in entry.menu().actions()]
    assert texts[:2] == ["Load again", "Unload"]
    assert "cell rule 'fade'" in texts
    entry.menu().actions()[1].trigger()
    assert loaded_plugins() == ()


def test_a_broken_plugin_is_shown_with_file_and_line_and_changes_nothing(window, plugin):
    plugin.write_text("import math\nmath.nothing\n")
    before = (list(CELL_RULES), list(COLOR_MODES), list(PANELS))
    window.plugins.load(plugin)
    assert "fade.py, line 2" in failure(window)
    assert (list(CELL_RULES), list(COLOR_MODES), list(PANELS)) == before


def test_the_message_about_a_plugin_goes_when_it_is_mended(window, plugin, caplog):
    caplog.set_level("ERROR", "cellcube")
    plugin.write_text("1 / 0\n")
    window.plugins.load(plugin)
    assert window.findChild(ErrorDialog).isVisible()
    assert caplog.text.count("fade.py, line 1: ZeroDivisionError") == 1
    plugin.write_text(PLUGIN.replace("FACTOR", "0.1"))
    window.plugins.load(plugin)
    assert not window.findChild(ErrorDialog).isVisible()


@pytest.fixture
def running(qtbot, make_window, plugin):
    """A window that trains a small cube on the plugin's rule, with real trainers."""
    window = make_window(launch=False)
    window.plugins.load(plugin)
    config = small_config(**{"model.rule": "fade", "lattice.adaptive_radius_ratio": 0.5})
    from app.run.commands import OpenRun

    with qtbot.waitSignal(window.controller.opened, timeout=60_000):
        window.controller.launch()
        window.controller.open(OpenRun("fading", config))
    qtbot.waitUntil(lambda: window.display.observation is not None, timeout=60_000)
    return window


@pytest.fixture
def runs():
    return LatticeRuns()


@pytest.mark.slow
class TestWhileItRuns:
    def test_saving_the_file_changes_the_cube_and_keeps_the_weights(self, qtbot, running, plugin):
        assert "speed" in running.display.observation.trace
        assert "trace_speed" in modes_shown(running)
        before = running.display.observation
        with qtbot.waitSignal(running.controller.applied, timeout=60_000):
            plugin.write_text(PLUGIN.replace("FACTOR", "0.5"))
        qtbot.waitUntil(lambda: running.display.observation not in (before, None), timeout=60_000)
        after = running.display.observation
        assert (after.states_TXYZC[0] == before.states_TXYZC[0]).all()
        assert not (after.states_TXYZC[-1] == before.states_TXYZC[-1]).all()
        qtbot.waitUntil(
            lambda: "The cube runs on fade.py as it is now" in running.status.facts_label.text(), timeout=60_000
        )

    def test_a_rule_that_fails_its_trial_leaves_the_old_one_running(self, qtbot, running, plugin):
        before = CELL_RULES["fade"]
        with qtbot.waitSignal(running.controller.failed, timeout=60_000) as failed:
            plugin.write_text(PLUGIN.replace("FACTOR", "state_NBC.nothing"))
        assert "the one before goes on" in failed.args[0].title
        assert "fade.py, line 21" in failed.args[0].what
        qtbot.waitUntil(lambda: CELL_RULES["fade"] is before, timeout=60_000)
        steps = running.controller.training_step
        running.controller.step_once()
        qtbot.waitUntil(lambda: running.controller.training_step == steps + 1, timeout=60_000)

    def test_a_file_that_is_broken_for_a_moment_is_loaded_when_it_is_whole_again(self, qtbot, running, plugin):
        plugin.write_text("def setup(plugins:\n")
        qtbot.waitUntil(lambda: running.findChild(ErrorDialog).isVisible(), timeout=60_000)
        assert "fade.py, line 1" in failure(running)
        assert "fade" in CELL_RULES
        with qtbot.waitSignal(running.controller.applied, timeout=60_000):
            plugin.write_text(PLUGIN.replace("FACTOR", "0.2"))
