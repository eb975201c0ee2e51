"""Loading data for a run in progress or a saved one tells its progress, and can be cancelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lattice.progress import Cancelled, Progress
from lattice.training import editing, saving
from lattice.training.trainer import EmbeddingTrainer


def encoding(*_settings: object, progress: Progress, **_more: object) -> None:
    """Stand in for loading texts that a teacher encodes."""
    progress("encoding", 1, 2)


def cancel(what: str, done: int, total: int | None) -> None:
    """Take note of nothing and stop."""
    assert (what, done, total) == ("encoding", 1, 2)
    raise Cancelled


def test_a_cancelled_edit_changes_nothing(
    small_trainer: Callable[..., EmbeddingTrainer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editing, "load_dataset", encoding)
    trainer = small_trainer()
    config, dataset, student = trainer.config, trainer.dataset, trainer.student
    with pytest.raises(Cancelled):
        trainer.apply(config.replaced({"training_embedding.data": "other.csv"}), progress=cancel)
    assert trainer.config is config
    assert trainer.dataset is dataset
    assert trainer.student is student
    trainer.step()


def test_resuming_can_be_cancelled_while_data_is_loaded(
    small_trainer: Callable[..., EmbeddingTrainer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small_trainer().save(tmp_path / "run.safetensors")
    monkeypatch.setattr(saving, "load_dataset", encoding)
    with pytest.raises(Cancelled):
        EmbeddingTrainer.resume(tmp_path / "run.safetensors", progress=cancel)
