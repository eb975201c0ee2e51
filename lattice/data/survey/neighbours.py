"""How near each sample's nearest neighbour is, for a fair part of the samples where all would take too long.

Shapes: M rows, Q of them whose neighbour is looked for, D embedding width.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from lattice.data.survey.findings import NearestCosines
from lattice.data.survey.rows import SurveyRows, drawn
from lattice.progress import Progress, no_progress

SEARCHING = "Nearest neighbours"
MOST_PRODUCTS = 10**11
"""Multiplications Q M D: a few seconds on two processor cores."""
LEAST_QUERIES = 256
_QUERIES_AT_ONCE, _ROWS_AT_ONCE = 512, 8192


def nearest_cosines(
    rows: SurveyRows, products: int = MOST_PRODUCTS, progress: Progress = no_progress
) -> NearestCosines:
    """Return the highest cosine to another row: of all rows, or of a fixed part whose search takes `products`.

    Each is compared with all M rows, so the values of a part are those of the whole, only fewer.
    """
    count, width = rows.rows_MD.shape
    most = max(LEAST_QUERIES, products // max(count * width, 1))
    queries = drawn(count, most)
    found = []
    for start in range(0, len(queries), _QUERIES_AT_ONCE):
        mine = queries[start : start + _QUERIES_AT_ONCE]
        unit, own = rows.unit(mine), torch.from_numpy(mine).to(rows.rows_MD.device)
        best = torch.full((len(mine),), -1.0, device=unit.device)
        for first in range(0, count, _ROWS_AT_ONCE):
            cosines = unit @ rows.unit(slice(first, first + _ROWS_AT_ONCE)).T
            inside = ((own >= first) & (own < first + _ROWS_AT_ONCE)).nonzero().squeeze(1)
            cosines[inside, own[inside] - first] = -1.0
            best = torch.maximum(best, cosines.max(1).values)
        found.append(best.clamp(max=1.0).cpu().numpy())
        progress(SEARCHING, start + len(mine), len(queries))
    return NearestCosines(np.concatenate(found), len(queries) == count)


def norms(rows: SurveyRows) -> NDArray[np.float32]:
    """Return the Euclidean length of every row, [M]."""
    parts = [torch.linalg.vector_norm(block, dim=1).cpu().numpy() for _, block in rows.blocks()]
    return np.concatenate(parts)
