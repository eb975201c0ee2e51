"""Spherical k-means: directions that stand for groups of samples.

Shapes: n samples, D embedding width, M centres.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.progress import Progress, no_progress

ROUNDS = 8
"""Rounds of k-means: more move few samples."""
_BLOCK = 4096
"""Samples that are assigned at a time."""


def spherical_kmeans(
    rows_nD: Tensor, count: int, generator: torch.Generator, progress: Progress = no_progress
) -> Tensor:
    """Return the centres of `count` groups of samples by their cosine, unit vectors [M, D] (Dhillon & Modha 2001).

    It begins with samples drawn at random. A group that loses its last sample begins again at one of them. Where more
    centres are requested than there are samples, some are samples that belong to the group of their twin.

    Args:
        rows_nD: samples, float; only their directions matter.
        count: centres M.
        generator: on the samples' device.
        progress: told after every round; may cancel.
    """
    unit_nD = F.normalize(rows_nD, dim=-1)
    centres_MD = _some(unit_nD, count, generator)
    for done in range(1, ROUNDS + 1):
        sums_MD, sizes_M = group_sums(unit_nD, centres_MD)
        fresh_MD = _some(unit_nD, count, generator)
        centres_MD = torch.where((sizes_M > 0).unsqueeze(1), F.normalize(sums_MD, dim=-1), fresh_MD)
        progress("Finding memories in the data", done, ROUNDS)
    return centres_MD


def group_sums(rows_nD: Tensor, centres_MD: Tensor) -> tuple[Tensor, Tensor]:
    """Return the sum of the samples nearest to each centre, [M, D], and how many these are, [M].

    As products with rows of zeros and ones, because adding up by an index has no certain order on a graphics card.
    """
    sums_MD, sizes_M = torch.zeros_like(centres_MD), rows_nD.new_zeros(len(centres_MD))
    places_M = torch.arange(len(centres_MD), device=rows_nD.device)
    for block_bD in rows_nD.split(_BLOCK):
        nearest_b = (block_bD @ centres_MD.T).argmax(1)
        member_Mb = (places_M.unsqueeze(1) == nearest_b).to(rows_nD)
        sums_MD += member_Mb @ block_bD
        sizes_M += member_Mb.sum(1)
    return sums_MD, sizes_M


def _some(rows_nD: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Return samples drawn at random, [count, D], each at most once as long as there are enough."""
    order_n = torch.randperm(len(rows_nD), generator=generator, device=rows_nD.device)
    return rows_nD[order_n.repeat(-(-count // len(order_n)))[:count]]
