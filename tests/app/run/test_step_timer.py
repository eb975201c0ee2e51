"""How long the present training step will still take, by the last ones."""

import pytest

from app.run.step_timer import SLOW_SECONDS, StepTimer
from tests.app.reports import step_report


def test_the_rest_of_a_step_is_told_from_the_last_ones():
    now = [100.0]
    clock = StepTimer(lambda: now[0])
    assert clock.left() is None
    clock.stepped([step_report(step, seconds=seconds) for step, seconds in enumerate((90.0, 10.0, 12.0, 14.0))])
    assert clock.left() == pytest.approx(12.0)
    now[0] += 9.0
    assert clock.left() == pytest.approx(3.0)
    now[0] += 9.0
    assert clock.left() is None
    clock.forget()
    now[0] -= 9.0
    assert clock.left() is None


def test_only_slow_and_unknown_steps_are_worth_a_word():
    clock = StepTimer()
    assert clock.slow
    clock.stepped([step_report(1, seconds=SLOW_SECONDS / 2)])
    assert not clock.slow
    clock.stepped([step_report(2, seconds=3.0)])
    assert clock.slow
