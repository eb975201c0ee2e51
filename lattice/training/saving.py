"""Saving, exporting and restoring runs: which parts of a run go into which file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from lattice.config import SimpleProjectConfig
from lattice.config.runtime import DevicePolicy
from lattice.data import EmbeddingDataset, load_dataset
from lattice.devices import choose_device
from lattice.errors import CheckpointError
from lattice.log import logger
from lattice.model.rules.build import rule_class
from lattice.neighbourhood.engines import obstacle
from lattice.plugins import BUILT_IN, CELL_RULES, OBJECTIVES
from lattice.progress import Progress
from lattice.runs.place import checkpoint_at
from lattice.training.batches import BatchOrder
from lattice.training.checkpoint import (
    Checkpoint,
    load_into,
    load_optimizer,
    optimizer_tensors,
    read_checkpoint,
    write_checkpoint,
)
from lattice.training.checkpoint_checks import COUNTERS, check_random_state, damaged
from lattice.training.data_paths import resolved_paths, stored_paths
from lattice.training.run import Run
from lattice.training.start_scores import start_of, start_tensors

_HEADER_BYTES = 1 << 16
MAX_SESSIONS = 256
"""Most sessions that a checkpoint lists; the oldest are left out."""


def save_run(run: Run, path: Path, notes: Mapping[str, object] | None = None) -> None:
    """Write weights, optimizer, counters, config, extras and baselines. Data order and noise follow from counters.

    Args:
        run: what is saved.
        path: file to write, whole or not at all.
        notes: plain values to leave in it for `lattice.runs.peek`, such as `val_cosine`.
    """
    counters = {
        "training_step": run.training_step,
        "schedule_start": run.schedule_start,
        "epoch": run.order.epoch,
        "offset": run.order.offset,
    }
    header = {
        "counters": counters,
        "optimizer_parameters": _updated_parameters(run),
        "notes": dict(notes or {}),
        "divergence": run.divergence.to_note(),
        "resume_proof": None if run.resume_proof is None else run.resume_proof.to_dict(),
    }
    write_checkpoint(path, run_tensors(run), {**_metadata(run, path), **header})


def run_tensors(run: Run) -> dict[str, torch.Tensor]:
    """Return every tensor that a run goes on from, by its name in a checkpoint."""
    tensors = {f"student.{name}": value for name, value in run.student.state_dict().items()}
    for name, value in optimizer_tensors(run.optimizer, run.student).items():
        tensors[f"optimizer.{name}"] = value
    tensors["rng.torch"] = torch.get_rng_state()
    tensors |= {f"extra.{name}": value for name, value in run.extras.items()}
    tensors |= {f"mlp.{name}": value for name, value in run.mlp.tensors().items()}
    return tensors | {f"scores.{name}": value for name, value in start_tensors(run.start_scores).items()}


def checkpoint_bytes(run: Run) -> int:
    """Return about how large the run's checkpoint will be once it was trained.

    It holds the weights of the student and of the MLP that it is compared with, and both moments of AdamW for each.
    """
    weights = sum(value.numel() * value.element_size() for value in run.student.state_dict().values())
    trained = sum(value.numel() * value.element_size() for value in run.student.parameters())
    extras = sum(value.numel() * value.element_size() for value in run.extras.values())
    compared = 3 * torch.float32.itemsize * run.mlp.parameters if run.config.training_embedding.mlp_baseline else 0
    return int(weights + 2 * trained + compared + extras + _HEADER_BYTES)


def export_weights(run: Run, path: Path) -> None:
    """Write weights and config only."""
    tensors = {f"student.{name}": value for name, value in run.student.state_dict().items()}
    write_checkpoint(path, tensors, {**_metadata(run, path), "counters": {}})


def _metadata(run: Run, path: Path) -> dict[str, object]:
    config, paths = stored_paths(run.config, path)
    return {
        "config": config,
        "width": run.dataset.width,
        "dataset": {"source": run.dataset.source, "fingerprint": run.dataset.fingerprint, **paths},
        "run_id": run.run_id,
        "sessions": run.sessions,
        "plugins": _plugins(run.config),
        "rule_version": rule_class(run.config).version,
    }


def _plugins(config: SimpleProjectConfig) -> dict[str, str]:
    """Return which plugins brought what a run needs, as `cell rule 'waves'` -> the plugin."""
    names = ((CELL_RULES, config.model.rule), (OBJECTIVES, config.training_embedding.objective))
    entries = [(registry.kind, registry.entry(name)) for registry, name in names]
    return {f"{kind} '{entry.name}'": entry.plugin for kind, entry in entries if entry.plugin != BUILT_IN}


def read_weights(path: Path) -> Checkpoint:
    """Read a checkpoint or an export to begin a new run with, its data where they are; raise `CheckpointError`.

    The folder of a run stands for its last save.
    """
    path = checkpoint_at(path)
    stored = read_checkpoint(path)
    return replace(stored, config=resolved_paths(stored.config, path, stored.dataset))


def read_run(path: Path) -> Checkpoint:
    """Read a checkpoint that can be resumed; raise `CheckpointError` for anything else."""
    stored = read_weights(path)
    if not stored.counters:
        raise CheckpointError(
            f"{path} is an export of weights: it can't be resumed, because it has no optimizer; "
            "begin a new run with it by --weights"
        )
    missing = [name for name in COUNTERS if name not in stored.counters]
    if missing:
        raise damaged(path, f"the counter {missing[0]} is missing")
    if "rng.torch" in stored.tensors:
        check_random_state(stored.tensors["rng.torch"], path)
    return stored


def check_data(stored: Checkpoint, dataset: EmbeddingDataset) -> None:
    """Raise `CheckpointError` unless the run was trained on exactly these samples."""
    if dataset.fingerprint != stored.dataset.get("fingerprint"):
        raise CheckpointError(
            f"{stored.path} was trained on other data ({stored.dataset.get('source')}) than {dataset.source}: "
            "open the data that it was trained on"
        )


def prepare_run(
    stored: Checkpoint, dataset: EmbeddingDataset | None, policy: DevicePolicy | None, progress: Progress
) -> tuple[SimpleProjectConfig, EmbeddingDataset, torch.device]:
    """Return settings, data and device to go on with; see `EmbeddingTrainer.resume` for the arguments."""
    config = stored.config if policy is None else stored.config.replaced({"device.policy": policy})
    device = choose_device(config.device.policy)
    if dataset is None:
        dataset = load_dataset(config.training_embedding, config.data, config.teacher, device=device, progress=progress)
    check_data(stored, dataset)
    if dataset.width != stored.width:
        raise damaged(stored.path, f"it states the width {stored.width}, but its data has {dataset.width}")
    if config.neighbors.engine != "auto" and (why := obstacle(config.neighbors.engine, device)):
        logger.warning("This run goes on with another engine than it was saved with: %s", why)
        config = config.replaced({"neighbors.engine": "auto"})
    return config, dataset, device


def _updated_parameters(run: Run) -> int:
    """Return how many parameters have moments; looking one up leaves an empty entry in torch's table."""
    return sum(bool(state) for state in run.optimizer.state.values())


