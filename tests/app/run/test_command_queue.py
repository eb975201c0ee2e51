"""The queue of commands: order, only the newest observation, waiting and stopping."""

import threading
from pathlib import Path

import numpy as np

from app.run.command_queue import CommandQueue
from app.run.commands import LOOKS, Evaluate, Observe, Pause, ReadMessages, ReadRows, Reset, Start, Track
from app.run.file_commands import EncodeTexts, Save
from lattice.config.teacher import TeacherSettings


def test_commands_come_out_in_order():
    queue = CommandQueue()
    queue.put(Start())
    queue.put(Pause())
    assert queue.take(wait=False) == [Start(), Pause()]
    assert queue.take(wait=False) == []


def test_only_the_newest_observation_waits():
    queue = CommandQueue()
    queue.put(Observe(1))
    queue.put(Start())
    queue.put(Observe(2))
    first, second = queue.take(wait=False)
    assert first == Start()
    assert isinstance(second, Observe)
    assert second.sample == 2


def test_waiting_ends_with_a_command_or_with_stop():
    for act in (lambda queue: queue.put(Start()), lambda queue: queue.stop()):
        queue, taken = CommandQueue(), []
        thread = threading.Thread(target=lambda: taken.append(queue.take(wait=True)))  # noqa: B023
        thread.start()
        act(queue)
        thread.join(10)
        assert not thread.is_alive()
        assert len(taken) == 1


def test_stop_drops_what_was_not_begun_and_cancels():
    queue = CommandQueue()
    queue.put(Start())
    assert not queue.cancelled
    queue.stop()
    assert queue.take(wait=True) == []
    assert queue.cancelled


def test_cancel_is_forgotten_before_the_next_long_work():
    queue = CommandQueue()
    queue.cancel()
    assert queue.cancelled
    queue.clear_cancel()
    assert not queue.cancelled


def work():
    return EncodeTexts(Path("in.txt"), Path("out.safetensors"), TeacherSettings())


def test_what_comes_after_long_work_stays_in_the_queue():
    queue, long = CommandQueue(), work()
    for command in (Start(), long, Pause()):
        queue.put(command)
    assert queue.take(wait=False) == [Start(), long]
    assert queue.take(wait=False) == [Pause()]


def test_pauses_and_saves_pass_long_work_but_no_change_of_the_run():
    queue, look, save, late = CommandQueue(), Observe(1), Save(Path("a")), Save(Path("b"))
    for command in (work(), Pause(), Evaluate(), save, Reset(), late, look):
        queue.put(command)
    queue.take(wait=False)
    assert queue.take_passing() == [Pause(), save, look]
    assert queue.take(wait=False) == [Evaluate(), Reset()]
    assert queue.take(wait=False) == [late]


def read_messages():
    return ReadMessages(np.zeros((2, 2, 2, 3), np.float32), 0, (0, 0, 0))


def test_what_the_window_requests_by_itself_ends_no_evaluation():
    queue, look = CommandQueue(), read_messages()
    for command in (look, ReadRows(10), Track(("notes",)), Observe(1)):
        queue.put(command)
    assert not queue.interrupting
    assert look in queue.take_passing(LOOKS)
    assert [type(command) for command in queue.take(wait=False)] == [ReadRows, Track]
    queue.put(Pause())
    assert queue.interrupting


def test_messages_of_a_cell_do_not_pass_a_change_of_the_run():
    queue = CommandQueue()
    queue.put(Reset())
    queue.put(read_messages())
    assert queue.take_passing(LOOKS) == []
