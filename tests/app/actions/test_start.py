"""The Start action says what pressing it does: start, pause, what is waited for, or go on with a finished run."""

import numpy as np
import pytest
from PyQt6.QtCore import Qt

from app.actions.start import STEPS_KEY
from lattice.errors import ConfigError
from lattice.training.schedule import learning_rate
from tests.app.fakes import small_config

pytestmark = pytest.mark.gl

SEED = "training_embedding.seed"
STEPS = 12


@pytest.fixture
def window(qtbot, make_window, runs):
    """A window whose run of twelve training steps is finished."""
    window = make_window(config=small_config(training_embedding__training_steps=STEPS))
    window.controller.start()
    wait_for_state(qtbot, window, "finished")
    return window


def wait_for_state(qtbot, window, state):
    qtbot.waitUntil(lambda: window.controller.state == state, timeout=10_000)


def press(qtbot, window):
    qtbot.mouseClick(window.toolbar.widgetForAction(window.actions_["toggle"]), Qt.MouseButton.LeftButton)


def test_a_finished_run_goes_on_at_one_press(qtbot, window, runs):
    toggle = window.actions_["toggle"]
    button = window.toolbar.widgetForAction(toggle)
    assert toggle.text() == "Train 12 more"
    assert button.property("primary")
    assert window.actions_["reset"].isEnabled()
    seen = []
    window.controller.state_changed.connect(seen.append)
    press(qtbot, window)
    assert toggle.text() == "Starting"
    qtbot.waitUntil(lambda: runs.trainer.training_step == 2 * STEPS, timeout=10_000)
    qtbot.waitUntil(lambda: seen == ["training", "finished"], timeout=10_000)
    assert runs.trainer.config.training_embedding.training_steps == 2 * STEPS
    assert window.training_panel.form.editors[STEPS_KEY].value() == 2 * STEPS
    assert not window.training_panel.form.changes()
    assert toggle.text() == "Train 12 more", "as many as the run was set to at first"
    window.status.notify("")  # the notice of the edit gives way to the facts
    assert "of 24" in window.status.facts_label.full_text


def test_what_becomes_of_the_learning_rate_is_told_before(window):
    optimizer = window.controller.summary.config.optimizer
    tip = window.actions_["toggle"].toolTip()
    assert tip.startswith("Raise the training steps from 12 to 24 and go on at once (Space).")
    assert learning_rate(STEPS - 1, STEPS, optimizer) == pytest.approx(5e-7)
    assert "goes from 5e-7" in tip
    assert f" to {learning_rate(STEPS, 2 * STEPS, optimizer):.2g} at once" in tip
    assert "schedule 'one_cycle'" in tip


def test_a_constant_learning_rate_stays(qtbot, window):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced({"optimizer.schedule": "constant"}))
    assert "The learning rate stays 0.005" in window.actions_["toggle"].toolTip().replace("0.0050", "0.005")


def test_other_edits_are_neither_lost_nor_applied(qtbot, window, runs):
    window.training_panel.form.take({SEED: 7})
    window.lattice.panel.form.take({"lattice.dimensions": (5, 5, 5)})
    press(qtbot, window)
    qtbot.waitUntil(lambda: runs.trainer.training_step == 2 * STEPS, timeout=10_000)
    wait_for_state(qtbot, window, "finished")
    assert window.training_panel.form.changes() == {SEED: 7}
    assert window.lattice.panel.form.changes() == {"lattice.dimensions": (5, 5, 5)}
    config = runs.trainer.config
    assert (config.training_embedding.seed, config.lattice.dimensions) == (0, (4, 4, 4))


def test_the_learning_rate_of_more_steps_is_drawn_before(qtbot, window):
    window.docks.raise_panel("training")
    schedule = window.training_panel.schedule
    assert schedule.line(planned=True)[-1][0] == 2 * STEPS - 1
    assert "after Train 12 more" in schedule.caption()
    press(qtbot, window)
    qtbot.waitUntil(lambda: window.controller.training_step == 2 * STEPS, timeout=10_000)
    wait_for_state(qtbot, window, "finished")
    assert schedule.line(planned=True)[-1][0] == 3 * STEPS - 1


def test_more_steps_set_by_hand_are_the_new_count(qtbot, window):
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced({STEPS_KEY: 10}))
    assert window.actions_["toggle"].text() == "Train 10 more"


def test_steps_beyond_the_end_come_on_top(qtbot, window, runs):
    window.controller.step_once()
    qtbot.waitUntil(lambda: window.controller.training_step == STEPS + 1, timeout=10_000)
    wait_for_state(qtbot, window, "finished")
    press(qtbot, window)
    qtbot.waitUntil(lambda: runs.trainer.training_step == 2 * STEPS + 1, timeout=10_000)
    wait_for_state(qtbot, window, "finished")
    assert runs.trainer.config.training_embedding.training_steps == 2 * STEPS + 1


def test_a_refusal_leaves_the_run_finished(qtbot, window, runs):
    runs.trainer.refuse_apply = ConfigError("not now")
    press(qtbot, window)
    qtbot.waitUntil(window.errors.isVisible, timeout=10_000)
    window.errors.close()
    assert window.controller.state == "finished"
    assert window.actions_["toggle"].text() == "Train 12 more"
    assert runs.trainer.training_step == STEPS


def test_raising_the_steps_by_hand_offers_start(qtbot, window):
    toggle = window.actions_["toggle"]
    window.training_panel.form.take({STEPS_KEY: 40})
    window.training_panel.apply()
    wait_for_state(qtbot, window, "paused")
    assert toggle.text() == "Start"
    assert toggle.toolTip() == "Start or pause training (Space)"
    assert not window.toolbar.widgetForAction(toggle).property("primary")


def test_how_many_steps_a_press_adds_is_stored_with_the_run(qtbot, window, tmp_path):
    press(qtbot, window)
    qtbot.waitUntil(lambda: window.controller.training_step == 2 * STEPS, timeout=10_000)
    wait_for_state(qtbot, window, "finished")
    path = tmp_path / "run.safetensors"
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(path)
    kept = window.start.to_arrays()
    assert kept["steps"].tolist() == [2 * STEPS, STEPS]
    window.start.take_arrays({})
    assert window.start.look().text == "Train 24 more"
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.opener.open_path(path)
    wait_for_state(qtbot, window, "finished")
    assert window.actions_["toggle"].text() == "Train 12 more"
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.reset()
    assert window.start.to_arrays()["steps"].tolist() == [2 * STEPS, STEPS], "a reset run is raised by as many again"


def test_what_is_no_count_of_steps_is_not_taken(window):
    for wrong in ([0, 3], [3], [1.5, 2.5]):
        window.start.take_arrays({"steps": np.array(wrong)})
        assert window.start.to_arrays() == {}
