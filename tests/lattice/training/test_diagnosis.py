"""The first number that is not finite is named: a weight, or a state with lattice step, cell, channel and tier."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from lattice.errors import NonFiniteError
from lattice.training.diagnosis import first_non_finite
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def diagnosed(trainer: EmbeddingTrainer):
    inputs = trainer.dataset.batch(trainer.dataset.train_indices[:2])
    return first_non_finite(trainer.student, trainer.tier_means, trainer.config.lattice.lattice_steps, inputs)


def spoil_message(trainer: EmbeddingTrainer, monkeypatch: pytest.MonkeyPatch, tier: str, cell: int) -> None:
    """Let one cell's mean of one tier be infinite."""
    real = trainer.tier_means.channel_means

    def spoilt(fields_FNB: torch.Tensor, heard: str) -> torch.Tensor:
        result = real(fields_FNB, heard).clone()
        if heard == tier:
            result[:, cell] = float("inf")
        return result

    monkeypatch.setattr(trainer.tier_means, "channel_means", spoilt)


def test_a_weight_is_named_and_harmed(small_trainer: Maker) -> None:
    trainer = small_trainer()
    with torch.no_grad():
        trainer.student.mapper.lift.weight.fill_(float("inf"))
    culprit = diagnosed(trainer)
    assert (culprit.words, culprit.weights_harmed) == ("the weight mapper.lift.weight", True)
    with pytest.raises(NonFiniteError, match="the weights were harmed before: open the last checkpoint or autosave"):
        trainer.step()


def test_a_painted_state_is_named_with_cell_and_channel(small_trainer: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = small_trainer()
    real = trainer.student.paint

    def spoilt(embedding_BD: torch.Tensor) -> torch.Tensor:
        painted = real(embedding_BD).clone()
        painted[17, 1, 4] = float("nan")  # cell 17 of 4 x 3 x 5 is (1, 0, 2)
        return painted

    monkeypatch.setattr(trainer.student, "paint", spoilt)
    culprit = diagnosed(trainer)
    assert culprit.words == "channel 4 of the cell (1, 0, 2) as it is painted"
    assert (culprit.cell, culprit.lattice_step, culprit.weights_harmed) == ((1, 0, 2), 0, False)


def test_a_state_is_named_with_lattice_step_cell_channel_and_tier(
    small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = small_trainer()
    spoil_message(trainer, monkeypatch, "local", 17)
    culprit = diagnosed(trainer)
    assert culprit.words == "channel 0 of the cell (1, 0, 2) after lattice step 1, heard from its local tier,"
    assert (culprit.cell, culprit.lattice_step) == ((1, 0, 2), 1)


def test_a_pass_with_erased_cells_is_diagnosed_as_it_ran(small_trainer: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = small_trainer("training_embedding.damage=0.9")
    trainer.student.erase_from(0.9, 0, 0)
    erased = int(trainer.student.erased_N.nonzero()[0])
    spoil_message(trainer, monkeypatch, "distant", erased)
    inputs = trainer.dataset.batch(trainer.dataset.train_indices[:2])
    steps = trainer.config.lattice.lattice_steps
    assert "cell" in first_non_finite(trainer.student, trainer.tier_means, steps, inputs).words
    damaged = first_non_finite(trainer.student, trainer.tier_means, steps, inputs, trainer.student.erased_N)
    assert damaged.words == "the loss"
