"""Saving, exporting and restoring runs: which parts of a trainer go into which file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import safetensors.numpy
import torch

from lattice.atomic import atomic_path
from lattice.data import EmbeddingDataset
from lattice.errors import CheckpointError
from lattice.training.batches import BatchOrder
from lattice.training.checkpoint import (
    Checkpoint,
    load_into,
    load_optimizer,
    optimizer_tensors,
    read_checkpoint,
    write_checkpoint,
)

if TYPE_CHECKING:
    from lattice.training.trainer import EmbeddingTrainer

_COUNTERS = ("training_step", "schedule_start", "epoch", "offset")


def save_run(trainer: EmbeddingTrainer, path: Path) -> None:
    """Write weights, optimizer, counters, config and extras. Data order and noise follow from seed and counters."""
    tensors = {f"student.{name}": value for name, value in trainer.student.state_dict().items()}
    for name, value in optimizer_tensors(trainer.optimizer, trainer.student).items():
        tensors[f"optimizer.{name}"] = value
    tensors["rng.torch"] = torch.get_rng_state()
    tensors |= {f"extra.{name}": value for name, value in trainer.extras.items()}
    counters = {
        "training_step": trainer.training_step,
        "schedule_start": trainer.schedule_start,
        "epoch": trainer.order.epoch,
        "offset": trainer.order.offset,
    }
    write_checkpoint(path, tensors, {**_metadata(trainer), "counters": counters})


def export_weights(trainer: EmbeddingTrainer, path: Path) -> None:
    """Write weights and config only."""
    tensors = {f"student.{name}": value for name, value in trainer.student.state_dict().items()}
    write_checkpoint(path, tensors, {**_metadata(trainer), "counters": {}})


def _metadata(trainer: EmbeddingTrainer) -> dict[str, object]:
    return {
        "config": trainer.config.to_mapping(),
        "width": trainer.dataset.width,
        "dataset": {"source": trainer.dataset.source, "fingerprint": trainer.dataset.fingerprint},
    }


@torch.no_grad()
def export_embeddings(trainer: EmbeddingTrainer, path: Path) -> None:
    """Write `input`, `target`, `student` (float32 [S, D]) and `sample` (int64 [S]) of the held-out samples."""
    inputs, targets = trainer.evaluator.held_out(trainer.config)
    steps = trainer.config.lattice.lattice_steps
    chunks = inputs.split(trainer.config.training_embedding.batch_size)
    student = torch.cat([trainer.student(chunk, trainer.tier_means, steps).embedding_BD for chunk in chunks])
    arrays = {
        "input": inputs.cpu().numpy(),
        "target": targets.cpu().numpy(),
        "student": student.cpu().numpy(),
        "sample": trainer.dataset.validation_indices[: len(inputs)].cpu().numpy(),
    }
    try:
        with atomic_path(path) as temporary:
            safetensors.numpy.save_file(arrays, temporary, metadata={"source": trainer.dataset.source})
    except (OSError, safetensors.SafetensorError) as error:
        raise CheckpointError(f"can't write the embeddings to {path}: {error}; choose another folder") from error


def read_run(path: Path) -> Checkpoint:
    """Read a checkpoint that can be resumed; raise `CheckpointError` for anything else."""
    stored = read_checkpoint(path)
    if not stored.counters:
        raise CheckpointError(f"{path} is an export of weights: it can't be resumed, because it has no optimizer")
    missing = [name for name in _COUNTERS if name not in stored.counters]
    if missing:
        raise CheckpointError(f"the metadata of {path} is damaged: the counter {missing[0]} is missing")
    return stored


def check_data(stored: Checkpoint, dataset: EmbeddingDataset) -> None:
    """Raise `CheckpointError` unless the run was trained on exactly these samples."""
    if dataset.fingerprint != stored.dataset.get("fingerprint"):
        raise CheckpointError(
            f"{stored.path} was trained on other data ({stored.dataset.get('source')}) than {dataset.source}: "
            "open the data that it was trained on"
        )


def restore_run(trainer: EmbeddingTrainer, stored: Checkpoint) -> None:
    """Put a checkpoint into a new trainer on the same config and data."""
    load_into(trainer.student, stored.group("student"), stored.path, "student")
    load_optimizer(trainer.optimizer, trainer.student, stored.group("optimizer"), stored.path)
    trainer.extras = stored.group("extra")
    counters = stored.counters
    trainer.training_step, trainer.schedule_start = counters["training_step"], counters["schedule_start"]
    trainer.order = BatchOrder(
        trainer.dataset.train_indices,
        stored.config.training_embedding.seed,
        epoch=counters["epoch"],
        offset=counters["offset"],
    )
    if "rng.torch" in stored.tensors:
        torch.set_rng_state(stored.tensors["rng.torch"])
