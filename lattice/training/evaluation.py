"""Evaluation on the held-out samples: the student, the same without a rollout, and the baselines."""

from __future__ import annotations

import time

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.objectives import evaluation_generator, make_batch, objective_of
from lattice.progress import Progress, no_progress
from lattice.training.batch_pass import Scoring
from lattice.training.bottleneck import Bottleneck, bottleneck, fitted
from lattice.training.linear_baselines import LinearBaselines
from lattice.training.mlp_baseline import MLPBaseline
from lattice.training.reports import EVALUATING, EvalReport
from lattice.training.scoring import row_cosines, score

EVALUATION_DRAW = -1
"""Counter from which a stochastic rule draws at every evaluation."""


class Evaluator:
    """Scores a student on the held-out split; keeps the baselines of the last objective."""

    def __init__(self, dataset: EmbeddingDataset) -> None:
        """Watch `dataset`, which stays on its device."""
        self.dataset = dataset
        self._key: tuple[object, ...] = ()
        self._linear: LinearBaselines | None = None

    def held_out(self, config: SimpleProjectConfig) -> tuple[Tensor, Tensor]:
        """Return (inputs, targets) of the held-out samples, float32 [S, D]; the noise is the same every time."""
        settings = config.training_embedding
        indices = self.dataset.validation_indices[: settings.evaluation_samples]
        generator = evaluation_generator(settings.seed, self.dataset.device)
        return make_batch(self.dataset, indices, config, generator)

    def evaluate(
        self,
        scoring: Scoring,
        mlp: MLPBaseline,
        config: SimpleProjectConfig,
        training_step: int,
        student_steps: int,
        progress: Progress = no_progress,
    ) -> EvalReport:
        """Return all scores of a student.

        Args:
            scoring: the student's forward pass, without gradients.
            mlp: is trained until `training_step` first, if the settings want it.
            config: of the run.
            training_step: that the report names.
            student_steps: training steps that this student has done; from them follows how often it saw each sample.
            progress: told after every batch and every training step of the MLP; may cancel.
        """
        began = time.perf_counter()
        settings = config.training_embedding
        if settings.mlp_baseline:
            mlp.catch_up(training_step, config, progress)
        seen = student_steps * settings.batch_size * settings.accumulation / len(self.dataset.train_indices)
        narrowest = bottleneck(config, self.dataset.width)
        with torch.no_grad():
            inputs, targets = self.held_out(config)
            baselines = self._linear_baselines(config, narrowest, len(inputs))
            linear, had = baselines.scores(inputs, targets, seen, progress), fitted(narrowest, baselines.samples)
            predicted, without_rollout = [], []
            for chunk in inputs.split(settings.batch_size):
                embedding_BD, painted_BD = scoring(chunk)
                predicted.append(embedding_BD.clone())
                without_rollout.append(painted_BD.clone())
                progress(EVALUATING, sum(map(len, predicted)), len(inputs))
            answers = mlp.network.answers(inputs, settings.batch_size) if settings.mlp_baseline else None
        return EvalReport(
            training_step=training_step,
            samples=len(inputs),
            student=score(torch.cat(predicted), targets),
            t0=score(torch.cat(without_rollout), targets),
            identity=linear.identity,
            pca=linear.pca,
            linear=linear.linear,
            mlp=None if answers is None else score(answers, targets),
            baseline_rank=had.rank,
            baseline_place=had.place,
            linear_draws=linear.draws,
            draws_seen=seen if linear.random else 0.0,
            mlp_parameters=mlp.parameters,
            student_parameters=mlp.student_parameters,
            seconds=time.perf_counter() - began,
            fair=objective_of(config).baselines,
            cosines_S=row_cosines(torch.cat(predicted), targets).cpu().numpy(),
        )

    def _linear_baselines(self, config: SimpleProjectConfig, narrowest: Bottleneck, held_out: int) -> LinearBaselines:
        key = LinearBaselines.key(config, narrowest, held_out)
        if self._linear is None or self._key != key:
            self._key, self._linear = key, LinearBaselines(self.dataset, config, narrowest)
        return self._linear
