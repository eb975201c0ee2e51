"""The start from memories: painting by likeness to centres of the training samples, reading by ridge regression.

Every painted scalar begins as the likeness of the embedding to one centre, its memory. Where the cell rule has
thresholds (`CellRule.start_thresholds`), what is like a memory grows during the rollout. The read-out begins as what
fits the targets best, in the ridge sense, after one pass of the training samples through the lattice. It is radial
basis function fitting in two stages (Moody & Darken 1989) with a cube in between; no gradient is computed.

Shapes: n training samples, B batch, D embedding width, M painted or read scalars.
"""

from __future__ import annotations

import math
import time

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.errors import ConfigError, NonFiniteError
from lattice.log import logger
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import make_batch, noise_generator, prepare_embeddings
from lattice.progress import Progress, no_progress
from lattice.tiers import live_tiers
from lattice.training.memories.centres import spherical_kmeans
from lattice.training.memories.ridge import RidgeSums

RIDGE = 0.1
"""Ridge of the read-out as a share of the scatter of what is read."""
MOST_SAMPLES = 16_000
"""Samples that pass through the lattice at most; where there are fewer and the objective draws noise, several times."""
MOST_DRAWS = 2
"""Draws of noise a sample at most."""
MOST_READ = 12_000
"""Scalars that a read-out is fitted to at most: their products take 1.2 GB."""
FAINTEST = 1e-2
"""Deviation of a read scalar below which nothing is said to arrive; a painted scalar's is about 1."""
_SALT = 0x3E3


@torch.no_grad()
def start_from_data(
    student: StudentModel,
    tier_means: TierMeans,
    dataset: EmbeddingDataset,
    config: SimpleProjectConfig,
    progress: Progress = no_progress,
) -> None:
    """Fit the outer maps of a new student to the training samples, where the settings request it.

    It is a pure function of settings and data: what is drawn follows from the seed.

    Args:
        student: new; its mapper and extractor are changed.
        tier_means: for the same lattice, on the student's device.
        dataset: on the same device.
        config: of the run.
        progress: told after every batch; may cancel.

    Raises:
        ConfigError: more scalars are read than a read-out is fitted to.
        NonFiniteError: the rollout does not stay finite.
        Cancelled: from `progress`.
    """
    if config.embedding_mapping.start != "memories":
        return
    began, seed = time.perf_counter(), config.training_embedding.seed
    check_size(student)
    rows_n = dataset.train_indices[:MOST_SAMPLES]
    draws = noise_draws(dataset, rows_n, config)
    logger.info(
        "Start from memories: looking for %s centres, then %s samples pass through the lattice",
        f"{student.mapper.project.out_features:,}",
        f"{draws * len(rows_n):,}",
    )
    remember(student, dataset, rows_n, config, progress)
    sums = RidgeSums(student.extractor.project.in_features, dataset.width, dataset.device)
    student.draw_from(seed ^ _SALT, 0)
    for draw in range(draws):
        generator = noise_generator(seed ^ _SALT, draw, dataset.device)
        for indices_B in rows_n.split(config.training_embedding.batch_size):
            inputs_BD, targets_BD = make_batch(dataset, indices_B, config, generator)
            sums.add(read_scalars(student, tier_means, inputs_BD, config), targets_BD)
            progress("Fitting the read-out to the memories", sums.count, draws * len(rows_n))
    fit_readout(student, sums)
    logger.info(
        "Start from memories: %s painted as likenesses to centres of %s samples, %s; read-out fitted to %s, in %.1f s",
        f"{student.mapper.project.out_features:,} scalars",
        f"{len(rows_n):,}",
        _thresholds_text(student, config),
        f"{draws} draws of noise" if draws > 1 else "one pass of them",
        time.perf_counter() - began,
    )


