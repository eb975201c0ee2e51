"""The worker and its controller, with a fake trainer in a real thread."""

import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.file_commands import ExportEmbeddings
from lattice.errors import ConfigError, NonFiniteError
from tests.app.fakes import FakeRuns, small_config


@pytest.fixture
def runs():
    return FakeRuns()


@pytest.fixture
def controller(qtbot, runs):
    controller = RunController(runs)
    controller.launch()
    yield controller
    assert controller.shut_down(10_000)


def open_run(qtbot, controller, *, start=False, config=None):
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("small", config or small_config(), start=start))
    qtbot.waitUntil(lambda: not controller.turns.waiting)


def wait_for_state(qtbot, controller, state):
    qtbot.waitUntil(lambda: controller.state == state, timeout=10_000)


def test_opens_paused_and_in_its_own_thread(qtbot, controller, runs):
    open_run(qtbot, controller)
    wait_for_state(qtbot, controller, "paused")
    assert controller.summary.name == "small"
    controller.step_once()
    qtbot.waitUntil(lambda: runs.trainer.training_step == 1, timeout=10_000)
    assert threading.get_ident() not in runs.trainer.threads
    assert len(runs.trainer.threads) == 1


def test_every_report_arrives_once_and_in_order(qtbot, controller, runs):
    seen = []
    controller.stepped.connect(lambda message: seen.extend(report.training_step for report in message.reports))
    open_run(qtbot, controller, start=True, config=small_config(training_embedding__training_steps=200))
    wait_for_state(qtbot, controller, "finished")
    assert seen == list(range(1, 201))


def test_reports_come_in_batches(qtbot, controller, runs):
    batches = []
    controller.stepped.connect(lambda message: batches.append(len(message.reports)))
    runs.step_seconds = 0.001
    open_run(qtbot, controller, start=True)
    qtbot.waitUntil(lambda: sum(batches) > 100, timeout=20_000)
    assert len(batches) < sum(batches) / 3


def test_pause_is_honoured_within_one_training_step(qtbot, controller, runs):
    runs.step_seconds = 0.05
    open_run(qtbot, controller, start=True)
    qtbot.waitUntil(lambda: runs.trainer.training_step >= 2, timeout=10_000)
    controller.pause()
    asked_at = runs.trainer.training_step
    wait_for_state(qtbot, controller, "paused")
    assert runs.trainer.training_step <= asked_at + 1
    time.sleep(0.2)
    assert runs.trainer.training_step <= asked_at + 1


def test_toggle_starts_and_pauses(qtbot, controller):
    open_run(qtbot, controller)
    controller.toggle()
    wait_for_state(qtbot, controller, "training")
    controller.toggle()
    wait_for_state(qtbot, controller, "paused")


def test_a_waiting_worker_uses_no_processor(qtbot, controller):
    open_run(qtbot, controller)
    wait_for_state(qtbot, controller, "paused")
    before = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - before < 0.25


def test_reset_starts_over_and_stays_paused(qtbot, controller, runs):
    open_run(qtbot, controller, start=True)
    qtbot.waitUntil(lambda: runs.trainer.training_step > 3, timeout=10_000)
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.reset()
    wait_for_state(qtbot, controller, "paused")
    assert runs.trainer.training_step == 0
    assert len(runs.trainers) == 2


def test_a_run_that_is_reset_is_no_longer_called_after_its_file(qtbot, controller, tmp_path):
    open_run(qtbot, controller)
    for path in (None, tmp_path / "b.safetensors"):
        if path is not None:
            with qtbot.waitSignal(controller.saved, timeout=10_000):
                controller.save(path)
        with qtbot.waitSignal(controller.opened, timeout=10_000):
            controller.reset()
        assert controller.summary.name == ("small" if path is None else "b")


def test_apply_tells_what_changed_and_what_it_cost(qtbot, controller):
    open_run(qtbot, controller)
    with qtbot.waitSignal(controller.applied, timeout=10_000) as caught:
        controller.apply(controller.summary.config.replaced({"lattice.adaptive_radius_ratio": 0.5}))
    message = caught.args[0]
    assert message.cost == "stencil"
    assert message.changed == ("lattice.adaptive_radius_ratio",)
    assert controller.summary.config.lattice.adaptive_radius_ratio == 0.5


def test_refused_settings_leave_the_run_alone(qtbot, controller, runs):
    open_run(qtbot, controller, start=True)
    runs.trainer.refuse_apply = ConfigError("that can't be")
    before = controller.summary.config
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.apply(before.replaced({"lattice.lattice_steps": 7}))
    assert caught.args[0].title == "The settings were not applied"
    assert caught.args[0].what == "that can't be"
    assert runs.trainer.config == before
    assert controller.state == "training"


