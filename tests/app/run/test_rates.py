"""Rates of training steps, and when to evaluate."""

from types import SimpleNamespace

import pytest

from app.run import handlers
from app.run.command import Job
from app.run.commands import ProveResume
from app.run.rates import EARLY_GAP, EvaluationSchedule, Rates
from lattice.progress import Cancelled


def test_steps_per_second_counts_everything_between_steps():
    rates = Rates()
    rates.begin(100.0)
    for number in range(1, 9):
        rates.stepped(100.0 + number * 0.5)
    assert rates.steps_per_second() == pytest.approx(2.0)


def test_old_steps_are_forgotten():
    rates = Rates()
    rates.begin(0.0)
    for number in range(1, 11):
        rates.stepped(number * 0.1)
    for number in range(1, 11):
        rates.stepped(10.0 + number)
    assert rates.steps_per_second() == pytest.approx(1.0)


def test_a_step_longer_than_the_window_still_has_a_rate():
    rates = Rates()
    rates.begin(0.0)
    rates.stepped(20.0)
    assert rates.steps_per_second() == pytest.approx(0.05)


def test_the_time_of_an_evaluation_is_no_part_of_the_rate():
    rates = Rates()
    rates.begin(0.0)
    rates.stepped(0.5)
    rates.stepped(1.0)
    rates.leave_out(1.0, 61.0)
    rates.stepped(61.5)
    assert rates.steps_per_second() == pytest.approx(2.0)
    rates.begin(100.0)
    rates.stepped(100.25)
    assert rates.steps_per_second() == pytest.approx(4.0)


def test_unknown_rates_are_zero():
    rates = Rates()
    assert rates.steps_per_second() == 0.0
    assert rates.watching_share(1.0) == 0.0


def test_watching_share():
    rates = Rates()
    rates.begin(0.0)
    for number in range(4):
        rates.observed(1.0 + number, 0.1)
    assert rates.watching_share(4.0) == pytest.approx(0.1)
    assert rates.watching_share(4.0 + 12.0) == pytest.approx(0.1 / 12.0)
    assert rates.watching_share(40.0) == 0.0


def test_evaluations_come_at_the_configured_training_steps_and_at_the_end():
    schedule = EvaluationSchedule()
    steps = [step for step in range(51, 131) if schedule.due(step, 50, 123, 1000.0 + step)]
    assert steps == [100, 123]


def test_early_evaluations_are_extra_while_they_are_cheap():
    schedule, now, steps = EvaluationSchedule(), 0.0, []
    for step in range(1, 101):
        now += 0.1
        if schedule.due(step, 50, 600, now):
            steps.append(step)
            schedule.done(step, 0.1, now)
    assert steps[0] == EARLY_GAP
    assert 3 <= len([step for step in steps if step < 50]) <= 10
    assert steps[-2:] == [50, 100]


def test_early_evaluations_are_rare_when_they_are_dear():
    schedule, now, steps = EvaluationSchedule(), 0.0, []
    for step in range(1, 50):
        now += 0.1
        if schedule.due(step, 50, 600, now):
            steps.append(step)
            schedule.done(step, 3.0, now)
    assert steps == [EARLY_GAP]


def test_the_time_of_a_job_is_no_part_of_the_rate(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(handlers.time, "monotonic", lambda: clock[0])
    run = SimpleNamespace(rates=Rates())
    run.rates.begin(0.0)
    run.rates.stepped(1.0)

    def prove(_run, _command):
        clock[0] += 80.0
        raise Cancelled

    with pytest.raises(Cancelled):
        handlers.apart(prove)(run, ProveResume(3))
    run.rates.stepped(82.0)
    assert run.rates.steps_per_second() == pytest.approx(1.0)
    assert [kind for kind in handlers._HANDLERS if handlers.HANDLERS[kind] is not handlers._HANDLERS[kind]] == [
        kind for kind in handlers._HANDLERS if issubclass(kind, Job)
    ]


def test_a_job_during_which_training_starts_leaves_out_only_what_came_after_that():
    rates = Rates()
    rates.begin(100.0)
    rates.leave_out(40.0, 103.0)
    rates.stepped(104.0)
    assert rates.steps_per_second() == pytest.approx(1.0)
