"""Near-duplicates across the split: held-out samples that a training sample nearly equals make scores too good.

Most pairs are ruled out without their full product. With orthonormal directions Q, a' = Q a and the length r(a) of
what is left of the unit row a, cos(a, b) <= a'.b' + r(a) r(b) (Cauchy and Schwarz), so a product of K + 1 numbers is
an upper bound for the one of D numbers. Nothing is missed.

Shapes: H held-out rows, T training rows, D embedding width, K directions.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor

from lattice.data.dataset import EmbeddingDataset, Indices
from lattice.data.survey.findings import MOST_LISTED, QUICK_ROWS, NearDuplicates, NearPair
from lattice.data.survey.rows import SurveyRows, drawn, survey_rows
from lattice.progress import Progress, no_progress

COMPARING = "Near-duplicates across the split"
LIMIT = 0.98
"""Cosine above which two samples are near-duplicates."""
QUICK_PRODUCTS = 10**10
"""Multiplications where nobody waits for the figure: about a second of one core."""
_DIRECTIONS, _FOR_DIRECTIONS = 48, 2048
_ROWS_AT_ONCE, _TRAIN_AT_ONCE = 256, 4096
"""A block's bounds stay in the processor's cache."""
_DENSE_SHARE = 0.1
"""From this share of pairs that the bound leaves on, the full product of a block costs less than picking them out."""
_ROUNDING = 1e-4


_known: WeakKeyDictionary[EmbeddingDataset, NearDuplicates] = WeakKeyDictionary()


def near_duplicates_of(dataset: EmbeddingDataset) -> NearDuplicates:
    """Return what about a second's search finds in a data set; done once for each."""
    if dataset not in _known:
        _known[dataset] = find_near_duplicates(survey_rows(dataset, QUICK_ROWS))
    return _known[dataset]


def find_near_duplicates(
    rows: SurveyRows, products: int = QUICK_PRODUCTS, progress: Progress = no_progress
) -> NearDuplicates:
    """Compare held-out rows with all training rows until `products` multiplications are spent.

    Args:
        rows: what is looked at.
        products: limit of the work; held-out rows are taken in a fixed random order, at least one block of them.
        progress: called after every block; may cancel.
    """
    held, train = np.flatnonzero(rows.held_out_M), np.flatnonzero(~rows.held_out_M)
    in_order = held[drawn(len(held), len(held))]
    basis_DK = _directions(rows, train)
    codes_TK, codes_HK = _codes(rows, train, basis_DK), _codes(rows, in_order, basis_DK)
    spent, compared = 0, 0
    best: list[tuple[Indices, Tensor]] = []
    for start in range(0, len(in_order), _ROWS_AT_ONCE):
        block = in_order[start : start + _ROWS_AT_ONCE]
        near, nearest, cost = _compare(rows, block, train, codes_HK[start : start + len(block)], codes_TK)
        best.append((np.stack([block[near], train[nearest[0]]]), nearest[1]))
        compared += len(block)
        spent += cost
        progress(COMPARING, compared, len(in_order))
        if spent >= products:
            break
    pairs = np.concatenate([each for each, _ in best], axis=1) if best else np.zeros((2, 0), dtype=np.int64)
    cosines = torch.cat([each for _, each in best]) if best else torch.zeros(0)
    listed = torch.argsort(cosines, descending=True, stable=True)[:MOST_LISTED].tolist()
    return NearDuplicates(
        limit=LIMIT,
        compared=compared,
        held_out=rows.held_out,
        train_compared=len(train),
        train=rows.total - rows.held_out,
        found=pairs.shape[1],
        pairs=tuple(
            NearPair(int(rows.samples[pairs[0, i]]), int(rows.samples[pairs[1, i]]), min(float(cosines[i]), 1.0))
            for i in listed
        ),
    )


def _directions(rows: SurveyRows, train: Indices) -> Tensor:
    """Return orthonormal directions [D, K] that hold much of the unit rows, by one power iteration."""
    unit = rows.unit(train[drawn(len(train), _FOR_DIRECTIONS)])
    count = min(_DIRECTIONS, unit.shape[1])
    start: Tensor = torch.randn(unit.shape[1], count, generator=torch.Generator().manual_seed(0)).to(unit.device)
    basis: Tensor = torch.linalg.qr(unit.T @ (unit @ start)).Q
    basis = torch.linalg.qr(unit.T @ (unit @ basis)).Q
    return basis


def _codes(rows: SurveyRows, which: Indices, basis_DK: Tensor) -> Tensor:
    """Return [n, K + 1]: the unit rows along the directions, and the length of what is left."""
    parts = []
    for start in range(0, len(which), 8192):
        along = rows.unit(which[start : start + 8192]) @ basis_DK
        left = (1 - along.square().sum(1, keepdim=True)).clamp_min(0).sqrt()
        parts.append(torch.cat([along, left], dim=1))
    return torch.cat(parts) if parts else basis_DK.new_zeros(0, basis_DK.shape[1] + 1)


def _compare(
    rows: SurveyRows, block: Indices, train: Indices, codes_BK: Tensor, codes_TK: Tensor
) -> tuple[Indices, tuple[Indices, Tensor], int]:
    """Return which rows of a block have a near-duplicate, (nearest training row, cosine) of each, and the work done."""
    unit = rows.unit(block)
    best = torch.full((len(block),), -1.0, device=unit.device)
    where = torch.zeros(len(block), dtype=torch.int64, device=unit.device)
    cost = len(block) * codes_TK.numel()
    for start in range(0, len(train), _TRAIN_AT_ONCE):
        others = train[start : start + _TRAIN_AT_ONCE]
        mine, theirs = (codes_BK @ codes_TK[start : start + _TRAIN_AT_ONCE].T > LIMIT - _ROUNDING).nonzero().unbind(1)
        if len(mine) > _DENSE_SHARE * len(block) * len(others):
            cost += len(block) * len(others) * unit.shape[1]
            mine = torch.arange(len(block), device=unit.device)
            cosines, theirs = (unit @ rows.unit(others).T).max(1)
        else:
            cost += len(mine) * unit.shape[1]
            cosines = (unit[mine] * rows.unit(others[theirs.cpu().numpy()])).sum(1)
        before = best.clone()
        best.scatter_reduce_(0, mine, cosines, "amax")
        highest = (cosines == best[mine]) & (cosines > before[mine])
        where[mine[highest]] = theirs[highest] + start
    near = (best > LIMIT).nonzero().squeeze(1)
    return near.cpu().numpy(), (where[near].cpu().numpy(), best[near].cpu()), cost
