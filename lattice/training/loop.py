"""The training loop: what a run consists of, and one training step after another."""

from __future__ import annotations

import gc
import uuid
from dataclasses import replace
from typing import NoReturn

import torch

from lattice.allocator import release_freed_memory
from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.devices import choose_device
from lattice.errors import is_out_of_memory
from lattice.feasibility.flow_advice import chosen_channels, unsent_scalars
from lattice.log import logger
from lattice.model.erasure import idle_damage
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import check_dataset
from lattice.progress import Progress, no_progress
from lattice.tiers import TIERS
from lattice.training.batch_pass import batch_pass, scoring_pass
from lattice.training.batches import BatchOrder
from lattice.training.clock import PhaseClock
from lattice.training.diagnosis import first_non_finite, refusal
from lattice.training.divergence import DivergenceWatch
from lattice.training.engine import build_tier_means
from lattice.training.evaluation import Evaluator
from lattice.training.footprint import free_for_rollouts, recomputes, rollout_bytes
from lattice.training.memories.start import start_from_data
from lattice.training.mlp_baseline import MLPBaseline
from lattice.training.monitor import step_report, to_host
from lattice.training.objective_trial import try_objective
from lattice.training.observing import Watcher
from lattice.training.optimizer import make_optimizer
from lattice.training.recording import recorder_for
from lattice.training.replay import ReplayedPass, ReplayedScoring
from lattice.training.reports import StartScores, StepReport
from lattice.training.resume_proof import ResumeProof
from lattice.training.room import check_room, out_of_memory
from lattice.training.rule_trial import try_student
from lattice.training.schedule import learning_rate
from lattice.training.teacher_in_use import with_teacher_in_use
from lattice.training.updates import (
    UpdateResult,
    apply_gradients,
    compute_gradients,
    gradient_norms,
)
from lattice.training.warm_start import WarmStart
from lattice.units import bytes_text


