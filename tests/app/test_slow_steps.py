"""Slow training steps: what was pressed shows at once, and nothing old stands as if it were new."""

import pytest

pytestmark = pytest.mark.gl

SLOW = 1.0


@pytest.fixture
def window(make_window, runs):
    """A paused window whose training steps take a second."""
    runs.step_seconds = SLOW
    return make_window()


def start(qtbot, window):
    window.actions_["toggle"].trigger()
    qtbot.waitUntil(lambda: window.controller.state == "training", timeout=10_000)


def test_a_pause_shows_at_once_that_it_waits_for_the_step(qtbot, window):
    toggle = window.actions_["toggle"]
    start(qtbot, window)
    qtbot.waitUntil(lambda: window.controller.step_seconds_left is not None, timeout=10_000)
    toggle.trigger()
    assert window.controller.state == "training"
    assert window.status.state_label.text() == "Pausing after this training step (about 1 s)"
    assert toggle.text() == "Pausing"
    assert toggle.isChecked()
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
    assert window.status.state_label.text() == "Paused"
    assert toggle.text() == "Start"
    assert not toggle.isCheckable()


def test_a_pause_that_waits_can_be_taken_back(qtbot, window, runs):
    toggle = window.actions_["toggle"]
    start(qtbot, window)
    toggle.trigger()
    assert window.status.state_label.text().startswith("Pausing")
    toggle.trigger()
    assert toggle.text() == "Pause"
    assert not toggle.isChecked()
    assert window.status.state_label.text() == "Training"
    qtbot.waitUntil(lambda: runs.trainer.training_step >= 2, timeout=10_000)


def test_one_training_step_shows_that_it_is_computed(qtbot, window, runs):
    step = window.actions_["step"]
    step.trigger()
    qtbot.waitUntil(lambda: not step.isEnabled(), timeout=int(SLOW * 900))
    assert window.status.state_label.text().startswith("Computing one training step, 0:0")
    qtbot.waitUntil(step.isEnabled, timeout=10_000)
    assert runs.trainer.training_step == 1
    assert window.status.state_label.text() == "Paused"


def test_quick_training_steps_do_not_flicker(qtbot, window, runs):
    runs.trainer.step_seconds = 0.001
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 1, timeout=10_000)
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
    states = []
    window.controller.state_changed.connect(states.append)
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.unsaved_steps == 2, timeout=10_000)
    qtbot.waitUntil(lambda: bool(states), timeout=10_000)
    assert set(states) == {"paused"}