def test_an_exception_in_a_training_step_pauses_and_keeps_the_run(qtbot, controller, runs):
    open_run(qtbot, controller)
    runs.trainer.fail_at, runs.trainer.error = 3, NonFiniteError("the loss is not finite; lower the learning rate")
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.start()
    failure = caught.args[0]
    assert failure.title == "Training stopped"
    assert "lower the learning rate" in failure.what
    assert "NonFiniteError" in failure.details
    wait_for_state(qtbot, controller, "failed")
    with qtbot.waitSignal(controller.observed, timeout=10_000):
        controller.observe(0)
    assert controller.state == "failed"
    runs.trainer.fail_at = None
    controller.start()
    wait_for_state(qtbot, controller, "training")


def test_only_what_stops_training_tells_to_start_again(qtbot, controller, runs, script):
    open_run(qtbot, controller)

    def fault(_trainer):
        raise ZeroDivisionError("division by zero")

    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.request(script.question(fault))
    assert "Start" not in caught.args[0].advice
    runs.trainer.fail_at = 1
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.start()
    assert "Press Start to go on" in caught.args[0].advice


def test_a_file_that_cannot_be_opened_leaves_the_run_training(qtbot, controller, runs, tmp_path):
    open_run(qtbot, controller, start=True)
    bad = tmp_path / "bad.safetensors"
    bad.write_text("nonsense")
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.open(OpenRun("bad.safetensors", checkpoint=bad))
    assert caught.args[0].title == "Can't open bad.safetensors"
    assert "is no checkpoint" in caught.args[0].what
    wait_for_state(qtbot, controller, "training")
    assert controller.summary.name == "small"


def test_opening_can_be_cancelled(qtbot, controller, runs):
    open_run(qtbot, controller)
    runs.open_seconds = 5.0
    with qtbot.waitSignal(controller.progressed, timeout=10_000):
        controller.open(OpenRun("second", small_config()))
    with qtbot.waitSignal(controller.work_done, timeout=10_000) as caught:
        controller.cancel()
    assert caught.args == [True]
    assert controller.summary.name == "small"
    wait_for_state(qtbot, controller, "paused")


def test_a_save_while_another_run_loads_saves_the_run_that_is_seen(qtbot, controller, runs, tmp_path):
    open_run(qtbot, controller)
    controller.step_once()
    qtbot.waitUntil(lambda: controller.unsaved_steps == 1, timeout=10_000)
    first, runs.open_seconds = runs.trainer, 1.0
    came = []
    controller.opened.connect(lambda _summary: came.append("opened"))
    controller.saved.connect(lambda message: came.append(message.training_step))
    controller.state_changed.connect(came.append)
    controller.open(OpenRun("other", small_config()))
    wait_for_state(qtbot, controller, "loading")
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.save(tmp_path / "run.safetensors")
    wait_for_state(qtbot, controller, "paused")
    assert came == ["loading", 1, "opened", "paused"]
    assert "save" in first.calls


def test_stop_while_opening_does_not_wait_for_it(qtbot, runs):
    runs.open_seconds = 60.0
    controller = RunController(runs)
    controller.launch()
    with qtbot.waitSignal(controller.progressed, timeout=10_000):
        controller.open(OpenRun("slow", small_config()))
    assert controller.shut_down(5_000)


def test_stop_while_training(qtbot, runs):
    controller = RunController(runs)
    controller.launch()
    open_run(qtbot, controller, start=True)
    with qtbot.waitSignal(controller.ended, timeout=10_000):
        controller.stop()
    assert not controller.running


def test_stop_before_launch_ends_at_once(qtbot, runs):
    controller = RunController(runs)
    with qtbot.waitSignal(controller.ended, timeout=1_000):
        controller.stop()


def test_one_observation_at_a_time(qtbot, controller, runs):
    assert not controller.observe(0)
    open_run(qtbot, controller)
    with qtbot.waitSignal(controller.observed, timeout=10_000) as caught:
        assert controller.observe(3, learning_signal=True)
        assert not controller.observe(4)
    assert caught.args[0].observation.sample == 3
    assert caught.args[0].observation.signal_TXYZ is not None
    assert controller.observe(4)
    qtbot.waitUntil(lambda: not controller.observing, timeout=10_000)
    assert runs.trainer.calls.count("observe") == 2


def test_saving_writes_and_says_so(qtbot, controller, runs, tmp_path):
    open_run(qtbot, controller)
    controller.step_once()
    qtbot.waitUntil(lambda: controller.unsaved_steps == 1, timeout=10_000)
    answers = []
    outputs = tmp_path / "new folder" / "outputs"
    controller.request(ExportEmbeddings(outputs), answers.append)
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    assert answers == [len(runs.trainer.dataset.validation_indices)]
    assert outputs.read_bytes() == b"embeddings"
    assert controller.unsaved_steps == 1
    with qtbot.waitSignal(controller.saved, timeout=10_000) as caught:
        controller.save(tmp_path / "new folder" / "checkpoint")
    assert caught.args[0].kind == "checkpoint"
    assert controller.unsaved_steps == 0


