"""Opening a run, in the worker's thread: everything that is slow to import or to build is here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.platform.torch_import import load_training
from app.run.commands import OpenRun
from app.run.curve_tensors import colors_of, curves_of, raised_of, stored_curves
from app.run.metrics_curves import curves_beside
from app.run.summary import RunSummary
from app.run.trainer_protocol import Trainer
from app.run.undo_snapshot import UndoSnapshot
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError
from lattice.progress import Progress
from lattice.runs.course import Course
from lattice.runs.resume import ResumeRequest, resume_run

if TYPE_CHECKING:
    from pathlib import Path


class RunFactory(Protocol):
    """Makes trainers; tests put a quick one in its place."""

    def open(self, request: OpenRun, progress: Progress) -> Trainer:
        """Build or resume a run; raises `CellcubeError` when it can't, `Cancelled` when cancelled."""

    def restart(self, trainer: Trainer, progress: Progress) -> Trainer:
        """Return a fresh trainer with the same settings and samples; raises `Cancelled` when told to stop."""

    def bring_back(self, kept: UndoSnapshot, present: Trainer, progress: Progress) -> Trainer:
        """Resume a run that was kept before an Apply; raises like `open`."""

    def summarise(self, trainer: Trainer, name: str, checkpoint: Path | None) -> RunSummary:
        """Describe a run for the window."""


class LatticeRuns:
    """The real factory, on `lattice.training`."""

    def open(self, request: OpenRun, progress: Progress) -> Trainer:
        """Build or resume a run, telling `progress` what is going on."""
        progress("Loading torch", 0, None)
        load_training()
        from lattice.data import load_dataset
        from lattice.devices import choose_device
        from lattice.training.saving import read_weights
        from lattice.training.trainer import EmbeddingTrainer
        from lattice.training.warm_start import requested

        if request.checkpoint is not None:
            progress("Reading the checkpoint", 0, None)
            trainer = resume_run(ResumeRequest(request.checkpoint, request.wishes, request.restart_student), progress)
            share_threads(trainer.config)
            course = Course(trainer.run_id, trainer.sessions)
            curves = curves_of(trainer.extras)
            curves = curves_beside(request.checkpoint, course, trainer.training_step, curves, progress)
            trainer.extras = trainer.extras | stored_curves(curves)
            progress("Reading the checkpoint", 1, 1)
            return trainer
        config, stored = request.config, None
        settings: tuple[str, ...] = ()
        if request.weights is not None:
            progress("Reading the weights", 0, None)
            stored = read_weights(request.weights)
            config, settings = requested(stored.config, config, request.wishes)
        if config is None:
            raise ConfigError("nothing to open: neither a configuration nor a checkpoint was given")
        share_threads(config)
        device = choose_device(config.device.policy)
        progress("Loading data", 0, None)
        dataset = load_dataset(config.training_embedding, config.data, config.teacher, device=device, progress=progress)
        progress("Building the lattice", 0, None)
        trainer = EmbeddingTrainer(config, dataset, device, progress=progress, fit_start=stored is None)
        if stored is not None:
            trainer.take_weights(stored, settings, progress)
        progress("Building the lattice", 1, 1)
        return trainer

    def restart(self, trainer: Trainer, progress: Progress) -> Trainer:
        """Return a fresh trainer with the same settings and samples."""
        from lattice.training.trainer import EmbeddingTrainer

        return EmbeddingTrainer(trainer.config, trainer.dataset, trainer.dataset.device, progress=progress)

    def bring_back(self, kept: UndoSnapshot, present: Trainer, progress: Progress) -> Trainer:
        """Resume a run that was kept before an Apply; what the Apply left alone is used again."""
        from lattice.data import load_dataset
        from lattice.training.editing import changes_data, rebuilds_tiers
        from lattice.training.trainer import EmbeddingTrainer

        config, changes = kept.config, present.config.changes_to(kept.config)
        dataset = present.dataset
        if changes_data(changes):
            dataset = load_dataset(
                config.training_embedding, config.data, config.teacher, device=dataset.device, progress=progress
            )
            kept.check_data(dataset)
        same_tiers = not rebuilds_tiers(changes)
        trainer = EmbeddingTrainer.resume(
            kept.checkpoint,
            dataset=dataset,
            tier_means=present.tier_means if same_tiers else None,
            progress=progress,
        )
        trainer.config = config
        share_threads(config)
        return trainer

    def summarise(self, trainer: Trainer, name: str, checkpoint: Path | None) -> RunSummary:
        """Describe a run for the window."""
        means = trainer.tier_means
        return RunSummary(
            name=name,
            config=trainer.config,
            dataset=trainer.dataset,
            training_step=trainer.training_step,
            total_steps=trainer.total_steps,
            device=device_label(trainer),
            engine=means.engine,
            engine_reason=means.reason,
            memory_bytes=dict(trainer.memory_bytes()),
            cuda=trainer.dataset.device.type == "cuda",
            recompute=trainer.recompute,
            diverged=trainer.diverged,
            checkpoint=checkpoint,
            started_from=trainer.started_from,
            curves=curves_of(trainer.extras),
            colors=colors_of(trainer.extras),
            raised=raised_of(trainer.extras),
        )


def device_label(trainer: Trainer) -> str:
    """Name of the device for people; on the processor it says why."""
    import torch

    device = trainer.dataset.device
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if trainer.config.device.policy == "cpu":
        return "CPU, as requested"
    return "CPU, no CUDA device"


def share_threads(config: SimpleProjectConfig) -> int:
    """Set how many threads torch may use beside the window, and return that number.

    The setting wins; without one torch gets every core, because a window that mostly waits
    needs little, and the system shares the cores out when it draws.
    """
    import torch

    threads = config.device.cpu_threads
    if threads is not None and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)
    return torch.get_num_threads()
