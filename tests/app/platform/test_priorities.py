"""The window's thread gets the processor soon; what trains and computes ahead gives way."""

from __future__ import annotations

import os
import struct
import sys
import threading
from pathlib import Path

import pytest

from app.platform import priorities
from app.platform.latest_job import LatestJob
from app.platform.priorities import give_way, shorten_time_slice, threads_named

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's scheduler")


def in_thread(work):
    """Return what `work` returns in a thread of its own, so that this one stays as it is."""
    results = []
    thread = threading.Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def niceness(thread=0):
    return os.getpriority(os.PRIO_PROCESS, thread)


@linux
def test_a_thread_that_gives_way_hands_its_priority_to_those_it_starts():
    def work():
        give_way()
        return niceness(threading.get_native_id()), in_thread(lambda: niceness(threading.get_native_id()))

    expected = min(niceness() + priorities.NICENESS, 19)
    assert in_thread(work) == (expected, expected)
    assert niceness() == niceness(os.getpid())


@linux
def test_giving_way_never_raises_a_priority():
    def work():
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        give_way()
        return niceness(threading.get_native_id())

    assert in_thread(work) == 19


@linux
def test_work_ahead_gives_way(qtbot):
    job = LatestJob()
    with qtbot.waitSignal(job.done) as done:
        job.ask(lambda: niceness(threading.get_native_id()))
    assert done.args == [min(niceness() + priorities.NICENESS, 19)]
    job.close()


@linux
def test_short_slices_are_requested_for_this_thread_alone(monkeypatch):
    calls = []

    class Library:
        def syscall(self, number, thread, attributes, flags):
            calls.append((number, thread, struct.unpack(priorities._ATTRIBUTES, attributes), flags))
            return 0

    monkeypatch.setattr(priorities.platform, "machine", lambda: "x86_64")
    monkeypatch.setattr(priorities.ctypes, "CDLL", lambda *_args, **_options: Library())
    assert shorten_time_slice()
    assert shorten_time_slice(threading.get_native_id())
    named = calls.pop()
    assert named == (calls[0][0], threading.get_native_id(), *calls[0][2:])
    ((number, thread, attributes, flags),) = calls
    assert (number, thread, flags) == (314, 0, 0)
    size, policy, reset_on_fork, nice, _, slice_ns, *rest = attributes
    assert (size, policy, reset_on_fork, nice, slice_ns) == (56, os.SCHED_OTHER, 1, niceness(), 100_000)
    assert not any(rest)


@linux
def test_threads_are_found_by_the_beginning_of_their_names():
    def work():
        Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text("painter-7", encoding="utf-8")
        return threading.get_native_id(), threads_named("painter-"), threads_named("nobody")

    number, found, others = in_thread(work)
    assert found == [number]
    assert others == []


@linux
@pytest.mark.parametrize("refusal", ["policy", "machine", "system"])
def test_what_is_refused_stays_as_it_was(monkeypatch, refusal):
    if refusal == "policy":
        monkeypatch.setattr(priorities.os, "sched_getscheduler", lambda _thread: os.SCHED_BATCH)
    elif refusal == "machine":
        monkeypatch.setattr(priorities.platform, "machine", lambda: "s390x")
    else:
        monkeypatch.setattr(priorities, "_SCHED_SETATTR", {priorities.platform.machine(): -1})  # no such call
    assert not in_thread(shorten_time_slice)
