"""A run that diverges says so in the window until somebody answers, and offers the state from before."""

from __future__ import annotations

import pytest

from app.run.undo_snapshot import sound_folder

pytestmark = pytest.mark.gl

RATE = "optimizer.learning_rate"


def train(qtbot, window, steps=1, ratio=1.0):
    window.controller._worker.active.need_trainer().loss_ratio = ratio
    for _ in range(steps):
        with qtbot.waitSignal(window.controller.stepped, timeout=10_000):
            window.controller.step_once()
        qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)


def apply(qtbot, window, changes):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.training_panel.form.take(changes)
        window.training_panel.bar.apply_button.click()


@pytest.fixture
def diverged(qtbot, window):
    """A window whose run diverged at training step 6, three after a higher learning rate was applied at step 3."""
    train(qtbot, window, 3)
    apply(qtbot, window, {RATE: 1.0})
    train(qtbot, window, 2)
    qtbot.waitUntil(lambda: window.controller.sound_step == 3, timeout=10_000)
    train(qtbot, window, ratio=2000.0)
    return window


def words(window):
    return [button.text() for button in window.central.alarm.buttons]


def press(window, text):
    next(button for button in window.central.alarm.buttons if button.text() == text).click()


def test_the_notice_stands_and_the_state_word_says_diverged(qtbot, diverged):
    alarm, status = diverged.central.alarm, diverged.status.state_label
    assert alarm.isVisible()
    assert alarm.label.text() == (
        "Training step 6 diverged: the loss is 2,000 times its best. "
        "Going back to step 3 gives up 3 training steps; Undo brings them back."
    )
    assert words(diverged) == ["Go back to step 3", "Go on"]
    assert (status.text(), status.property("role")) == ("Paused, diverged", "warning")
    assert "Run > Go back to the last sound state" in status.toolTip()
    diverged.central.banner.say("something else")
    train(qtbot, diverged, ratio=1500.0)
    assert alarm.isVisible()
    assert "gives up 4 training steps" in alarm.label.text()
    train(qtbot, diverged)
    assert "The loss is back below that at training step 8." in alarm.label.text()
    assert status.text() == "Paused"
    assert diverged.controller.sound_step == 3, "nobody decided yet"


def test_going_back_brings_weights_settings_and_curves_back_and_undo_what_was_left(qtbot, diverged):
    window = diverged
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        press(window, "Go back to step 3")
    controller = window.controller
    assert controller.training_step == 3
    assert controller.summary.config.optimizer.learning_rate != 1.0
    assert window.training_panel.form.changes() == {}
    assert window.curves.history.last_step("loss.total") == 3
    assert not window.central.alarm.isVisible()
    assert window.status.state_label.text() == "Paused"
    assert controller.unsaved_steps == 3
    assert window.status.facts_label.full_text.startswith("The run is as it was at training step 3, with the settings")
    assert "Undo going back from training step 6" in window.actions_["undo_apply"].toolTip()
    assert controller.sound_step == 3, "it can be gone back to again"
    with qtbot.waitSignal(controller.applied, timeout=10_000):
        window.undo.undo()
    assert controller.training_step == 6
    assert controller.summary.config.optimizer.learning_rate == 1.0
    assert window.curves.history.last_step("loss.total") == 6
    assert window.curves.history.marks[-1].text.startswith("diverged: ")


@pytest.mark.parametrize("answer", ["Go on", "the cross"])
def test_going_on_lets_a_later_sound_state_take_its_place(qtbot, diverged, answer):
    if answer == "Go on":
        press(diverged, answer)
    else:
        diverged.central.alarm._close.click()
    assert not diverged.central.alarm.isVisible()
    train(qtbot, diverged, 2)
    apply(qtbot, diverged, {RATE: 0.001})
    train(qtbot, diverged)
    qtbot.waitUntil(lambda: diverged.controller.sound_step == 8, timeout=10_000)
    assert len(list(sound_folder().glob("*"))) == 1


def test_a_pause_that_the_settings_request_is_told(qtbot, window):
    action = window.actions_["go_back"]
    assert not action.isEnabled()
    assert action.toolTip().startswith("No earlier state of this run is kept")
    apply(qtbot, window, {"training_embedding.on_divergence": "pause"})
    train(qtbot, window)
    qtbot.waitUntil(action.isEnabled, timeout=10_000)
    assert "as it was at training step 0" in action.toolTip()
    window.controller._worker.active.need_trainer().loss_ratio = 5000.0
    with qtbot.waitSignal(window.controller.stepped, timeout=10_000):
        window.controller.start()
    qtbot.waitUntil(lambda: window.status.state_label.text() == "Paused, diverged", timeout=10_000)
    assert "Training is paused, as the settings request." in window.central.alarm.label.text()


def test_without_a_state_from_before_it_says_what_to_do(qtbot, window):
    train(qtbot, window, ratio=3000.0)
    text = window.central.alarm.label.text()
    assert "No state from before it is kept: lower the learning rate, then reset the run or open a checkpoint." in text
    assert words(window) == ["Go on"]


def test_undo_of_a_live_edit_says_that_the_weights_stay_and_offers_those_from_before(qtbot, window):
    train(qtbot, window, 3)
    apply(qtbot, window, {RATE: 1.0})
    train(qtbot, window, 2)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.undo.undo()
    said = "Undone: learning rate 1.0. The setting is back, not the weights: they stay as trained in 2 training steps since."
    assert window.status.facts_label.full_text == said
    assert window.central.alarm.label.text() == f"{said} Those of training step 3 are kept."
    assert words(window) == ["Go back to step 3", "Leave it so"]
    press(window, "Leave it so")
    assert window.controller.training_step == 5
