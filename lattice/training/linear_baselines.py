"""Linear baselines of a run: fitted to as many draws of the objective's noise as the student has seen.

Shapes: n training samples, S held-out samples, D embedding width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.objectives import make_batch, noise_generator, objective_of, prepare_embeddings
from lattice.progress import Progress
from lattice.training.baselines import MAX_FIT_SAMPLES, Moments, fit_linear, fit_pca
from lattice.training.bottleneck import Bottleneck
from lattice.training.reports import Scores
from lattice.training.scoring import score

MAX_DRAWS = 32
"""Most draws of noise that the linear map is fitted to. On the bundled data at 0.1 per component its cosine is 0.601
with one, 0.619 with 4, 0.6250 with 16, 0.6259 with 32 and 0.6262 with 64: more change little and cost time."""

FIT_ROWS = 4096
"""Rows that are drawn and summed up at a time."""

_FIT_SALT = 0x11EA2
"""Keeps the draws of the fit apart from those of training."""


@dataclass(frozen=True)
class LinearScores:
    """Scores of what needs no training, as they are after a number of draws."""

    identity: Scores
    pca: Scores
    linear: Scores
    draws: int
    """Draws of noise that the linear map was fitted to; 1 where the objective draws none."""
    random: bool
    """Whether the objective draws random numbers."""


class LinearBaselines:
    """Keeps sums over draws of the objective, and adds draws as training goes on.

    An objective that draws no random numbers gives the same rows at every draw, and needs one. For every other one a
    draw is a pass of the public `Objective.make` over all training samples: no closed form is used, so that it holds
    for what plugins bring. For `denoise` the sums tend to their expectation, the clean scatter plus sigma^2 I.
    """

    def __init__(self, dataset: EmbeddingDataset, config: SimpleProjectConfig, narrowest: Bottleneck) -> None:
        """Begin without a draw; the samples are the first `MAX_FIT_SAMPLES` of the training split."""
        self._dataset, self._config, self._rank = dataset, config, narrowest.rank
        indices = dataset.train_indices[:MAX_FIT_SAMPLES]
        self.samples = len(indices)
        self._chunks = indices.split(FIT_ROWS)
        self._clean: Moments | None = None
        self._given: Moments | None = None
        self._taken = 0
        self._random = True
        self._scores: LinearScores | None = None

    @staticmethod
    def key(config: SimpleProjectConfig, narrowest: Bottleneck, held_out: int) -> tuple[object, ...]:
        """Return what the baselines depend on beside the samples: another key needs another instance.

        The class is part of it: a plugin that is loaded again may make other targets.
        """
        objective, settings = objective_of(config), config.training_embedding
        own = (type(objective), objective.settings, settings.noise_sigma, settings.seed)
        return (*own, narrowest.rank, held_out, config.embedding_mapping.normalize_embeddings)

    def scores(self, inputs_SD: Tensor, targets_SD: Tensor, seen: float, progress: Progress) -> LinearScores:
        """Return the scores on held-out rows, after drawing as often as the student has seen each sample.

        Args:
            inputs_SD: held-out inputs.
            targets_SD: their targets.
            seen: how often the student has seen each training sample, on average.
            progress: told after each batch; may cancel, and what was summed up so far is kept.
        """
        wanted = min(max(math.ceil(seen), 1), MAX_DRAWS)
        while self._draws < (wanted if self._random else 1):
            self._draw()
            progress("Fitting the linear baselines", self._taken, wanted * len(self._chunks))
        known = self._scores
        if known is None or known.draws != self._draws:
            assert self._clean is not None
            assert self._given is not None
            self._scores = LinearScores(
                identity=known.identity if known else score(inputs_SD, targets_SD),
                pca=known.pca if known else score(fit_pca(self._clean, self._rank)(inputs_SD), targets_SD),
                linear=score(fit_linear(self._given, self._rank)(inputs_SD), targets_SD),
                draws=self._draws,
                random=self._random,
            )
        assert self._scores is not None
        return self._scores

    @property
    def _draws(self) -> int:
        return self._taken // len(self._chunks)

    def _draw(self) -> None:
        """Sum up one more batch of rows."""
        rows = self._chunks[self._taken % len(self._chunks)]
        seed = self._config.training_embedding.seed ^ _FIT_SALT
        generator = noise_generator(seed, self._taken, self._dataset.device)
        before = generator.get_state()
        given, wanted = make_batch(self._dataset, rows, self._config, generator)
        if self._taken == 0:
            self._random = not torch.equal(before, generator.get_state())
        if self._taken < len(self._chunks):
            clean = prepare_embeddings(self._dataset.batch(rows), self._config.embedding_mapping)
            self._clean = _with(self._clean, clean, clean[:, :0])  # PCA has no targets
        self._given = _with(self._given, given, wanted)
        self._taken += 1


def _with(moments: Moments | None, inputs_nD: Tensor, targets_nD: Tensor) -> Moments:
    if moments is None:
        return Moments(inputs_nD, targets_nD)
    moments.add(inputs_nD, targets_nD)
    return moments
