"""Long work beside a run: progress, cancel, failures, and a picture that stays alive meanwhile."""

import threading
import time

import pytest

from app.run.commands import OpenRun, ScoreSamples
from app.run.controller import RunController
from lattice.errors import DataError
from tests.app.fakes import FakeRuns, small_config


@pytest.fixture
def controller(qtbot):
    controller = RunController(FakeRuns())
    controller.launch()
    yield controller
    assert controller.shut_down()


def opened(qtbot, controller):
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.open(OpenRun("small", small_config()))


def test_work_is_done_in_the_worker_s_thread_and_answered_in_the_window_s(qtbot, controller, script):
    threads, seen = [], []

    def work(progress):
        threads.append(threading.get_ident())
        progress("Counting", 1, 2)
        return 42

    controller.progressed.connect(seen.append)
    answers = []
    controller.request(script.job(work), lambda answer: answers.append((answer, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    assert answers == [(42, threading.get_ident())]
    assert threads != [threading.get_ident()]
    assert [(progress.what, progress.done, progress.total) for progress in seen] == [
        ("work", 0, None),
        ("Counting", 1, 2),
    ]


def test_cancel_gives_work_up(qtbot, controller, script):
    begun, ends = threading.Event(), []

    def work(progress):
        for done in range(10_000):
            progress("Waiting", done, None)
            begun.set()
            time.sleep(0.002)

    controller.request(script.job(work), lambda _answer: ends.append("done"), lambda _failure: ends.append("given up"))
    assert begun.wait(10)
    with qtbot.waitSignal(controller.work_done, timeout=10_000) as over:
        controller.cancel()
    assert over.args == [True]
    qtbot.waitUntil(lambda: ends == ["given up"], timeout=10_000)
    controller.request(script.job(lambda _progress: 1), ends.append)
    qtbot.waitUntil(lambda: ends == ["given up", 1], timeout=10_000)


def test_a_cancel_that_comes_after_the_work_changes_nothing(qtbot, controller, script):
    ends = []

    def work(_progress):
        controller.cancel()  # such as while the last bytes of an upload were confirmed
        return "pushed"

    with qtbot.waitSignal(controller.work_done, timeout=10_000) as over:
        controller.request(script.job(work), ends.append, lambda _failure: ends.append("given up"))
    assert over.args == [False]
    qtbot.waitUntil(lambda: ends == ["pushed"], timeout=10_000)


def test_a_reset_reports_its_fit_and_can_be_cancelled(qtbot, controller, monkeypatch):
    opened(qtbot, controller)
    begun, seen, restart = threading.Event(), [], FakeRuns.restart

    def fit(self, trainer, progress):
        for done in range(10_000):
            progress("Fitting", done, 10_000)
            begun.set()
            time.sleep(0.002)
        return restart(self, trainer, progress)

    controller.progressed.connect(seen.append)
    monkeypatch.setattr(FakeRuns, "restart", fit)
    controller.reset()
    assert begun.wait(10)
    # The end of opening, which was not cancelled, may be told only now.
    with qtbot.waitSignal(controller.work_done, timeout=10_000, check_params_cb=lambda cancelled: cancelled):
        controller.cancel()
    assert seen[0].what == "Fitting"
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=10_000)
    monkeypatch.setattr(FakeRuns, "restart", restart)
    with qtbot.waitSignal(controller.opened, timeout=10_000):
        controller.reset()


def test_failures_have_a_title_and_leave_training_alone(qtbot, controller, script):
    opened(qtbot, controller)
    controller.start()
    qtbot.waitUntil(lambda: controller.state == "training", timeout=10_000)
    ends = []

    def work(_progress):
        raise DataError("words.csv row 7: no such thing")

    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.request(
            script.job(work, "encode words.csv"), ends.append, lambda failure: ends.append(failure.title)
        )
    assert caught.args[0].title == "Can't encode words.csv"
    assert caught.args[0].what == "words.csv row 7: no such thing"
    qtbot.waitUntil(lambda: ends == ["Can't encode words.csv"], timeout=10_000)
    assert controller.state == "training"


def test_the_cube_can_be_watched_meanwhile(qtbot, controller, script):
    opened(qtbot, controller)
    go_on = threading.Event()

    def work(progress):
        while not go_on.is_set():
            progress("Working", 0, None)
            time.sleep(0.002)

    controller.request(script.job(work))
    with qtbot.waitSignal(controller.observed, timeout=10_000) as caught:
        qtbot.waitUntil(lambda: controller.observe(3), timeout=10_000)
    assert caught.args[0].observation.sample == 3
    with qtbot.waitSignal(controller.work_done, timeout=10_000):
        go_on.set()


def test_stopping_ends_work(qtbot, controller, script):
    begun = threading.Event()

    def work(progress):
        while True:
            progress("For ever", 0, None)
            begun.set()
            time.sleep(0.002)

    controller.request(script.job(work))
    assert begun.wait(10)
    assert controller.shut_down(10_000)


@pytest.fixture
def endless(controller, script):
    """Begin work that ends when the event is set."""
    begun, go_on = threading.Event(), threading.Event()

    def work(progress):
        while not go_on.is_set():
            progress("Working", 0, None)
            begun.set()
            time.sleep(0.002)

    def begin():
        controller.request(script.job(work))
        return begun, go_on

    yield begin
    go_on.set()


def test_a_run_can_be_paused_saved_and_started_meanwhile(qtbot, controller, endless, tmp_path):
    opened(qtbot, controller)
    controller.start()
    qtbot.waitUntil(lambda: controller.state == "training", timeout=10_000)
    begun, _ = endless()
    assert begun.wait(10)
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=10_000)
    with qtbot.waitSignal(controller.saved, timeout=10_000) as caught:
        controller.save(tmp_path / "run.safetensors")
    assert caught.args[0].path.is_file()
    controller.start()
    qtbot.waitUntil(lambda: controller.state == "training", timeout=10_000)


def test_a_save_that_came_with_the_work_is_served_too(qtbot, controller, endless, tmp_path, script):
    opened(qtbot, controller)
    held = threading.Event()
    controller.request(script.question(lambda _trainer: held.wait(5)))
    begun, go_on = endless()
    with qtbot.waitSignal(controller.saved, timeout=10_000):
        controller.save(tmp_path / "run.safetensors")
        held.set()
    assert begun.wait(10)
    assert not go_on.is_set()


def test_work_is_told_of_again_after_a_save(qtbot, controller, endless, tmp_path):
    opened(qtbot, controller)
    begun, _ = endless()
    assert begun.wait(10)
    told = []
    controller.saved.connect(lambda _message: told.append("saved"))
    controller.progressed.connect(lambda progress: told.append(progress.what))
    controller.save(tmp_path / "run.safetensors")
    qtbot.waitUntil(lambda: "saved" in told and told[-1] == "Working", timeout=10_000)


def test_settings_that_load_data_can_be_cancelled_and_then_change_nothing(qtbot, controller):
    opened(qtbot, controller)
    before = controller.summary.config
    controller._worker.active.trainer.apply_seconds = 20.0
    applied = []
    controller.applied.connect(applied.append)
    wanted = small_config(training_embedding__max_total_samples=7)
    with qtbot.waitSignal(
        controller.progressed, timeout=10_000, check_params_cb=lambda progress: progress.what == "encoding"
    ):
        controller.apply(wanted)
    with qtbot.waitSignal(controller.work_done, timeout=10_000) as over:
        controller.cancel()
    assert over.args == [True]
    assert applied == []
    assert controller._worker.active.trainer.config == before


def test_samples_are_scored_and_a_cancel_keeps_those_that_are(qtbot, controller):
    opened(qtbot, controller)
    answers, seen = [], []
    controller.progressed.connect(seen.append)
    controller.request(ScoreSamples(), answers.append)
    qtbot.waitUntil(lambda: len(answers) == 1, timeout=10_000)
    assert answers[0].complete
    assert seen[0].what == "Scoring samples"
    trainer = controller._worker.active.trainer
    score = trainer.score_samples

    def cancelled_at_16(progress):
        def cancelling(what, done, total):
            if done >= 16:
                controller.cancel()
            progress(what, done, total)

        return score(cancelling)

    trainer.score_samples = cancelled_at_16
    controller.request(ScoreSamples(), answers.append)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=10_000)
    assert (len(answers[1].samples_S), answers[1].total, answers[1].complete) == (16, 40, False)
