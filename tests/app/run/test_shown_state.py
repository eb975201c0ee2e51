"""What is shown of the worker's state: no flicker, and what is awaited while training steps take long."""

from dataclasses import replace

import pytest

from app.run.shown_state import ShownState
from tests.app.fakes import FakeTrainer, small_config


@pytest.fixture
def heard():
    return []


@pytest.fixture
def shown(heard):
    return ShownState(heard.append, lambda awaited: heard.append(f"awaits {awaited}".strip()))


def steps(seconds):
    return (replace(FakeTrainer(small_config()).step(), seconds=seconds),)


def test_a_run_that_is_about_to_train_is_not_shown_as_paused(shown, heard):
    shown.opened(start=True)
    shown.take("paused")
    shown.take("training")
    assert heard == ["training"]
    assert not shown.starting
    shown.take("paused")
    assert heard == ["training", "paused"]


def test_a_run_whose_start_is_taken_back_is_shown_as_paused(shown, heard):
    shown.opened(start=True)
    shown.request_stop()
    assert not shown.starting
    shown.take("paused")
    assert heard == ["paused"]


@pytest.mark.parametrize(("seconds", "told"), [(0.01, []), (2.0, ["stepping"])])
def test_only_a_long_single_step_is_shown(shown, heard, seconds, told):
    shown.stepped(steps(seconds))
    shown.take("stepping")
    assert heard == told


def test_a_pause_is_awaited_only_while_steps_are_long(shown, heard):
    shown.take("training")
    shown.stepped(steps(2.0))
    shown.request_stop()
    assert shown.awaited == "pause"
    assert shown.step_seconds_left is not None
    shown.take("paused")
    assert heard == ["training", "awaits pause", "awaits", "paused"]
    shown.take("training")
    shown.stepped(steps(0.01) * 3)
    shown.request_stop()
    assert shown.awaited == ""


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_there_is_no_pause_of_a_run_that_has_ended(shown, state):
    shown.take(state)
    shown.request_stop()
    assert not shown.stays_paused


def test_a_start_that_fails_is_awaited_no_more(shown, heard):
    shown.take("finished")
    shown.request_start()
    assert shown.awaited == "start"
    shown.failed()
    assert shown.awaited == ""
    shown.take("paused")
    assert heard[-1] == "paused", "no start is to come that would make this a flicker"


def test_another_run_is_timed_for_itself(shown):
    shown.stepped(steps(0.01))
    shown.opened(start=False)
    shown.take("training")
    shown.request_stop()
    assert shown.awaited == "pause", "while nobody knows how long a step takes, the wait is told"


def test_a_pause_holds_from_its_request_on_and_while_another_run_is_loaded(shown):
    shown.take("training")
    assert not shown.stays_paused
    shown.request_stop()
    shown.take("training")
    assert shown.stays_paused, "the training step under way is not over"
    for state in ("paused", "loading"):
        shown.take(state)
        assert shown.stays_paused
    shown.opened(start=False)
    shown.request_start()
    shown.take("training")
    shown.take("loading")
    assert not shown.stays_paused


@pytest.mark.parametrize("state", ["finished", "failed"])
def test_a_run_that_ended_is_not_paused(shown, state):
    shown.take("training")
    shown.request_stop()
    shown.take(state)
    assert not shown.stays_paused
