"""Evaluation on the held-out samples: the student, the same without a rollout, and the baselines."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.objectives import evaluation_generator, make_batch, noise_generator, objective_of, prepare_embeddings
from lattice.progress import Progress, no_progress
from lattice.training.baselines import MAX_FIT_SAMPLES, fit_linear, fit_pca
from lattice.training.batch_pass import Scoring
from lattice.training.reports import EvalReport, Scores
from lattice.training.scoring import score

EVALUATION_DRAW = -1
"""Counter from which a stochastic rule draws at every evaluation."""


@dataclass(frozen=True)
class BaselineScores:
    """Scores that stay the same while the objective, the data and the rank do."""

    key: tuple[object, ...]
    identity: Scores
    pca: Scores
    linear: Scores
    rank: int


class Evaluator:
    """Scores a student on the held-out split; keeps the baselines of the last objective."""

    def __init__(self, dataset: EmbeddingDataset) -> None:
        """Watch `dataset`, which stays on its device."""
        self.dataset = dataset
        self._baselines: BaselineScores | None = None

    def held_out(self, config: SimpleProjectConfig) -> tuple[Tensor, Tensor]:
        """Return (inputs, targets) of the held-out samples, float32 [S, D]; the noise is the same every time."""
        settings = config.training_embedding
        indices = self.dataset.validation_indices[: settings.evaluation_samples]
        generator = evaluation_generator(settings.seed, self.dataset.device)
        return make_batch(self.dataset, indices, config, generator)

    @torch.no_grad()
    def evaluate(
        self,
        scoring: Scoring,
        input_cells: int,
        config: SimpleProjectConfig,
        training_step: int,
        progress: Progress = no_progress,
    ) -> EvalReport:
        """Return all scores of a student.

        Args:
            scoring: the student's forward pass, without gradients.
            input_cells: of the student, from which the rank of the baselines follows.
            config: of the run.
            training_step: that the report names.
            progress: told after every batch; may cancel.
        """
        began = time.perf_counter()
        inputs, targets = self.held_out(config)
        size = config.training_embedding.batch_size
        predicted, without_rollout = [], []
        for chunk in inputs.split(size):
            embedding_BD, painted_BD = scoring(chunk)
            predicted.append(embedding_BD.clone())
            without_rollout.append(painted_BD.clone())
            progress("Evaluating", sum(map(len, predicted)), len(inputs))
        baselines = self._baseline_scores(config, input_cells, inputs, targets)
        return EvalReport(
            training_step=training_step,
            samples=len(inputs),
            student=score(torch.cat(predicted), targets),
            t0=score(torch.cat(without_rollout), targets),
            identity=baselines.identity,
            pca=baselines.pca,
            linear=baselines.linear,
            baseline_rank=baselines.rank,
            seconds=time.perf_counter() - began,
            fair=objective_of(config).baselines,
        )

    def _baseline_scores(
        self, config: SimpleProjectConfig, input_cells: int, inputs: Tensor, targets: Tensor
    ) -> BaselineScores:
        settings, mapping = config.training_embedding, config.embedding_mapping
        rank = min(settings.baseline_rank or input_cells, self.dataset.width)
        rows = self.dataset.train_indices[:MAX_FIT_SAMPLES]
        objective = objective_of(config)
        # The class is part of the key: a plugin that is loaded again may make other targets.
        own = (type(objective), objective.settings)
        key = (*own, settings.noise_sigma, rank, len(inputs), mapping.normalize_embeddings)
        if self._baselines is None or self._baselines.key != key:
            clean = prepare_embeddings(self.dataset.batch(rows), mapping)
            generator = noise_generator(settings.seed, -1, self.dataset.device)
            given, wanted = make_batch(self.dataset, rows, config, generator)
            self._baselines = BaselineScores(
                key=key,
                identity=score(inputs, targets),
                pca=score(fit_pca(clean, rank)(inputs), targets),
                linear=score(fit_linear(given, wanted, rank)(inputs), targets),
                rank=rank,
            )
        return self._baselines
