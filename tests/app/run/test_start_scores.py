"""An untrained student is scored before its first training step, after what was requested, and once."""

from __future__ import annotations

import pytest

from app.run.active_run import ActiveRun
from app.run.command_queue import CommandQueue
from app.run.commands import Observe, OpenRun, Pause, SingleStep
from app.run.handlers.steering import single_step
from app.run.messages import Evaluated, Observed, StepsDone, WorkDone, WorkProgress
from tests.app.fakes import FakeRuns, FakeTrainer, small_config


@pytest.fixture
def queue() -> CommandQueue:
    return CommandQueue()


@pytest.fixture
def sent() -> list[object]:
    return []


@pytest.fixture
def run(queue: CommandQueue, sent: list[object]) -> ActiveRun:
    """A run that was opened with an untrained student and is being trained."""

    def observe(command: Observe) -> None:
        sent.append(Observed(run.need_trainer().observe(command.sample), 0.0, 0.0))

    run = ActiveRun(FakeRuns(), queue, sent.append, observe)
    trainer = FakeTrainer(small_config())
    trainer.start_unscored = True
    run.open(trainer, OpenRun("small"))
    run.training = True
    return run


def kinds(sent: list[object]) -> list[type]:
    return [type(message) for message in sent if isinstance(message, Evaluated | Observed | StepsDone)]


def test_the_score_comes_before_the_first_training_step_and_once(run: ActiveRun, sent: list[object]) -> None:
    for _ in range(3):
        run.train()
    run.out.flush()
    first = next(message for message in sent if isinstance(message, Evaluated))
    assert first.report.training_step == 0
    assert kinds(sent)[:2] == [Evaluated, StepsDone]
    calls = [call for call in run.need_trainer().calls if call != "save"]  # type: ignore[attr-defined]
    assert calls == ["evaluate", "evaluated", "step", "step", "step"]


def test_the_picture_comes_before_the_score(run: ActiveRun, queue: CommandQueue, sent: list[object]) -> None:
    queue.put(Observe(0))
    run.train()
    assert kinds(sent)[:2] == [Observed, Evaluated]


def test_a_pause_goes_first_and_the_score_is_made_up_for(
    run: ActiveRun, queue: CommandQueue, sent: list[object]
) -> None:
    queue.put(Pause())
    run.train()
    assert kinds(sent) == []
    assert run.need_trainer().training_step == 0
    queue.take(wait=False)
    run.train()
    run.out.flush()
    assert kinds(sent)[:2] == [Evaluated, StepsDone]


def test_a_single_step_is_done_even_if_its_score_had_to_give_way(run: ActiveRun, queue: CommandQueue) -> None:
    queue.put(Pause())
    single_step(run, SingleStep())
    assert run.need_trainer().training_step == 1


def test_a_cancel_leaves_the_score_out_and_trains(
    run: ActiveRun, queue: CommandQueue, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = run.need_trainer()
    evaluate = trainer.evaluate

    def cancelled(progress: object) -> object:
        queue.cancel()
        return evaluate(progress)  # type: ignore[arg-type]

    monkeypatch.setattr(trainer, "evaluate", cancelled)
    run.train()
    run.out.flush()
    assert kinds(sent) == [StepsDone]


def test_an_evaluation_shows_how_far_it_is_and_ends(run: ActiveRun, sent: list[object]) -> None:
    run.train()
    shown = [message for message in sent if isinstance(message, WorkProgress | WorkDone)]
    assert shown[:2] == [WorkProgress("Evaluating", 0, None), WorkProgress("Evaluating", 1, 4)]
    assert shown[-1] == WorkDone()