def adopt_course(run: Run, stored: Checkpoint) -> None:
    """Let a new run go on under the id of a saved one, as its newest session."""
    run.run_id = stored.run_id or run.run_id
    session, step = run.sessions[-1][0], stored.counters["training_step"]
    run.sessions = (*stored.sessions[1 - MAX_SESSIONS :], (session, step))


def restore_run(run: Run, stored: Checkpoint) -> None:
    """Put a checkpoint into a new run on the same config and data."""
    load_into(run.student, stored.group("student"), stored.path, "student")
    adopt_course(run, stored)
    counters = stored.counters
    moments = stored.group("optimizer")
    updates = counters["training_step"] - counters["schedule_start"]
    load_optimizer(run.optimizer, run.student, moments, stored.path, updates=updates)
    if stored.optimizer_parameters not in (None, held := _updated_parameters(run)):
        raise CheckpointError(
            f"{stored.path} holds optimizer state of {held} parameters, expected {stored.optimizer_parameters}: "
            "use an earlier checkpoint"
        )
    run.extras = stored.extras
    run.training_step, run.schedule_start = counters["training_step"], counters["schedule_start"]
    run.order = BatchOrder(
        run.dataset.train_indices,
        stored.config.training_embedding.seed,
        epoch=counters["epoch"],
        offset=counters["offset"],
    )
    run.mlp.restore(stored.group("mlp"), run.config, run.schedule_start, stored.path)
    run.start_scores = start_of(stored.group("scores"))
    run.resume_proof, run.divergence = stored.resume_proof, stored.divergence
    if "rng.torch" in stored.tensors:
        torch.set_rng_state(stored.tensors["rng.torch"].clone())
