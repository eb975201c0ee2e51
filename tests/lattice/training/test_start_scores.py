"""Scores before training: once for each student, and kept with the run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.training.reports import StartScores
from lattice.training.start_scores import start_of, start_tensors
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def test_they_are_those_of_the_untrained_student(small_trainer: Maker) -> None:
    trainer = small_trainer()
    assert trainer.start_unscored
    first = trainer.evaluate()
    assert trainer.start_scores == StartScores(0, first.student, first.t0)
    assert not trainer.start_unscored
    trainer.step()
    later = trainer.evaluate()
    assert later.student != first.student
    assert later.start == trainer.start_scores
    assert trainer.start_scores == StartScores(0, first.student, first.t0)


def test_a_run_that_was_trained_has_missed_them(small_trainer: Maker) -> None:
    trainer = small_trainer()
    trainer.step()
    assert not trainer.start_unscored
    trainer.evaluate()
    assert trainer.start_scores is None


@pytest.mark.parametrize(
    ("changes", "unscored", "kept"),
    [
        ({"lattice.dimensions": (3, 3, 3)}, True, False),
        ({"training_embedding.objective": "denoise"}, False, False),
        ({"lattice.lattice_steps": 3}, False, False),
        ({"optimizer.learning_rate": 0.01}, False, True),
    ],
)
def test_an_edit_decides_whether_they_still_say_something(
    small_trainer: Maker, changes: dict[str, object], unscored: bool, kept: bool
) -> None:
    trainer = small_trainer()
    trainer.evaluate()
    trainer.step()
    trainer.apply(trainer.config.replaced(changes))
    assert trainer.start_unscored == unscored
    assert (trainer.start_scores is not None) == kept
    if unscored:
        trainer.evaluate()
        assert trainer.start_scores is not None
        assert trainer.start_scores.training_step == 1


def test_a_resumed_run_keeps_its_own(small_trainer: Maker, tmp_path: Path) -> None:
    trainer, path = small_trainer(), tmp_path / "run.safetensors"
    trainer.evaluate()
    trainer.save(path)
    resumed = EmbeddingTrainer.resume(path, dataset=trainer.dataset)
    assert resumed.start_scores == trainer.start_scores
    assert not resumed.start_unscored


def test_damaged_ones_are_measured_again() -> None:
    assert start_tensors(None) == {}
    assert start_of({}) is None
    assert start_of({"start": torch.ones(3)}) is None
    assert start_of({"start": torch.full((9,), torch.nan)}) is None