def test_saving_to_an_impossible_place_fails_with_advice(qtbot, controller, tmp_path):
    open_run(qtbot, controller, start=True)
    blocker = tmp_path / "file"
    blocker.write_text("")
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.save(blocker / "run.safetensors")
    assert caught.args[0].title == "Can't save run.safetensors"
    assert "Check that the file" in caught.args[0].advice
    assert controller.state == "training"


def test_questions_are_answered_in_the_windows_thread(qtbot, controller, runs, script):
    open_run(qtbot, controller)
    answers = []
    controller.request(
        script.question(lambda trainer: len(trainer.dataset)), lambda n: answers.append((n, threading.get_ident()))
    )
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    assert answers == [(40, threading.get_ident())]


def test_commands_before_a_run_fail_in_words(qtbot, controller):
    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.start()
    assert "there is no run yet" in caught.args[0].what
    assert controller.state == "empty"


def test_finishing_says_so(qtbot, controller, runs):
    reports = []
    controller.evaluated.connect(reports.append)
    open_run(qtbot, controller, start=True, config=small_config(training_embedding__training_steps=7))
    wait_for_state(qtbot, controller, "finished")
    assert runs.trainer.training_step == 7
    assert reports[-1].training_step == 7
    controller.start()
    assert controller.awaited == "start"
    qtbot.waitUntil(lambda: controller.awaited == "", timeout=10_000)
    assert controller.state == "finished"
    assert runs.trainer.training_step == 7


def test_a_finished_run_that_is_opened_to_be_trained_is_not_about_to_start(qtbot, controller, runs, tmp_path):
    open_run(qtbot, controller, start=True, config=small_config(training_embedding__training_steps=3))
    wait_for_state(qtbot, controller, "finished")
    path = tmp_path / "done.safetensors"
    with qtbot.waitSignal(controller.saved, timeout=10_000):
        controller.save(path)
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("done", checkpoint=path, start=True))
    wait_for_state(qtbot, controller, "finished")
    assert controller.awaited == ""
    assert runs.trainer.training_step == 3


def test_an_evaluation_lets_a_pause_go_first_and_is_made_up_for(qtbot, controller, runs):
    open_run(qtbot, controller)
    runs.trainer.evaluate_seconds = 4.0
    controller.start()
    qtbot.waitUntil(lambda: "evaluate" in runs.trainer.calls, timeout=10_000)
    began = time.monotonic()
    controller.pause()
    wait_for_state(qtbot, controller, "paused")
    assert time.monotonic() - began < 3.0
    assert "evaluated" not in runs.trainer.calls
    runs.trainer.evaluate_seconds = 0.0
    with qtbot.waitSignal(controller.evaluated, timeout=10_000) as caught:
        controller.step_once()
    assert caught.args[0].training_step == runs.trainer.training_step


def test_the_cube_stays_alive_during_an_evaluation(qtbot, controller, runs):
    open_run(qtbot, controller)
    runs.trainer.evaluate_seconds = 2.0
    controller.evaluate()
    qtbot.waitUntil(lambda: "evaluate" in runs.trainer.calls, timeout=10_000)
    with qtbot.waitSignal(controller.observed, timeout=10_000):
        controller.observe(0)
    assert "evaluated" not in runs.trainer.calls
    with qtbot.waitSignal(controller.evaluated, timeout=10_000):
        pass


FORGETFUL = """
import sys
sys.path[:0] = ["."]
from PyQt6.QtCore import QCoreApplication, QTimer
from app.run.commands import OpenRun
from app.run.controller import RunController
from tests.app.fakes import FakeRuns, small_config
application = QCoreApplication([])
controller = RunController(FakeRuns())
controller.launch()
controller.open(OpenRun("small", small_config(), start=True))
controller.stepped.connect(lambda _message: application.quit())
QTimer.singleShot(20_000, application.quit)
application.exec()
assert controller.running
"""


def test_a_worker_that_nobody_ended_does_not_abort_the_interpreter():
    done = subprocess.run([sys.executable, "-c", FORGETFUL], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "QThread" not in done.stderr


def test_an_embedding_of_the_data_before_gives_way_to_the_sample(qtbot, controller, runs):
    failures = []
    controller.failed.connect(failures.append)
    open_run(qtbot, controller)
    with qtbot.waitSignal(controller.observed, timeout=10_000) as caught:
        assert controller.observe(3, embedding=np.ones(99, np.float32), text="wider")
    assert caught.args[0].observation.sample == 3
    assert failures == []
    assert not controller.observing
