"""Long work beside a run: progress, cancel, failures, and a picture that stays alive meanwhile."""

import threading
import time

import pytest

from app.commands import OpenRun
from app.controller import RunController
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


def test_work_is_done_in_the_worker_s_thread_and_answered_in_the_window_s(qtbot, controller):
    threads, seen = [], []

    def work(progress):
        threads.append(threading.get_ident())
        progress("Counting", 1, 2)
        return 42

    controller.progressed.connect(seen.append)
    answers = []
    controller.work("count", work, lambda answer: answers.append((answer, threading.get_ident())))
    qtbot.waitUntil(lambda: bool(answers), timeout=10_000)
    assert answers == [(42, threading.get_ident())]
    assert threads != [threading.get_ident()]
    assert [(progress.what, progress.done, progress.total) for progress in seen] == [("Counting", 1, 2)]


def test_cancel_gives_work_up(qtbot, controller):
    begun, ends = threading.Event(), []

    def work(progress):
        for done in range(10_000):
            progress("Waiting", done, None)
            begun.set()
            time.sleep(0.002)

    controller.work("wait", work, lambda _answer: ends.append("done"), lambda: ends.append("given up"))
    assert begun.wait(10)
    with qtbot.waitSignal(controller.work_done, timeout=10_000) as over:
        controller.cancel()
    assert over.args == [True]
    qtbot.waitUntil(lambda: ends == ["given up"], timeout=10_000)
    controller.work("go on", lambda _progress: 1, ends.append)
    qtbot.waitUntil(lambda: ends == ["given up", 1], timeout=10_000)


def test_failures_have_a_title_and_leave_training_alone(qtbot, controller):
    opened(qtbot, controller)
    controller.start()
    qtbot.waitUntil(lambda: controller.state == "training", timeout=10_000)
    ends = []

    def work(_progress):
        raise DataError("words.csv row 7: no such thing")

    with qtbot.waitSignal(controller.failed, timeout=10_000) as caught:
        controller.work("encode words.csv", work, ends.append, lambda: ends.append("given up"))
    assert caught.args[0].title == "Can't encode words.csv"
    assert caught.args[0].what == "words.csv row 7: no such thing"
    qtbot.waitUntil(lambda: ends == ["given up"], timeout=10_000)
    assert controller.state == "training"


def test_the_cube_can_be_watched_meanwhile(qtbot, controller):
    opened(qtbot, controller)
    go_on = threading.Event()

    def work(progress):
        while not go_on.is_set():
            progress("Working", 0, None)
            time.sleep(0.002)

    controller.work("work", work, lambda _answer: None)
    with qtbot.waitSignal(controller.observed, timeout=10_000) as caught:
        qtbot.waitUntil(lambda: controller.observe(3), timeout=10_000)
    assert caught.args[0].observation.sample == 3
    with qtbot.waitSignal(controller.work_done, timeout=10_000):
        go_on.set()


def test_stopping_ends_work(qtbot, controller):
    begun = threading.Event()

    def work(progress):
        while True:
            progress("For ever", 0, None)
            begun.set()
            time.sleep(0.002)

    controller.work("work for ever", work, lambda _answer: None)
    assert begun.wait(10)
    assert controller.shut_down(10_000)
