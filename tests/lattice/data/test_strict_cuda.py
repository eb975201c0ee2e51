"""Under the policy `cuda` no tensor of the processor takes part in checks, batches, training and evaluation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.config import SimpleProjectConfig, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader
from lattice.training.trainer import EmbeddingTrainer
from tests.lattice.data.making import write_embeddings
from tests.lattice.data.strict import ProcessorWatch

COPIES = (
    "empty", "_pin_memory", "is_pinned", "copy_", "_to_copy", "slice", "view", "reshape", "alias", "detach", "select",
    "lift_fresh", "_local_scalar_dense",
)  # fmt: skip
"""What bringing bytes from a file to the card needs: buffers, views of them, and copies. Nothing that computes."""


def test_the_watch_sees_what_runs_on_the_processor() -> None:
    with ProcessorWatch(allowed=["add"]) as watch:
        _ = torch.ones(3) + torch.ones(3)
    assert [entry.partition(" ")[0] for entry in watch.found] == ["ones", "ones"]
    with ProcessorWatch() as watch:
        _ = torch.ones(3, device="meta") * 2
    assert watch.found == []


@pytest.mark.gpu
def test_loading_only_copies_on_the_processor_and_checks_on_the_card(tmp_path: Path) -> None:
    rows = torch.randn(5000, 64)
    rows[7], rows[8] = float("nan"), rows[9]
    path = write_embeddings(tmp_path / "rows.safetensors", rows)
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), device="cuda")
    # The split follows from hashes that the processor orders: it must be the same on every machine.
    with ProcessorWatch((*COPIES, "sort")) as watch:
        dataset = loader.load()
    assert watch.found == []
    assert dataset.embeddings.is_cuda
    assert dataset.train_indices.is_cuda
    assert loader.report.dropped == {"not finite": 1, "duplicate": 1}


@pytest.mark.gpu
@pytest.mark.parametrize("objective", ["reconstruct", "denoise"])
def test_training_and_evaluation_stay_on_the_card(
    small_config: Callable[..., SimpleProjectConfig], tmp_path: Path, objective: str
) -> None:
    path = write_embeddings(tmp_path / "rows.npy", torch.randn(300, 24).half())
    config = small_config("device.policy=cuda", f"training_embedding.objective={objective}")
    dataset = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), device="cuda").load()
    trainer = EmbeddingTrainer(config, dataset)
    trainer.step()
    with ProcessorWatch(["_to_copy"]) as watch:  # the report's figures
        trainer.advance(5)
    assert watch.found == []
    trainer.evaluate()  # the first scores make the MLP beside the student, whose weights every device draws alike
    trainer.advance(2)
    with ProcessorWatch(COPIES) as watch:
        trainer.evaluate()
    assert watch.found == []


@pytest.mark.gpu
def test_streamed_batches_equal_resident_ones() -> None:
    from lattice.data import build_dataset

    rows = torch.randn(400, 32).half()
    resident = build_dataset(rows.cuda(), source="test")
    streamed = build_dataset(rows, source="test").streamed_to("cuda")
    generator = torch.Generator().manual_seed(0)
    for size in (8, 32, 8, 64, 64, 64):
        indices = torch.randint(0, 400, (size,), generator=generator)
        batch = streamed.batch(indices)
        assert batch.is_cuda
        assert torch.equal(batch, resident.batch(indices.cuda()))
