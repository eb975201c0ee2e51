"""The trainer: owns a student and its training, free of windows, plots and logging sinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch

from lattice.config import EditCost, SimpleProjectConfig
from lattice.config.runtime import DevicePolicy
from lattice.data import EmbeddingDataset
from lattice.exporting.export import export_run
from lattice.exporting.forms import Exported
from lattice.exporting.outputs import export_embeddings
from lattice.log import logger
from lattice.neighbourhood import TierMeans
from lattice.progress import Progress, no_progress
from lattice.tiers import Tier
from lattice.training import saving
from lattice.training.checkpoint import Checkpoint
from lattice.training.damage import measure_damage
from lattice.training.damage_report import DamageReport
from lattice.training.divergence import changes_losses
from lattice.training.editing import edit_line, plan_edit
from lattice.training.evaluation import EVALUATION_DRAW
from lattice.training.loop import TrainingLoop
from lattice.training.messages import heard_tiers
from lattice.training.monitor import held_bytes
from lattice.training.observing import Watcher
from lattice.training.outdated import outdates_scores
from lattice.training.proving import prove_resume
from lattice.training.reports import Array, EvalReport, HeardTier, Mask, Observation, StartScores
from lattice.training.resume_proof import ResumeProof
from lattice.training.rule_reload import RuleReload, plan_reload
from lattice.training.sample_report import SampleReport
from lattice.training.sample_scores import score_samples
from lattice.training.warm_start import WarmStart, take_weights


class EmbeddingTrainer(TrainingLoop):
    """Trains one student on one dataset: what can be done with a run. All calls must come from one thread."""

    def evaluate(self, progress: Progress = no_progress) -> EvalReport:
        """Score the student and the baselines on the held-out samples; `progress` may cancel between batches."""
        self.student.draw_from(self.config.training_embedding.seed, EVALUATION_DRAW)
        done = self.training_step - self.schedule_start
        report = self.evaluator.evaluate(self._scoring, self.mlp, self.config, self.training_step, done, progress)
        if not done:
            self.start_scores = StartScores(report.training_step, report.student, report.t0)
        return replace(report, start=self.start_scores)

    @property
    def diverged(self) -> bool:
        """Whether the newest loss is beyond `divergence.DIVERGED` times the best."""
        return self.divergence.diverged

    @property
    def start_unscored(self) -> bool:
        """Whether the student is untrained and its scores are not known yet."""
        return self.training_step == self.schedule_start and self.start_scores is None

    def measure_damage(self, progress: Progress = no_progress) -> DamageReport:
        """Score the student on the held-out samples with shares and layers of its interior erased."""
        held_out = self.evaluator.held_out(self.config)
        return measure_damage(self.student, self.tier_means, self.config, held_out, self.training_step, progress)

    def score_samples(self, progress: Progress = no_progress) -> SampleReport:
        """Return the cosine of every sample; where `progress` cancels, of those that were scored until then."""
        return score_samples(self, self.evaluator.held_out(self.config), self._scoring, progress)

    def observe(
        self,
        sample: int,
        *,
        learning_signal: bool = False,
        mean_states: bool = False,
        erased_XYZ: Mask | None = None,
    ) -> Observation:
        """Return the rollout of one sample of the dataset, with the input that the objective would give it.

        Args:
            sample: index in the dataset.
            learning_signal: adds the norms of the loss gradient.
            mean_states: adds the mean states over training samples, of the cube as it is looked at.
            erased_XYZ: cells to erase for this look, bool [X, Y, Z]; training goes on with all of them.
        """
        return self._watching.erasing(erased_XYZ).sample(
            sample, self.training_step, learning_signal=learning_signal, mean_states=mean_states
        )

    def observe_embedding(
        self,
        embedding_D: Array,
        text: str = "",
        *,
        learning_signal: bool = False,
        mean_states: bool = False,
        erased_XYZ: Mask | None = None,
    ) -> Observation:
        """Return the rollout of an embedding that need not be in the dataset, float [D]; it is its own target."""
        return self._watching.erasing(erased_XYZ).embedding(
            embedding_D, self.training_step, text, learning_signal=learning_signal, mean_states=mean_states
        )

    @property
    def _watching(self) -> Watcher:
        if self._watcher is None:
            self._watcher = Watcher(self.dataset, self.config, self.student, self.tier_means, recompute=self.recompute)
        return self._watcher

    def heard_tiers(self, state_XYZC: Array, lattice_step: int, cell: tuple[int, int, int]) -> dict[Tier, HeardTier]:
        """Return how loud each live tier is for `cell`, and its strongest sender, in an observed state."""
        return heard_tiers(self.student, self.tier_means, state_XYZC, lattice_step, cell)

    def apply(
        self,
        config: SimpleProjectConfig,
        dataset: EmbeddingDataset | None = None,
        *,
        progress: Progress = no_progress,
    ) -> EditCost | None:
        """Take over edited settings; return what that cost, None if nothing changed.

        The training step keeps counting. A `rebuild` starts the schedule again with a new student, which keeps the
        cell prototype's weights if only the size changed. If the settings name other data, pass it as `dataset`,
        or it is loaded here, which tells `progress`.

        Raises:
            CellcubeError: the settings can't be taken over; the run goes on as it was.
            Cancelled: from `progress`; likewise.
        """
        plan = plan_edit(self, config, dataset, progress)
        if plan is None:
            return None
        config = plan.config
        if plan.student is None and self.mlp.started and self.config.training_embedding.mlp_baseline:
            self.mlp.catch_up(self.training_step, self.config, progress)  # under the settings that held so far
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
        if outdates_scores(plan.changes, plan.cost):
            self.start_scores = self.resume_proof = None
        if changes_losses(plan.changes, plan.cost):
            self.divergence.compare_again()
        self.student.configure(config)
        self._plan_memory()
        self._use_passes()
        self._watcher = None
        logger.info("%s", edit_line(before, config, plan, self.training_step))
        if plan.carried is not None:
            logger.info("Weights of the cube before: %s", plan.carried)
        return plan.cost

    def take_weights(
        self, stored: Checkpoint, settings: tuple[str, ...] = (), progress: Progress = no_progress
    ) -> WarmStart:
        """Start from the weights of a checkpoint or an export, as far as they fit; see `warm_start.take_weights`."""
        self.started_from = outcome = take_weights(self, stored, settings, progress)
        self._watcher = None
        for line in outcome.lines():
            logger.info("%s", line)
        return outcome

    def reload_rule(self) -> RuleReload:
        """Go on with the cell rule's class as it is registered now, as after `plugin_loading.reload`.

        Every weight that still fits by name and shape is kept with its moments; training step and schedule go on.
        Return which weights were kept and which begin again.

        Raises:
            PluginError: the new class can't be made or fails its trial; the old rule goes on untouched.
            ConfigError: likewise; the settings in force don't fit the new class.
        """
        plan = plan_reload(self)
        self._pass.forget()
        self._scoring.forget()
        self.config = plan.config
        self._use_student(plan.student, plan.optimizer)
        self._plan_memory()
        self._use_passes()
        kept, renewed = len(plan.outcome.kept), ", ".join(plan.outcome.renewed) or "none"
        logger.info("Cell rule '%s' replaced: %d weights kept, begun again: %s", self.config.model.rule, kept, renewed)
        return plan.outcome

    def memory_bytes(self) -> dict[str, int]:
        """Return the bytes held by `dataset`, `model`, `optimizer` and `stencils`."""
        return held_bytes(self.dataset, self.student, self.optimizer, self.tier_means)

    def prove_resume(self, steps: int, progress: Progress = no_progress) -> ResumeProof:
        """Compare `steps` training steps here with as many from a save elsewhere; see `proving.prove_resume`."""
        self.resume_proof = prove_resume(self, steps, progress)
        logger.info("%s", self.resume_proof.summary())
        return self.resume_proof

    def save(self, path: Path | str, notes: Mapping[str, object] | None = None) -> None:
        """Write everything that resuming needs to one safetensors file, whole or not at all.

        `notes` are plain values to leave in its head, for `lattice.runs.peek`.
        """
        saving.save_run(self, Path(path), notes)

    def export(self, path: Path | str, progress: Progress = no_progress) -> Exported | None:
        """Write the student for use elsewhere, with a model card; see `lattice.exporting.export.export_run`."""
        return export_run(self, Path(path), lambda where: saving.export_weights(self, where), self.evaluate, progress)

    def export_embeddings(self, path: Path | str, progress: Progress = no_progress) -> int:
        """Write the outputs for all held-out samples and return how many; see `exporting.outputs.export_embeddings`."""
        return export_embeddings(self, Path(path), progress)

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
        config, dataset, device = saving.prepare_run(stored, dataset, policy, progress)
        trainer = cls(config, dataset, device, tier_means=tier_means, fit_start=False)
        saving.restore_run(trainer, stored)
        return trainer
