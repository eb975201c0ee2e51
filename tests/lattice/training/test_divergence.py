"""A loss of a thousand times its best is told once, and again only after it came back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lattice.training.divergence import DivergenceWatch, changes_losses
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


def test_a_watch_is_as_before_after_a_checkpoint_and_junk_makes_a_new_one():
    watch = DivergenceWatch()
    assert watch.to_note() is None
    watch.take(1, 0.5)
    watch.take(2, 600.0)
    note = watch.to_note()
    again = DivergenceWatch.from_note(note)
    assert (again.ratio, again.diverged, again.to_note()) == (1200.0, True, note)
    assert again.take(3, 700.0) is None, "it was told"
    for junk in (None, [], {}, {**note, "best": 0.0}, {**note, "ratio": "x"}, {**note, "best_step": 1.5}):
        assert DivergenceWatch.from_note(junk).to_note() is None


def test_an_edit_of_what_losses_measure_begins_the_comparison_again_but_heals_nothing():
    assert changes_losses(["training_embedding.loss_weights.similarity"], "live")
    assert changes_losses(["training_embedding.objective"], "live")
    assert not changes_losses(["optimizer.learning_rate"], "live")
    watch = DivergenceWatch()
    watch.take(1, 0.01)
    watch.compare_again()
    assert watch.take(2, 100.0) is None
    assert watch.take(3, 200_000.0) is not None
    watch.compare_again()
    assert watch.diverged
