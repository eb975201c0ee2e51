"""The trainer: owns a student and its training, free of windows, plots and logging sinks."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import numpy as np
import torch

from lattice.allocator import release_freed_memory
from lattice.config import EditCost, SimpleProjectConfig
from lattice.config.runtime import DevicePolicy
from lattice.data import EmbeddingDataset, load_dataset
from lattice.devices import choose_device
from lattice.errors import DataError, NonFiniteError
from lattice.feasibility.flow_advice import unsent_scalars
from lattice.log import logger
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.choose import obstacle
from lattice.objectives import check_dataset, make_batch, noise_generator, prepare_embeddings
from lattice.progress import Progress, no_progress
from lattice.tiers import TIERS, Tier, fields_per_tier
from lattice.training import saving
from lattice.training.batch_pass import batch_pass, scoring_pass
from lattice.training.batches import BatchOrder
from lattice.training.diagnosis import first_non_finite
from lattice.training.editing import edit_line, plan_edit
from lattice.training.evaluation import Evaluator
from lattice.training.footprint import free_for_rollouts, recomputes, rollout_bytes
from lattice.training.messages import tier_messages
from lattice.training.monitor import PhaseClock, held_bytes, step_report, to_host
from lattice.training.observing import Watcher
from lattice.training.optimizer import make_optimizer
from lattice.training.recording import recorder_for
from lattice.training.replay import ReplayedPass, ReplayedScoring
from lattice.training.reports import Array, EvalReport, Observation, StepReport
from lattice.training.schedule import learning_rate
from lattice.training.updates import (
    UpdateResult,
    apply_gradients,
    compute_gradients,
    gradient_norms,
)
from lattice.units import bytes_text


def build_tier_means(config: SimpleProjectConfig, device: torch.device) -> TierMeans:
    """Build the tier engine that a config asks for; raises `DeviceError` if it does not fit or can't be used."""
    limit = config.neighbors.memory_limit_gb
    return TierMeans.build(
        config.lattice.dimensions,
        config.lattice.get_distance_thresholds(),
        engine=config.neighbors.engine,
        device=device,
        memory_limit_bytes=None if limit is None else int(limit * 1e9),
        fields=fields_per_tier(config),
    )


