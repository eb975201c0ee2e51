"""The student's cosine for every sample of the data, trained on and held out.

Shapes: S samples, B batch, D embedding width.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch
from torch import Tensor

from lattice.log import logger
from lattice.objectives import evaluation_generator, make_batch
from lattice.progress import Cancelled, Progress, no_progress
from lattice.training.batch_pass import Scoring
from lattice.training.evaluation import EVALUATION_DRAW
from lattice.training.run import Run
from lattice.training.sample_report import SCORING, SampleReport
from lattice.training.scoring import row_cosines

_NOISE_OF_THE_OTHERS = 1
"""Counter of the noise that samples get which no evaluation scores."""


@torch.no_grad()
def score_samples(
    run: Run, held_out: tuple[Tensor, Tensor], scoring: Scoring, progress: Progress = no_progress
) -> SampleReport:
    """Return every sample's cosine between the answer of the student as it is, with all of its cells, and its target.

    The samples that an evaluation scores come first, with the inputs that it gives them, so that their mean is the
    validation score. Only one batch of the others is made at a time.

    Args:
        run: stays as it is.
        held_out: inputs and targets of the samples that an evaluation scores, float32 [S, D] each.
        scoring: the student's forward pass, without gradients.
        progress: told after every batch; where it cancels, what was scored until then is returned.

    Raises:
        Cancelled: from `progress`, before anything was scored.
    """
    began, seed = time.perf_counter(), run.config.training_embedding.seed
    order = torch.cat([run.dataset.validation_indices, run.dataset.train_indices])
    samples, cosines = [], []
    done = 0
    progress(SCORING, done, len(order))
    try:
        for samples_B, inputs_BD, targets_BD in _batches(run, order, held_out):
            # For every batch: what is watched between two of them draws something else.
            run.student.draw_from(seed, EVALUATION_DRAW)
            cosines.append(row_cosines(scoring(inputs_BD)[0], targets_BD).cpu())
            samples.append(samples_B.cpu())
            done += len(samples_B)
            progress(SCORING, done, len(order))
    except Cancelled:
        if not samples:
            raise
        logger.info("Scoring samples was cancelled: the cosines of %d of %d are known", done, len(order))
    return SampleReport(
        training_step=run.training_step,
        samples_S=torch.cat(samples).numpy(),
        cosines_S=torch.cat(cosines).numpy(),
        total=len(order),
        seconds=time.perf_counter() - began,
    )


def _batches(run: Run, order: Tensor, held_out: tuple[Tensor, Tensor]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Yield the indices of samples with their inputs and targets, in an order that begins with `held_out`."""
    size, scored = run.config.training_embedding.batch_size, len(held_out[0])
    yield from zip(order[:scored].split(size), held_out[0].split(size), held_out[1].split(size), strict=True)
    generator = evaluation_generator(run.config.training_embedding.seed, run.dataset.device, _NOISE_OF_THE_OTHERS)
    for samples_B in order[scored:].split(size):
        inputs_BD, targets_BD = make_batch(run.dataset, samples_B, run.config, generator)
        yield samples_B, inputs_BD, targets_BD
