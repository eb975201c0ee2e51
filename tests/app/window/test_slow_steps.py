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
    qtbot.waitUntil(lambda: window.controller.state == "stepping", timeout=int(SLOW * 900))
    assert window.status.state_label.text().startswith("Computing one training step, 0:0")
    assert step.isEnabled(), "each further press is a step of its own"
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
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


def calls_after(trainer, call):
    """What the trainer was asked for since the last `call`; nothing before that."""
    return trainer.calls[len(trainer.calls) - trainer.calls[::-1].index(call) :] if call in trainer.calls else []


@pytest.mark.parametrize(
    "edit", [{"lattice.dimensions": (6, 6, 6)}, {"lattice.adaptive_radius_ratio": 0.5}], ids=["rebuild", "stencil"]
)
def test_a_new_cube_is_seen_before_its_first_training_step(qtbot, window, runs, edit):
    start(qtbot, window)
    window.controller.apply(window.controller.summary.config.replaced(edit))
    qtbot.waitUntil(
        lambda: "apply" in runs.trainer.calls and "step" in calls_after(runs.trainer, "apply"), timeout=9000
    )
    assert calls_after(runs.trainer, "apply")[0] == "observe"
    qtbot.waitUntil(
        lambda: (
            window.display.observation is not None
            and window.display.observation.dimensions == window.controller.summary.config.lattice.dimensions
        ),
        timeout=int(SLOW * 900),
    )


def test_a_run_that_is_trained_at_once_is_seen_before_its_first_training_step(qtbot, window, runs):
    start(qtbot, window)
    first = runs.trainer
    window.opener.autostart = True
    window.opener.open_preset("debug")
    qtbot.waitUntil(lambda: runs.trainer is not first and "step" in runs.trainer.calls, timeout=10_000)
    assert runs.trainer.calls[:2] == ["observe", "step"]


def test_settings_that_act_at_once_cost_no_observation(qtbot, window, runs):
    start(qtbot, window)
    window.controller.apply(window.controller.summary.config.replaced({"optimizer.learning_rate": 1e-4}))
    qtbot.waitUntil(
        lambda: "apply" in runs.trainer.calls and "step" in calls_after(runs.trainer, "apply"), timeout=9000
    )
    assert calls_after(runs.trainer, "apply")[0] == "step"


def test_numbers_of_the_network_before_do_not_stand_as_if_they_were_new(qtbot, window, runs):
    runs.trainer.step_seconds = 0.01
    start(qtbot, window)
    qtbot.waitUntil(lambda: "validation cosine 0." in window.status.score_label.text(), timeout=10_000)
    qtbot.waitUntil(lambda: "steps/s" in window.status.facts_label.full_text, timeout=10_000)
    runs.trainer.step_seconds = SLOW
    seen = []  # before the new cube's own numbers come
    told = (window.status.score_label, window.status.facts_label, window.sample_panel.score, window.timeline.score)

    def read(_message):
        window.status._notice_timer.timeout.emit()  # what is said of the Apply hides the facts for a while
        seen.extend(getattr(label, "full_text", label.text()) for label in told)

    window.controller.applied.connect(read)
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced({"lattice.dimensions": (6, 6, 6)}))
    score, facts, sample, lattice_step = seen
    assert score.startswith("validation cosine 0.")
    assert score.endswith("(measured before: 6\N{SUPERSCRIPT THREE})")
    assert "measuring the rate" in facts
    assert "steps/s" not in facts
    assert sample == "cosine: not yet measured"
    assert lattice_step.endswith(", before the edit")
    assert window.curves.history.marks[-1].text == "6\N{SUPERSCRIPT THREE}"
    assert window.curves.history.newest("cosine.validation", "cosine.t0") == [None, None]


def test_a_reset_run_has_no_scores(qtbot, window):
    window.controller.evaluate()
    qtbot.waitUntil(lambda: "validation cosine 0." in window.status.score_label.text(), timeout=10_000)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.reset()
    assert window.status.score_label.text() == "validation: not yet measured"


def test_start_during_a_slow_single_step_shows_at_once_that_it_was_heard(qtbot, window, runs):
    toggle, states = window.actions_["toggle"], []
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: window.controller.state == "stepping", timeout=int(SLOW * 900))
    window.controller.state_changed.connect(states.append)
    toggle.trigger()
    assert toggle.text() == "Starting"
    assert toggle.isChecked()
    assert window.status.state_label.text().startswith("Starting after this training step, 0:0")
    assert runs.trainer.training_step == 0
    qtbot.waitUntil(lambda: window.controller.state == "training", timeout=10_000)
    assert toggle.text() == "Pause"
    assert not toggle.isCheckable()
    assert window.status.state_label.text() == "Training"
    assert states == ["training"]


def test_a_start_that_waits_can_be_taken_back(qtbot, window, runs):
    toggle = window.actions_["toggle"]
    window.actions_["step"].trigger()
    qtbot.waitUntil(lambda: window.controller.state == "stepping", timeout=int(SLOW * 900))
    toggle.trigger()
    toggle.trigger()
    assert toggle.text() == "Start"
    assert window.status.state_label.text().startswith("Computing one training step")
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=10_000)
    assert runs.trainer.training_step == 1


def test_scores_count_again_after_the_undo_of_what_outdated_them(qtbot, window, runs):
    with qtbot.waitSignal(window.controller.evaluated, timeout=10_000):
        window.controller.evaluate()
    qtbot.waitUntil(lambda: "validation cosine 0." in window.status.score_label.text(), timeout=10_000)
    told = window.status.score_label.text()
    history = window.curves.history
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.controller.apply(window.controller.summary.config.replaced({"lattice.lattice_steps": 1}))
    assert window.status.score_label.text() == f"{told} (measured before: lattice steps 1)"
    assert history.outdated == "lattice steps 1"
    with qtbot.waitSignal(window.controller.applied, timeout=10_000):
        window.actions_["undo_apply"].trigger()
    qtbot.waitUntil(lambda: window.status.score_label.text() == told, timeout=10_000)
    assert history.outdated == ""
    assert history.newest("cosine.validation") != [None]
