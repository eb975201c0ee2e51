"""The run in the worker: what a picked cell, a tracker or a second opening may not disturb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.run.active_run import ActiveRun
from app.run.command import Command
from app.run.command_queue import CommandQueue
from app.run.commands import DropReady, OpenRun, ReadMessages, TakeReady
from app.run.file_commands import Save
from app.run.handlers.edits import drop_ready, open_run, take_ready
from app.run.handlers.files import save
from app.run.handlers.steering import read_messages
from app.run.messages import Evaluated, Saved, StepsDone, WorkDone, WorkProgress
from lattice.errors import PluginError
from lattice.progress import Cancelled
from lattice.training.reports import EvalReport
from tests.app.fakes import FakeRuns, FakeTrainer, small_config


@pytest.fixture
def sent() -> list[object]:
    return []


@pytest.fixture
def served() -> list[Command[Any]]:
    return []


@pytest.fixture
def run(sent: list[object], served: list[Command[Any]]) -> ActiveRun:
    run = ActiveRun(FakeRuns(), CommandQueue(), sent.append, served.append)  # type: ignore[arg-type]
    run.open(FakeTrainer(small_config()), OpenRun("small"))  # type: ignore[arg-type]
    return run


@pytest.mark.parametrize(("choice", "trains_on"), [("pause", False), ("warn", True)])
def test_a_diverged_loss_pauses_a_run_that_asks_for_it(
    sent: list[object], monkeypatch: pytest.MonkeyPatch, choice: str, trains_on: bool
) -> None:
    run = ActiveRun(FakeRuns(), CommandQueue(), sent.append, lambda _command: None)  # type: ignore[arg-type]
    trainer = FakeTrainer(small_config(training_embedding__on_divergence=choice))
    run.open(trainer, OpenRun("small"))  # type: ignore[arg-type]
    step = trainer.step
    monkeypatch.setattr(trainer, "step", lambda: replace(step(), diverged="the loss diverged"))
    run.training = True
    run.train()
    run.out.flush()
    assert run.training is trains_on
    assert run.state == ("training" if trains_on else "paused")
    assert not run.failed
    reports = [report for message in sent if isinstance(message, StepsDone) for report in message.reports]
    assert [report.diverged for report in reports] == ["the loss diverged"]


def test_a_save_in_the_middle_of_longer_work_does_not_end_its_report(sent: list[object], tmp_path: Path) -> None:
    run = ActiveRun(FakeRuns(), CommandQueue(), sent.append, lambda command: save(run, command))  # type: ignore[arg-type]
    run.open(FakeTrainer(small_config()), OpenRun("small"))  # type: ignore[arg-type]
    sent.clear()
    run.queue.put(Save(tmp_path / "a.safetensors", "autosave"))
    run.work_progress("Exporting", 1, 2)
    assert [message for message in sent if not isinstance(message, Saved)] == [WorkProgress("Exporting", 1, 2)]
    assert len(sent) == 2
    save(run, Save(tmp_path / "b.safetensors"))
    assert WorkDone() in sent


def test_a_score_that_a_request_went_before_is_that_of_its_training_step(
    run: ActiveRun, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = run.need_trainer()
    trainer.config = trainer.config.replaced({"training_embedding.evaluate_every": 2})
    evaluate, calls = trainer.evaluate, []

    def disturbed(progress: Any) -> EvalReport:
        calls.append(trainer.training_step)
        if len(calls) == 1:
            raise Cancelled
        return evaluate(progress)

    monkeypatch.setattr(trainer, "start_unscored", False, raising=False)
    monkeypatch.setattr(trainer, "evaluate", disturbed)
    monkeypatch.setattr(run, "_due", lambda _trainer, step: step % 2 == 0)
    for _ in range(3):
        run.train()
    assert calls == [2, 2]
    assert [message.report.training_step for message in sent if isinstance(message, Evaluated)] == [2]
    assert trainer.training_step == 3


def heard(channels: int) -> ReadMessages:
    return ReadMessages(np.zeros((4, 4, 4, channels), np.float32), 0, (1, 1, 1))


def test_an_evaluation_goes_on_beside_a_picked_cell(
    run: ActiveRun, sent: list[object], served: list[Command[Any]]
) -> None:
    look = heard(6)
    run.queue.put(look)
    run.evaluate()
    assert served == [look]
    assert any(isinstance(message, Evaluated) for message in sent)


def test_a_tracker_that_cannot_begin_is_left_out(
    run: ActiveRun, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def begin(_trainer: object) -> None:
        raise PluginError("tracker 'gone' is not registered")

    monkeypatch.setattr(run.trackers, "begin", begin)
    fresh = FakeTrainer(small_config())
    assert run.open(fresh, OpenRun("next")).name == "next"  # type: ignore[arg-type]
    assert run.trainer is fresh  # type: ignore[comparison-overlap]
    assert "this run is not tracked: tracker 'gone' is not registered" in caplog.text


def test_a_held_run_that_another_one_replaced_is_neither_taken_nor_dropped(run: ActiveRun) -> None:
    first = run.trainer
    for token, name in ((1, "A"), (2, "B")):
        open_run(run, OpenRun(name, small_config(), held=True, token=token))
    with pytest.raises(Cancelled):
        take_ready(run, TakeReady(1))
    drop_ready(run, DropReady(1))
    assert run.trainer is first
    assert take_ready(run, TakeReady(2)).name == "B"
    assert run.ready is None


def test_what_was_read_of_a_run_that_is_not_taken_is_taken_back_in_the_log(run: ActiveRun, caplog) -> None:
    open_run(run, OpenRun("A", small_config(), held=True, token=1))
    drop_ready(run, DropReady(1))
    assert run.ready is None
    assert "A is not opened after all: the present run goes on" in caplog.text


def test_messages_of_a_state_with_other_channels_are_refused_in_silence(run: ActiveRun) -> None:
    assert read_messages(run, heard(5)) is None
    assert read_messages(run, heard(6)) is not None


def test_the_time_of_scoring_leaves_out_what_the_baselines_take_once(
    run: ActiveRun, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    score = FakeTrainer(small_config()).evaluate

    def evaluate(progress: Callable[[str, int, int | None], None]) -> EvalReport:
        now[0] += 90.0
        progress("Fitting the baselines", 1, 1)
        now[0] += 2.0
        return score()

    monkeypatch.setattr("app.run.active_run.time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda _s: None))
    monkeypatch.setattr(run.trainer, "evaluate", evaluate)
    run.evaluate()
    (told,) = [message for message in sent if isinstance(message, Evaluated)]
    assert told.scoring_seconds == 2.0