class TrainingLoop:
    """A run: its student, data and counters, and the training step that moves them on."""

    def __init__(
        self,
        config: SimpleProjectConfig,
        dataset: EmbeddingDataset,
        device: torch.device | None = None,
        *,
        tier_means: TierMeans | None = None,
        progress: Progress = no_progress,
        fit_start: bool = True,
    ) -> None:
        """Start a run at training step 0.

        Args:
            config: the whole configuration.
            dataset: samples; moved to the device, where it stays.
            device: overrides the config's device policy.
            tier_means: an engine that fits the config and device, to save building it again.
            progress: told while a start is fitted to the data, where it may cancel.
            fit_start: whether it is, if the config requests it; not where weights are put in place afterwards.

        Raises:
            Cancelled: from `progress`.
        """
        self.device = device if device is not None else choose_device(config.device.policy)
        if config.device.cpu_threads is not None:
            torch.set_num_threads(config.device.cpu_threads)
        config = self.config = with_teacher_in_use(config, dataset)
        self._use_dataset(dataset)
        self.training_step = 0
        self.schedule_start = 0
        self.run_id = uuid.uuid4().hex[:12]
        """Names the run over all its sessions; no random choice of training has to do with it."""
        self.sessions: tuple[tuple[str, int], ...] = ((uuid.uuid4().hex[:12], 0),)
        self.updating = False
        """Whether an update is under way: what raised during one leaves weights that belong to no training step."""
        self.bad_updates = torch.zeros((), device=self.device)
        self.extras: dict[str, torch.Tensor] = {}
        """What checkpoints carry along for others, by name; training never looks at it."""
        self.resume_proof: ResumeProof | None = None
        """What the last proof of resume found; None for a student of which nobody requested one."""
        self.started_from: WarmStart | None = None
        """Where the weights came from, if the run did not begin with random ones."""
        try_objective(config, dataset.width, self.device)
        check_room(config, dataset.width, self.device)
        self.tier_means = tier_means or build_tier_means(config, self.device)
        student = try_student(config, dataset.width, self.tier_means, self.device)
        if fit_start:
            start_from_data(student, self.tier_means, self.dataset, config, progress)
        self._use_student(student)
        self._plan_memory()
        self._use_passes()
        empty = [tier for tier in TIERS if tier not in self.tier_means.live_tiers]
        if empty:
            logger.info("Switched off, because the tier holds no neighbours: %s", ", ".join(empty))
        logger.info("Tier means by the engine '%s': %s", self.tier_means.engine, self.tier_means.reason)
        if (chosen := chosen_channels(config, dataset.width)) is not None:
            logger.info("%s", chosen)
        if (unsent := unsent_scalars(config, dataset.width)) is not None:
            logger.warning("The flow loses some of what is painted: %s", unsent)

    def _use_dataset(self, dataset: EmbeddingDataset) -> None:
        check_dataset(self.config, dataset)
        self.dataset = dataset.to(self.device)
        self.order = BatchOrder(self.dataset.train_indices, self.config.training_embedding.seed)
        self.evaluator = Evaluator(self.dataset)
        self._watcher: Watcher | None = None

    def _use_student(self, student: StudentModel, optimizer: torch.optim.AdamW | None = None) -> None:
        self.student = student
        self.divergence = DivergenceWatch()
        self.resume_proof = None
        if optimizer is None:  # it begins here, and so does what it is compared with
            self.mlp = MLPBaseline(self.config, self.dataset, student, self.training_step, self.order)
        else:
            self.mlp.fit_to(student)
        self.optimizer = optimizer or make_optimizer(student, self.config)
        self.start_scores: StartScores | None = None
        self._watcher = None
        release_freed_memory()  # what the student before left behind had the sizes of its own lattice

    def count_from(self, training_step: int) -> None:
        """Let a student that has not been trained begin at a training step, as one does that takes another's place."""
        self.training_step = self.schedule_start = training_step
        self.mlp = MLPBaseline(self.config, self.dataset, self.student, training_step, self.order)

    def _plan_memory(self) -> None:
        free = free_for_rollouts(self.device)
        self.recompute = recomputes(self.config, free, self.dataset.width)
        if self.recompute and self.config.device.recompute == "auto":
            logger.info(
                "Lattice steps are recomputed for the gradients: a training step would keep %s, and %s are free",
                bytes_text(rollout_bytes(self.config, recompute=False, width=self.dataset.width)),
                bytes_text(free),
            )

    def _use_passes(self) -> None:
        """Start passes again: a recorded one knows the student, the engine and the settings of its time."""
        run = batch_pass(self.student, self.tier_means, self.config, recompute=self.recompute)
        recorder = recorder_for(self.config, self.device, recompute=self.recompute)
        self._pass = ReplayedPass(run, self.student, recorder)
        training = self.config.training_embedding
        erasable, between = len(self.student.erasable), len(self.student.between)
        if why := idle_damage(training.damage, erasable, training.damaged_cells, between):
            logger.warning("%s", why)
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
        figures = to_host(result, gradient_norms(self.student), self.bad_updates + result.bad)
        if figures.bad:
            self._refuse(result)
        self._finish(result, rate, clock)
        diverged = self.divergence.take(self.training_step, figures.losses["total"])
        if diverged:
            advice = "lower the learning rate, or go back to a checkpoint"
            logger.warning("Training step %d %s; %s", self.training_step, diverged, advice)
        report = step_report(
            figures, rate, clock, self.config, self.training_step, samples=result.samples, device=self.device
        )
        return replace(report, diverged=diverged or "", loss_ratio=self.divergence.ratio)

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
        epoch, offset = self.order.epoch, self.order.offset
        try:
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
        except BaseException as error:  # out of memory, or interrupted: the step to come takes the same batches
            self.order = BatchOrder(self.order.indices, self.order.seed, epoch=epoch, offset=offset)
            if not is_out_of_memory(error):
                raise
        # Outside of the handler nothing holds the frames of the failed pass, so what they held can be given back.
        self._give_back()
        raise out_of_memory(self.config, self.dataset.width, self.device)

    def _give_back(self) -> None:
        """Return the memory of a pass that failed half way."""
        self.student.zero_grad(set_to_none=True)
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        release_freed_memory()

    def _finish(self, result: UpdateResult, rate: float, clock: PhaseClock) -> None:
        self.bad_updates = self.bad_updates + result.bad
        self.updating = True
        apply_gradients(self.optimizer, result, rate, self.config.optimizer.weight_decay, clock)
        self.training_step += 1
        self.updating = False

    def _refuse(self, result: UpdateResult) -> NoReturn:
        self.bad_updates = torch.zeros_like(self.bad_updates)
        erased_N = self.student.erased_N if self.config.training_embedding.damage else None
        steps = self.config.lattice.lattice_steps
        culprit = first_non_finite(self.student, self.tier_means, steps, result.inputs_BD, erased_N)
        raise refusal(culprit, self.training_step + 1)
