"""What a student makes of the held-out samples, as a file: all of them, with their texts, loaded again as data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from lattice.config.data import DataSettings
from lattice.data import load_dataset
from lattice.errors import CheckpointError
from lattice.progress import Cancelled
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]

FEW = "training_embedding.evaluation_samples=2"


def test_all_held_out_samples_are_written_and_loaded_again_with_their_texts(
    small_trainer: Maker, tmp_path: Path
) -> None:
    trainer = small_trainer(FEW)
    held_out = trainer.dataset.validation_indices
    assert len(held_out) > 2, "more than an evaluation takes"
    path = tmp_path / "outputs.safetensors"
    told: list[int] = []
    assert trainer.export_embeddings(path, lambda _what, done, _total: told.append(done)) == len(held_out)
    assert told[-1] == len(held_out)
    stored = safetensors.torch.load_file(path)
    assert torch.equal(stored["sample"], held_out)
    seen = torch.from_numpy(trainer.observe(int(held_out[-1])).student_D)
    torch.testing.assert_close(stored["embeddings"][-1], seen, rtol=1e-4, atol=1e-6)
    cosines = torch.nn.functional.cosine_similarity(stored["embeddings"].double(), stored["target"].double())
    torch.testing.assert_close(stored["cosine"].double(), cosines, rtol=0, atol=1e-6)

    settings = trainer.config.training_embedding.model_copy(update={"data": str(path)})
    loaded = load_dataset(settings, DataSettings(drop_duplicates=False), trainer.config.teacher)
    texts = sorted(trainer.dataset.text(int(sample)) for sample in held_out)
    assert sorted(loaded.text(row) for row in range(len(loaded))) == texts
    torch.testing.assert_close(loaded.batch(torch.arange(len(loaded))), stored["embeddings"])


def test_a_cancel_leaves_no_file_and_a_folder_that_can_not_be_written_is_named(
    small_trainer: Maker, tmp_path: Path
) -> None:
    def cancel(_what: str, done: int, _total: int | None) -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        small_trainer().export_embeddings(tmp_path / "rows.safetensors", cancel)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CheckpointError, match=r"can't write the embeddings to .*choose another folder"):
        small_trainer().export_embeddings(tmp_path / "file" / "rows.safetensors")
