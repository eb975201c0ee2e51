"""A loss of a thousand times its best is told once, and again only after it came back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lattice.training.divergence import DivergenceWatch
from lattice.training.trainer import EmbeddingTrainer


def test_a_loss_far_above_its_best_is_told_once() -> None:
    watch = DivergenceWatch()
    losses = [5.0, 0.5, 499.0, 501.0, 900.0, 0.6, 5000.0, float("nan"), 0.0, -1.0]
    told = [watch.take(step, loss) for step, loss in enumerate(losses, 1)]
    assert [step for step, text in enumerate(told, 1) if text] == [4, 7]
    assert told[3] == "diverged: the loss is 501, 1,002 times its best of 0.5 at training step 2"


def test_training_logs_it(
    small_trainer: Callable[..., EmbeddingTrainer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trainer = small_trainer()
    trainer.step()
    monkeypatch.setattr("lattice.training.divergence.DIVERGED", 0.5)
    trainer.step()
    assert "Training step 2 diverged: the loss is" in caplog.text
    assert "lower the learning rate" in caplog.text
