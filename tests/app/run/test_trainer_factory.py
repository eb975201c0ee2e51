"""Runs that begin with the weights of a file, as the worker opens them."""

from pathlib import Path

import numpy as np
import pytest
import torch

from app.run.commands import OpenRun
from app.run.trainer_factory import LatticeRuns
from lattice.config import Wishes
from lattice.data import load_dataset
from lattice.errors import CheckpointError
from lattice.progress import no_progress
from lattice.training.trainer import EmbeddingTrainer
from tests.app.fakes import small_config


@pytest.fixture
def weights(tmp_path: Path) -> tuple[Path, EmbeddingTrainer]:
    rows = np.random.default_rng(0).normal(size=(24, 12)).astype(np.float32)
    np.save(tmp_path / "rows.npy", rows)
    config = small_config(training_embedding__data=str(tmp_path / "rows.npy"), device__policy="cpu")
    dataset = load_dataset(config.training_embedding, config.data, config.teacher)
    trainer = EmbeddingTrainer(config, dataset)
    trainer.step()
    trainer.export(tmp_path / "weights.safetensors")
    return tmp_path / "weights.safetensors", trainer


def test_the_files_own_settings_are_used_where_none_are_given(weights: tuple[Path, EmbeddingTrainer]) -> None:
    path, trained = weights
    runs = LatticeRuns()
    request = OpenRun("weights", weights=path, wishes=Wishes({}, ("lattice.dimensions=[5, 4, 4]",)))
    trainer = runs.open(request, no_progress)
    assert trainer.config.lattice.dimensions == (5, 4, 4)
    assert trainer.training_step == 0
    assert torch.equal(trainer.student.prototype.gate.weight, trained.student.prototype.gate.weight)
    summary = runs.summarise(trainer, "weights", None)
    assert summary.started_from is not None
    assert summary.started_from.path == path
    assert runs.summarise(runs.restart(trainer, no_progress), "weights", None).started_from is None


def test_the_present_settings_are_kept_but_for_the_cells(weights: tuple[Path, EmbeddingTrainer]) -> None:
    path, trained = weights
    present = trained.config.replaced({"model.state_size": 8, "training_embedding.objective": "denoise"})
    trainer = LatticeRuns().open(OpenRun("weights", present, weights=path), no_progress)
    assert trainer.config.training_embedding.objective == "denoise"
    assert trainer.config.model.state_size == 6
    assert "model.state_size 8 -> 6" in trainer.started_from.settings


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "torn.safetensors").write_bytes(b"nonsense")
    with pytest.raises(CheckpointError, match=r"torn\.safetensors is not a readable safetensors file"):
        LatticeRuns().open(OpenRun("weights", weights=tmp_path / "torn.safetensors"), no_progress)
