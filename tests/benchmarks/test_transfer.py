"""The benchmark of transfer: scores of one size, on the smallest cubes, and its line."""

import torch

from benchmarks.transfer import Result, as_text, measure
from lattice.training.checkpoint import read_checkpoint
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.conftest import make_config, make_dataset


def test_cells_of_a_cube_in_a_longer_and_in_a_wider_one(tmp_path):
    dataset, common = make_dataset(), ["embedding_mapping.placement=through", "training_embedding.evaluation_samples=8"]
    trainer = EmbeddingTrainer(make_config(*common), dataset)
    trainer.step()
    trainer.export(tmp_path / "cells.safetensors")
    stored = read_checkpoint(tmp_path / "cells.safetensors")
    longer = measure(stored, dataset, "6x3x5", common, 2, torch.device("cpu"))
    assert longer.lattice_steps == 4
    assert longer.with_maps is not None
    assert [step for step, _ in longer.learnt] == [1, 2]
    wider = measure(stored, dataset, "4x4x5", common, 0, torch.device("cpu"))
    assert wider.with_maps is None
    assert wider.own_start != wider.at_once


def test_a_result_is_one_line():
    line = as_text(Result("16x8x8", 18, 0.8, 0.6, 0.5, ((20, 0.7),)))
    assert line == (
        "16x8x8    T = 18  own start 0.8000, trained cells at once 0.6000 (0.7500 of it), with its outer maps 0.5000, "
        "outer maps learnt 20: 0.7000"
    )
    assert "outer maps" not in as_text(Result("8x8x8", 10, 0.8, 0.6, None, ()))
