"""The display when the student changes: the directions behind the colours are found again, and only then."""

import numpy as np
import pytest
from PyQt6.QtTest import QTest

from app.cube.color.colorizer import Colorizer
from app.run.commands import OpenRun
from tests.app.fakes import FakeTrainer, small_config

pytestmark = pytest.mark.gl


@pytest.fixture
def turn(monkeypatch):
    """Return a function that gives all states seen from now on other strong directions."""
    order = list(range(6))
    rollout = FakeTrainer._rollout

    def turned(self, sample, text, *, learning_signal):
        seen = rollout(self, sample, text, learning_signal=learning_signal)
        strength = np.array([9, 7, 5, 0.1, 0.1, 0.1], np.float32)[np.resize(order, seen.states_TXYZC.shape[-1])]
        object.__setattr__(seen, "states_TXYZC", seen.states_TXYZC * strength)
        return seen

    monkeypatch.setattr(FakeTrainer, "_rollout", turned)
    return order.reverse


@pytest.fixture
def shown(make_window, turn):
    """A window, and the colours that it shows, newest last."""
    window = make_window()
    colours = []
    set_colors = window.cube.set_colors
    window.cube.set_colors = lambda rgba: colours.append(rgba.copy()) or set_colors(rgba)
    window.cube.colours_shown = colours
    return window


def as_if_seen_first(window):
    """Return the colours that somebody would see who knows only the present observation."""
    display = window.display
    fresh = Colorizer(dark=display.colors.colorizer.dark)
    fresh.mode = display.colors.mode
    return fresh.colors(display.observation, display.step)[0]


def await_another(qtbot, window, act):
    """Do something, and wait until it is seen."""
    before = window.display.observation
    act()
    qtbot.waitUntil(lambda: window.display.observation not in (None, before), timeout=10_000)


def renewed(window):
    return np.array_equal(window.cube.colours_shown[-1], as_if_seen_first(window))


@pytest.mark.parametrize(
    "change",
    [
        {"model__expert_hidden": 16},
        {"model__state_size": 5},
        {"lattice__dimensions": (5, 4, 4)},
        {"training_embedding__seed": 5},
    ],
)
def test_directions_are_found_anew_after_a_rebuild(qtbot, shown, turn, change):
    turn()
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(**change)))
    assert renewed(shown)


def test_directions_are_found_anew_after_a_reset_and_for_another_run(qtbot, shown, turn):
    turn()
    await_another(qtbot, shown, shown.controller.reset)
    assert renewed(shown)
    turn()
    await_another(qtbot, shown, lambda: shown.controller.open(OpenRun("other", small_config())))
    assert renewed(shown)


def test_directions_come_back_when_a_rebuild_is_undone(qtbot, shown, turn):
    before = shown.display.colors.colorizer.axes.axes.copy()
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(model__expert_hidden=16)))
    turn()
    await_another(qtbot, shown, shown.controller.undo_apply)
    after = shown.display.colors.colorizer.axes.axes
    assert np.abs((before * after).sum(axis=0)).min() > 0.9


def test_directions_stay_when_an_edit_without_a_new_student_is_undone(qtbot, shown, turn):
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(lattice__adaptive_radius_ratio=0.5)))
    turn()
    await_another(qtbot, shown, shown.controller.undo_apply)
    assert not renewed(shown)


def test_an_old_observation_does_not_set_the_new_directions(qtbot, shown, turn):
    def scrub(_message):
        shown.timeline.set_step(1)
        shown.display.set_theme(dark=shown.display.colors.colorizer.dark)

    turn()
    shown.controller.applied.connect(scrub)
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(model__expert_hidden=16)))
    assert renewed(shown)


@pytest.mark.parametrize("change", [{"optimizer__learning_rate": 1e-4}, {"lattice__adaptive_radius_ratio": 0.5}])
def test_directions_stay_where_the_student_stays(qtbot, shown, turn, change):
    turn()
    await_another(qtbot, shown, lambda: (shown.controller.apply(small_config(**change)), shown.controller.step_once()))
    assert not renewed(shown)


def test_directions_do_not_jump_while_training(qtbot, shown, turn):
    turn()
    before = shown.display.colors.colorizer.axes.axes.copy()
    await_another(qtbot, shown, shown.controller.step_once)
    assert not renewed(shown)
    after = shown.display.colors.colorizer.axes.axes
    assert np.abs((before * after).sum(axis=0)).min() > 0.9


def test_locked_directions_are_found_anew_once_and_stay_locked(qtbot, shown, turn):
    shown.actions_["lock_range"].trigger()
    turn()
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(model__expert_hidden=16)))
    assert renewed(shown)
    assert shown.actions_["lock_range"].isChecked()
    axes = shown.display.colors.colorizer.axes.axes.copy()
    await_another(qtbot, shown, shown.controller.step_once)
    assert np.array_equal(shown.display.colors.colorizer.axes.axes, axes)


def test_a_locked_range_of_numbers_outlives_a_rebuild(qtbot, shown):
    shown.display.set_mode("norm")
    shown.actions_["lock_range"].trigger()
    legends = []
    shown.display.legend_changed.connect(legends.append)
    shown.display.set_step(0)
    await_another(qtbot, shown, lambda: shown.controller.apply(small_config(model__expert_hidden=16)))
    QTest.qWait(20)
    assert legends[-1].locked
    assert (legends[-1].low, legends[-1].high) == (legends[0].low, legends[0].high)
