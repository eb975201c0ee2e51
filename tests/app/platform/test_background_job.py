"""Work in a thread: results as they come, progress, failures, and nothing from what was cancelled."""

import threading

import pytest

from app.platform.background_job import BackgroundJob


@pytest.fixture
def job(qtbot):
    job = BackgroundJob()
    yield job
    job.close()


def test_results_and_progress_come_in_order(qtbot, job):
    seen = []
    job.arrived.connect(seen.append)
    job.progressed.connect(lambda *state: seen.append(state))

    def work(progress, deliver):
        deliver("first")
        progress("counting", 1, None)
        deliver("second")

    with qtbot.waitSignal(job.ended, timeout=5_000) as ended:
        job.start(work)
        assert job.running
    assert seen == ["first", ("counting", 1, 0), "second"]
    assert ended.args == [""]
    assert not job.running


def test_a_failure_is_one_line(qtbot, job, caplog):
    def work(progress, deliver):
        raise ValueError("no room\nfor that")

    with qtbot.waitSignal(job.ended, timeout=5_000) as ended:
        job.start(work)
    assert ended.args == ["no room for that"]
    assert "no room for that" in caplog.text


def test_newer_work_cancels_the_older(qtbot, job):
    seen, go, stopped = [], threading.Event(), threading.Event()
    job.arrived.connect(seen.append)

    def old(progress, deliver):
        go.wait(5)
        deliver("old")
        try:
            progress("old", 1, 2)
        finally:
            stopped.set()
        deliver("never")

    job.start(old)
    with qtbot.waitSignal(job.ended, timeout=5_000):
        job.start(lambda progress, deliver: deliver("new"))
    go.set()
    assert stopped.wait(5)
    job.close()
    qtbot.wait(20)
    assert seen == ["new"]


def test_closing_waits_for_the_thread(qtbot, job):
    over = threading.Event()
    began = threading.Event()

    def work(progress, deliver):
        began.set()
        while not over.wait(0.01):
            progress("waiting", 0, None)

    job.start(work)
    assert began.wait(5)
    job.close()
    assert not any(thread.is_alive() for thread in job._threads)