def check_size(student: StudentModel) -> None:
    """Raise `ConfigError` if a student reads more scalars than a read-out is fitted to."""
    read = student.extractor.project.in_features
    if read > MOST_READ:
        cells = len(student.outputs)
        raise ConfigError(
            f"embedding_mapping.start = 'memories' fits a read-out of at most {MOST_READ:,} scalars, but "
            f"{read // cells} on each of {cells:,} cells are {read:,}: choose start 'random', a smaller cube, or "
            f"scalars_per_cell of at most {max(1, MOST_READ // cells)}"
        )


@torch.no_grad()
def remember(
    student: StudentModel,
    dataset: EmbeddingDataset,
    rows_n: Tensor,
    config: SimpleProjectConfig,
    progress: Progress = no_progress,
) -> None:
    """Let the mapper paint likenesses: its rows become the unit vectors from the samples' mean to their centres.

    What all samples share says nothing about which memory is meant, so it is left out.
    """
    clean_nD = prepare_embeddings(dataset.batch(rows_n), config.embedding_mapping)
    weight_MD = student.mapper.project.weight
    generator = noise_generator(config.training_embedding.seed ^ _SALT, -1, dataset.device)
    centres_MD = spherical_kmeans(clean_nD, len(weight_MD), generator, progress)
    apart_MD = centres_MD - F.normalize(clean_nD, dim=-1).mean(0)
    # A single centre of all samples lies where their mean does.
    alone_M1 = torch.linalg.vector_norm(apart_MD, dim=1, keepdim=True) < 1e-3
    weight_MD.copy_(F.normalize(torch.where(alone_M1, centres_MD, apart_MD), dim=-1))


def noise_draws(dataset: EmbeddingDataset, rows_n: Tensor, config: SimpleProjectConfig) -> int:
    """Return how often every sample is drawn: once unless the objective makes something else each time."""
    few_B, seed = rows_n[:2], config.training_embedding.seed ^ _SALT
    first, second = (
        make_batch(dataset, few_B, config, noise_generator(seed, draw, dataset.device)) for draw in range(2)
    )
    if all(torch.equal(one, other) for one, other in zip(first, second, strict=True)):
        return 1
    return max(1, min(MOST_DRAWS, math.ceil(MOST_SAMPLES / len(rows_n))))


@torch.no_grad()
def read_scalars(
    student: StudentModel, tier_means: TierMeans, inputs_BD: Tensor, config: SimpleProjectConfig
) -> Tensor:
    """Return the scalars that are read after the rollout, float32 [B, M]."""
    final_NBC = student(inputs_BD, tier_means, config.lattice.lattice_steps).rollout.final
    scalars_BOm = student.extractor.scalars_of(final_NBC.index_select(0, student.outputs).float())
    return scalars_BOm.flatten(1)


@torch.no_grad()
def fit_readout(student: StudentModel, sums: RidgeSums) -> None:
    """Let the extractor read what the sums fit; each scalar that it reads deviates by about 1 from its mean then.

    Where next to nothing of what is painted arrives, the read-out stays as it is: a fit would amplify rounding.

    Raises:
        NonFiniteError: what was read is not finite.
    """
    extractor, deviation = student.extractor, sums.deviation().item()
    if not math.isfinite(deviation):
        raise NonFiniteError(
            "the states of the untrained cube are not finite, so that no read-out can be fitted to them: lower "
            "model.update_scale or lattice.lattice_steps"
        )
    if deviation < FAINTEST:
        logger.warning("Nothing of what is painted arrives at the cells that are read: the read-out starts at random")
        return
    weight_MD, bias_D = sums.solve(RIDGE)
    extractor.read.weight.div_(deviation)
    extractor.read.bias.div_(deviation)
    extractor.project.weight.copy_(weight_MD.T * (deviation / extractor.gain))
    extractor.project.bias.copy_(bias_D / extractor.gain)


def _thresholds_text(student: StudentModel, config: SimpleProjectConfig) -> str:
    scalars, grown = student.mapper.scalars, student.thresholds
    if "functional" not in live_tiers(config.lattice):
        return "none with a threshold, because the functional tier holds no neighbours"
    if grown == 0:
        return f"none with a threshold, because the rule '{config.model.rule}' has none to spare"
    return f"{grown} of {scalars} on a cell with a threshold"