class EmbeddingTrainer:
    """Trains one student on one dataset. All calls must come from one thread."""

    def __init__(
        self,
        config: SimpleProjectConfig,
        dataset: EmbeddingDataset,
        device: torch.device | None = None,
        *,
        tier_means: TierMeans | None = None,
    ) -> None:
        """Start a run at training step 0.

        Args:
            config: the whole configuration.
            dataset: samples; moved to the device, where it stays.
            device: overrides the config's device policy.
            tier_means: an engine that fits the config and device, to save building it again.
        """
        self.device = device if device is not None else choose_device(config.device.policy)
        if config.device.cpu_threads is not None:
            torch.set_num_threads(config.device.cpu_threads)
        self.config = config
        self._use_dataset(dataset)
        self.training_step = 0
        self.schedule_start = 0
        self._bad_updates = torch.zeros((), device=self.device)
        self.extras: dict[str, torch.Tensor] = {}
        """What checkpoints carry along for others, by name; training never looks at it."""
        self.tier_means = tier_means or build_tier_means(config, self.device)
        self._use_student(StudentModel.seeded(config, dataset.width).to(self.device))
        self._plan_memory()
        self._use_passes()
        empty = [tier for tier in TIERS if tier not in self.tier_means.live_tiers]
        if empty:
            logger.info("Switched off, because the tier holds no neighbours: %s", ", ".join(empty))
        logger.info("Tier means by the engine '%s': %s", self.tier_means.engine, self.tier_means.reason)
        if (unsent := unsent_scalars(config, dataset.width)) is not None:
            logger.warning("The flow loses some of what is painted: %s", unsent)

    def _use_dataset(self, dataset: EmbeddingDataset) -> None:
        check_dataset(self.config.training_embedding, dataset)
        self.dataset = dataset.to(self.device)
        self.order = BatchOrder(self.dataset.train_indices, self.config.training_embedding.seed)
        self.evaluator = Evaluator(self.dataset)
        self._watcher: Watcher | None = None

    def _use_student(self, student: StudentModel) -> None:
        self.student = student
        self.optimizer = make_optimizer(student, self.config)
        release_freed_memory()  # what the student before left behind had the sizes of its own lattice

    def _plan_memory(self) -> None:
        free = free_for_rollouts(self.device)
        self.recompute = recomputes(self.config, free)
        if self.recompute and self.config.device.recompute == "auto":
            logger.info(
                "Lattice steps are recomputed for the gradients: a training step would keep %s, and %s are free",
                bytes_text(rollout_bytes(self.config, recompute=False)),
                bytes_text(free),
            )

    def _use_passes(self) -> None:
        """Start passes anew: a recorded one knows the student, the engine and the settings of its time."""
        run = batch_pass(self.student, self.tier_means, self.config, recompute=self.recompute)
        recorder = recorder_for(self.config, self.device, recompute=self.recompute)
        self._pass = ReplayedPass(run, self.student, recorder)
        self._scoring = ReplayedScoring(scoring_pass(self.student, self.tier_means, self.config), recorder)

    @property
    def total_steps(self) -> int:
        """Training step at which the schedule ends."""
        return self.schedule_start + self.config.training_embedding.training_steps

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next training step."""
        step = self.training_step - self.schedule_start
        return learning_rate(step, self.config.training_embedding.training_steps, self.config.optimizer)

    def step(self) -> StepReport:
        """Do one training step and report it.

        Raises:
            NonFiniteError: loss or gradient was not finite; the weights are as before the call.
        """
        clock = PhaseClock()
        rate = self.learning_rate
        result = self._gradients(clock)
        figures = to_host(result, gradient_norms(self.student), self._bad_updates + result.bad)
        if figures.bad:
            self._refuse(result)
        self._finish(result, rate, clock)
        return step_report(
            figures, rate, clock, self.config, self.training_step, samples=result.samples, device=self.device
        )

    def advance(self, steps: int) -> StepReport:
        """Do `steps` training steps and report the last one; on CUDA the others cost no host sync."""
        for _ in range(steps - 1):
            clock, rate = PhaseClock(), self.learning_rate
            result = self._gradients(clock)
            if self.device.type == "cpu" and result.bad.item():
                self._refuse(result)
            self._finish(result, rate, clock)
        return self.step()

    def _gradients(self, clock: PhaseClock) -> UpdateResult:
        return compute_gradients(
            self._pass,
            self.student,
            self.tier_means.live_tiers,
            self.dataset,
            self.order,
            self.config,
            self.training_step,
            clock,
        )

    def _finish(self, result: UpdateResult, rate: float, clock: PhaseClock) -> None:
        self._bad_updates = self._bad_updates + result.bad
        apply_gradients(self.optimizer, result, rate, self.config.optimizer.weight_decay, clock)
        self.training_step += 1

    def _refuse(self, result: UpdateResult) -> NoReturn:
        self._bad_updates = torch.zeros_like(self._bad_updates)
        culprit = first_non_finite(self.student, self.tier_means, self.config.lattice.lattice_steps, result.inputs_BD)
        raise NonFiniteError(
            f"training step {self.training_step + 1}: {culprit} is not finite; the update was left out and the "
            "weights are unharmed. Lower the learning rate or the update scale, then go on"
        )

    def evaluate(self, progress: Progress = no_progress) -> EvalReport:
        """Score the student and the baselines on the held-out samples; `progress` may cancel between batches."""
        cells = len(self.student.inputs)
        return self.evaluator.evaluate(self._scoring, cells, self.config, self.training_step, progress)

    def observe(self, sample: int, *, learning_signal: bool = False) -> Observation:
        """Return the rollout of one sample of the dataset, with the input that the objective would give it."""
        if not 0 <= sample < len(self.dataset):
            raise DataError(f"there is no sample {sample}: {self.dataset.source} has {len(self.dataset)}")
        settings = self.config.training_embedding
        rows = torch.tensor([sample], device=self.device)
        generator = noise_generator(settings.seed, sample, self.device)
        inputs, target = make_batch(self.dataset, rows, settings, self.config.embedding_mapping, generator)
        return self._observe(inputs, target, sample, self.dataset.text(sample), learning_signal)

    def observe_embedding(self, embedding_D: Array, text: str = "", *, learning_signal: bool = False) -> Observation:
        """Return the rollout of an embedding that need not be in the dataset, float [D]; it is its own target."""
        vector = torch.as_tensor(np.array(embedding_D, dtype=np.float32), device=self.device)
        if vector.shape != (self.dataset.width,):
            raise DataError(f"got an embedding of shape {tuple(vector.shape)}, expected ({self.dataset.width},)")
        rows = prepare_embeddings(vector.unsqueeze(0), self.config.embedding_mapping)
        return self._observe(rows, rows, -1, text, learning_signal)

    def _observe(
        self, inputs: torch.Tensor, target: torch.Tensor, sample: int, text: str, learning_signal: bool
    ) -> Observation:
        if self._watcher is None:
            self._watcher = Watcher(self.dataset, self.config)
        return self._watcher.observe(
            self.student,
            self.tier_means,
            inputs,
            target,
            steps=self.config.lattice.lattice_steps,
            training_step=self.training_step,
            sample=sample,
            text=text,
            learning_signal=learning_signal,
            recompute=self.recompute,
        )

    def tier_messages(
        self, observation: Observation, lattice_step: int, cell: tuple[int, int, int]
    ) -> dict[Tier, Array]:
        """Return what `cell` hears from each live tier when it leaves the state with index `lattice_step`."""
        return tier_messages(self.student, self.tier_means, observation, lattice_step, cell)

    def apply(
        self,
        config: SimpleProjectConfig,
        dataset: EmbeddingDataset | None = None,
        *,
        progress: Progress = no_progress,
    ) -> EditCost | None:
        """Take over edited settings; return what that cost, None if nothing changed.

        The training step keeps counting. A `rebuild` starts the schedule anew with a new student, which keeps the
        cell prototype's weights if only the size changed. If the settings name other data, pass it as `dataset`,
        or it is loaded here, which tells `progress`.

        Raises:
            CellcubeError: the settings can't be taken over; the run goes on as it was.
            Cancelled: from `progress`; likewise.
        """
        plan = plan_edit(self, config, dataset, progress)
        if plan is None:
            return None
        self._pass.forget()
        self._scoring.forget()
        before, self.config = self.config, config
        if config.device.cpu_threads is not None:
            torch.set_num_threads(config.device.cpu_threads)
        self.tier_means = plan.tier_means
        if plan.dataset is not None:
            self._use_dataset(plan.dataset)
        if plan.student is not None:
            self._use_student(plan.student)
            self.schedule_start = self.training_step
        self.student.configure(config)
        self._plan_memory()
        self._use_passes()
        self._watcher = None
        logger.info("%s", edit_line(before, config, plan, self.training_step))
        return plan.cost

    def memory_bytes(self) -> dict[str, int]:
        """Return the bytes held by `dataset`, `model`, `optimizer` and `stencils`."""
        return held_bytes(self.dataset, self.student, self.optimizer, self.tier_means)

    def save(self, path: Path | str) -> None:
        """Write everything that resuming needs to one safetensors file, whole or not at all."""
        saving.save_run(self, Path(path))

    def export(self, path: Path | str) -> None:
        """Write weights and config only, for use elsewhere."""
        saving.export_weights(self, Path(path))

    def export_embeddings(self, path: Path | str) -> None:
        """Write inputs, targets and student embeddings of the held-out samples, float32 [S, D], as safetensors."""
        saving.export_embeddings(self, Path(path))

    @classmethod
    def resume(
        cls,
        path: Path | str,
        *,
        dataset: EmbeddingDataset | None = None,
        policy: DevicePolicy | None = None,
        tier_means: TierMeans | None = None,
        progress: Progress = no_progress,
    ) -> EmbeddingTrainer:
        """Continue a saved run.

        Args:
            path: a checkpoint made by `save`.
            dataset: the data of the run; loaded as its config says if left out.
            policy: device policy that replaces the saved one.
            tier_means: an engine that fits the saved config, to save building it again.
            progress: told while data is loaded, where it may cancel.

        Raises:
            CheckpointError: the file or the data does not fit.
            DeviceError: the device is not there.
            Cancelled: from `progress`.
        """
        stored = saving.read_run(Path(path))
        config = stored.config if policy is None else stored.config.replaced({"device.policy": policy})
        device = choose_device(config.device.policy)
        if dataset is None:
            dataset = load_dataset(
                config.training_embedding, config.data, config.teacher, device=device, progress=progress
            )
        saving.check_data(stored, dataset)
        if config.neighbors.engine != "auto" and (why := obstacle(config.neighbors.engine, device)):
            logger.warning("This run goes on with another engine than it was saved with: %s", why)
            config = config.replaced({"neighbors.engine": "auto"})
        trainer = cls(config, dataset, device, tier_means=tier_means)
        saving.restore_run(trainer, stored)
        return trainer
