"""Numerics as a contract: the loss curve of `debug`, and how far other ways to compute it may stray from it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset, load_dataset
from lattice.training.batches import BatchOrder
from lattice.training.trainer import EmbeddingTrainer

GOLDEN = json.loads((Path(__file__).parent / "golden_debug.json").read_text(encoding="utf-8"))
"""Made by tools/write_golden_curve.py."""


@pytest.fixture(scope="module")
def demo() -> EmbeddingDataset:
    config = SimpleProjectConfig.from_preset("debug")
    return load_dataset(config.training_embedding, config.data, config.teacher)


@pytest.mark.parametrize(
    ("settings", "tolerance"),
    [
        ([], 1e-4),
        (["device.recompute=always"], 1e-4),
        (["neighbors.engine=fft"], 1e-4),
        (["device.precision=bfloat16"], 5e-3),
        pytest.param(["device.policy=cuda"], 2e-3, marks=pytest.mark.gpu),
        pytest.param(["device.policy=cuda", "device.precision=bfloat16"], 1e-2, marks=pytest.mark.gpu),
    ],
    ids=lambda value: " ".join(value) or "as it is" if isinstance(value, list) else f"within {value:g}",
)
def test_the_loss_curve_of_debug(demo: EmbeddingDataset, settings: list[str], tolerance: float) -> None:
    if "device.policy=cuda" in settings and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    config = SimpleProjectConfig.from_preset("debug").override(
        ["device.policy=cpu", "training_embedding.seed=0", *settings]
    )
    trainer = EmbeddingTrainer(config, demo)
    # A card has generators of its own and would take the samples in another order.
    trainer.order = BatchOrder(demo.train_indices, config.training_embedding.seed)
    # A processor without units for bfloat16 takes far longer: half the curve has to do there.
    golden = GOLDEN["total"] if tolerance < 1e-3 or "device.policy=cuda" in settings else GOLDEN["total"][:12]
    totals = [trainer.step().losses["total"] for _ in golden]
    assert len(golden) < len(GOLDEN["total"]) or totals[-1] < 0.6 * totals[0]
    np.testing.assert_allclose(totals, golden, rtol=tolerance)
