"""What the student's answers depend on: its score with a share of its cells erased, and with one layer erased.

Shapes: S samples, D embedding width, N cells, E erased cells.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import fmean

import torch
from torch import Tensor

from lattice.config import SimpleProjectConfig
from lattice.model.erasure import draw_erased, erased_count, layer_cells
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.progress import Progress, no_progress
from lattice.training.damage_report import DamageReport, LayerScore, ShareScore
from lattice.training.evaluation import EVALUATION_DRAW
from lattice.training.scoring import score

SHARES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
"""Shares that are erased of the cells that damage may erase."""
DRAWS = 2
"""Random choices of cells per share; their scores are averaged."""


@torch.no_grad()
def measure_damage(
    student: StudentModel,
    tier_means: TierMeans,
    config: SimpleProjectConfig,
    held_out: tuple[Tensor, Tensor],
    training_step: int = 0,
    progress: Progress = no_progress,
) -> DamageReport:
    """Return the student's scores with cells erased at every lattice step; nothing of the student is changed.

    Args:
        student: any; every cell rule can be damaged.
        tier_means: for the same lattice.
        config: of the run; its seed chooses the cells.
        held_out: inputs and targets, float32 [S, D] each.
        training_step: that the report names.
        progress: told after every batch; may cancel.
    """
    began = time.perf_counter()
    axis = config.layer_axis
    shares = {share: erased_count(share, len(student.erasable)) for share in SHARES}
    layers = dict(_layers(student, axis))
    batches = -(-len(held_out[0]) // config.training_embedding.batch_size)
    total = batches * (sum(_draws(count) for count in shares.values()) + len(layers))
    done = 0

    def cosine(erased_E: Tensor) -> float:
        nonlocal done
        erased_N = torch.zeros_like(student.erased_N).index_fill_(0, erased_E, True) if len(erased_E) else None
        answers = []
        for inputs_BD in held_out[0].split(config.training_embedding.batch_size):
            # For every batch: what is watched between two of them draws something else.
            student.draw_from(config.training_embedding.seed, EVALUATION_DRAW)
            output = student(inputs_BD, tier_means, config.lattice.lattice_steps, erased_N=erased_N)
            answers.append(output.embedding_BD)
            done += 1
            progress("Measuring damage", done, total)
        return score(torch.cat(answers), held_out[1]).cosine

    by_share = []
    for share, count in shares.items():
        seed = config.training_embedding.seed
        # Negative counters: the draws are none of those that training sees.
        chosen = [draw_erased(student.erasable, count, seed, -1 - draw) for draw in range(_draws(count))]
        draws = tuple(cosine(erased_E) for erased_E in chosen)
        by_share.append(ShareScore(share, count, fmean(draws), draws))
    by_layer = tuple(LayerScore(layer, len(erased_E), cosine(erased_E)) for layer, erased_E in layers.items())
    return DamageReport(
        training_step=training_step,
        samples=len(held_out[0]),
        cells=len(student.erasable),
        damaged_cells=student.damaged_cells,
        trained_damage=config.training_embedding.damage,
        axis="xyz"[axis],
        by_share=tuple(by_share),
        by_layer=by_layer,
        seconds=time.perf_counter() - began,
    )


def _draws(count: int) -> int:
    """Return how many choices are scored: erasing nothing is the same every time."""
    return DRAWS if count else 1


def _layers(student: StudentModel, axis: int) -> Iterator[tuple[int, Tensor]]:
    """Yield the layers that hold cells between what is painted and what is read, with those cells."""
    for layer in range(student.dimensions[axis]):
        erased_E = layer_cells(student.between, student.dimensions, axis, layer)
        if len(erased_E):
            yield layer, erased_E
