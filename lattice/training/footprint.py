"""Memory that training takes, from the shapes alone, and whether lattice steps must be recomputed to fit.

For the gradients a rollout keeps floats of every update of every cell, of which the cell rule says how many. With
recomputing, only the states and the trace of each lattice step are kept, and one step's floats exist at a time (Chen et
al. 2016).

An update is one lattice step of one cell for one sample.
"""

from __future__ import annotations

import math

import torch

from lattice.allocator import freed_bytes
from lattice.config import SimpleProjectConfig
from lattice.devices import free_memory_bytes
from lattice.geometry import face_of
from lattice.model.rules.build import kept_by_rule

FLOAT_BYTES = 4
RECOMPUTE_TIME = 4 / 3
"""A backward pass costs about two forward passes; recomputing adds a third."""
_BYTES_PER_WEIGHT = 16
"""Weight, gradient and AdamW's two moments."""
_BACKWARD_STEP = 1.8
"""Gradients and workspaces of the lattice step that is going back, in terms of what it kept; measured at 64^3."""
_FREE_SHARE = 0.6
"""Share of the free memory that a rollout may be expected to take; the rest is for evaluations and the unexpected."""


def floats_per_update(config: SimpleProjectConfig, width: int | None = None) -> float:
    """Return the floats that one update keeps for the backward pass; see `kept_by_rule`."""
    return kept_by_rule(config, width).floats


def rollout_bytes(config: SimpleProjectConfig, *, recompute: bool, width: int | None = None) -> int:
    """Return the most memory that the rollout of one batch takes up to the end of its backward pass.

    Args:
        config: the run.
        recompute: whether lattice steps are computed again in the backward pass.
        width: floats of an embedding, if known; see `kept_by_rule`.
    """
    lattice = config.lattice
    rows = lattice.cells * config.training_embedding.batch_size
    by_rule = kept_by_rule(config, width)
    kept = by_rule.floats
    if recompute:
        floats = lattice.lattice_steps * (config.model.state_size + by_rule.traced) + kept
    else:
        floats = lattice.lattice_steps * kept
    return int(FLOAT_BYTES * rows * (floats + _BACKWARD_STEP * kept))


def training_bytes(config: SimpleProjectConfig, width: int, *, recompute: bool) -> int:
    """Return the memory of weights, optimizer and rollout; libraries, stencils and data not counted.

    Args:
        config: the run.
        width: floats of an embedding.
        recompute: whether lattice steps are computed again in the backward pass.
    """
    return rollout_bytes(config, recompute=recompute, width=width) + _BYTES_PER_WEIGHT * map_weights(config, width)


def map_weights(config: SimpleProjectConfig, width: int) -> int:
    """Return the weights of the maps between embedding and surface; the cells' own are few beside them."""
    mapping, dimensions, cells = config.embedding_mapping, config.lattice.dimensions, config.lattice.cells
    if mapping.placement == "through":
        ends = [cells // dimensions[face_of(face)[0]] for face in (mapping.input_face, mapping.output_face)]
    else:
        ends = [cells - math.prod(max(side - 2, 0) for side in dimensions)] * 2
    return sum(width * end * (mapping.scalars_per_cell or math.ceil(width / end)) for end in ends)


def recomputes(config: SimpleProjectConfig, free_bytes: float, width: int | None = None) -> bool:
    """Return whether a run recomputes its lattice steps where so much memory is free for it."""
    if config.device.recompute == "auto":
        return rollout_bytes(config, recompute=False, width=width) > _FREE_SHARE * free_bytes
    return config.device.recompute == "always"


def free_for_rollouts(device: torch.device) -> int:
    """Return the bytes that a rollout on `device` could take now, what the process keeps in reserve included."""
    if device.type == "cuda":
        reserve = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    else:
        reserve = freed_bytes()
    return free_memory_bytes(device) + reserve
