"""What can be seen in an observation: one value per cell, as pure functions of it and of the lattice step.

Lattice step 0 is the painted cube before the first update; step t is the state after t updates.
"""

from __future__ import annotations

import math
from functools import lru_cache
from types import EllipsisType

import numpy as np
from numpy.typing import NDArray

from app.cube.state import Cell, Field
from lattice.training.reports import Observation

Cells = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
Where = Cell | Cells | EllipsisType
"""Indexes [X, Y, Z]: one cell, the indices of several cells, or `...` for all of them."""

_SAMPLED_VALUES = 8_192
_ROUNDINGS = 16
"""Unit roundings, of a state's largest number, by which two computations of one state may differ."""


def last_step(observation: Observation) -> int:
    """Return the number of lattice steps, T."""
    return int(observation.states_TXYZC.shape[0]) - 1


def clamped_step(observation: Observation, lattice_step: int) -> int:
    """Return the nearest step that the observation has."""
    return min(max(lattice_step, 0), last_step(observation))


def state_norm(observation: Observation, lattice_step: int, where: Where = ...) -> Field:
    """Return the length of each cell's state, [X, Y, Z]."""
    return _norm(observation.states_TXYZC[lattice_step][where])


def channel(observation: Observation, lattice_step: int, index: int, where: Where = ...) -> Field:
    """Return one number of each cell's state, signed, [X, Y, Z]."""
    values: Field = observation.states_TXYZC[lattice_step, ..., index][where]
    return values


def change(observation: Observation, lattice_step: int, where: Where = ...) -> Field:
    """Return how far each cell's state moved in the update that led to this step, [X, Y, Z]; 0 at step 0."""
    states = observation.states_TXYZC
    return _norm(states[lattice_step][where] - states[max(lattice_step - 1, 0)][where])


def message(observation: Observation, lattice_step: int, where: Where = ...) -> Field:
    """Return how far each cell's state differs from its mean over samples, [X, Y, Z]; only where that was recorded."""
    return _norm(_from_mean(observation, lattice_step, where))


def message_channel(observation: Observation, lattice_step: int, index: int, where: Where = ...) -> Field:
    """Return by how much one number of each cell's state differs from its mean over samples, signed, [X, Y, Z]."""
    difference: Field = _from_mean(observation, lattice_step, where)[..., index]
    return difference


def _from_mean(observation: Observation, lattice_step: int, where: Where) -> Field:
    """Return the states less their mean, 0 where they differ by no more than the rounding of single precision."""
    assert observation.mean_TXYZC is not None
    mean = observation.mean_TXYZC[lattice_step][where]
    difference: Field = observation.states_TXYZC[lattice_step][where] - mean
    rounding = _ROUNDINGS * np.finfo(np.float32).eps * np.abs(mean).max(axis=-1, keepdims=True)
    difference[np.abs(difference) <= rounding] = 0
    return difference


def trace(observation: Observation, name: str, lattice_step: int, where: Where = ...) -> Field:
    """Return what the cell rule reported under a name of the update that led to this step, [X, Y, Z, k].

    At step 0 it is that of the first update.
    """
    values: Field = observation.trace[name][max(lattice_step, 1) - 1][where]
    return values


def skin(observation: Observation, index: int, where: Where = ...) -> Field:
    """Return one of the mapper's scalars, signed, [X, Y, Z]; NaN on cells that are no input cell."""
    values: Field = observation.skin_XYZm[..., index][where]
    return values


def signal(observation: Observation, lattice_step: int, where: Where = ...) -> Field:
    """Return the norm of the loss gradient at each state, [X, Y, Z]; only where it was recorded."""
    assert observation.signal_TXYZ is not None
    values: Field = observation.signal_TXYZ[lattice_step][where]
    return values


def _norm(states: Field) -> Field:
    return np.sqrt(np.asarray(np.einsum("...c,...c->...", states, states)))


@lru_cache(maxsize=8)
def sample_cells(cells: int, steps: int) -> NDArray[np.intp]:
    """Return cells to estimate ranges and colours' axes from: all of a small lattice, a fixed choice of a large one."""
    wanted = max(256, _SAMPLED_VALUES // steps)
    if cells <= wanted:
        return np.arange(cells)
    return np.sort(np.random.default_rng(0).integers(0, cells, wanted))


def sampled_states(observation: Observation) -> Field:
    """Return the states of the sampled cells at all steps, [T+1, M, C]."""
    states = observation.states_TXYZC
    flat = states.reshape(states.shape[0], -1, states.shape[-1])
    return flat[:, sample_cells(flat.shape[1], flat.shape[0])]


def sampled(observation: Observation) -> tuple[range, Cells]:
    """Return the lattice steps and the cells that ranges are estimated from: all steps, the same cells in each."""
    steps = observation.states_TXYZC.shape[0]
    x, y, z = np.unravel_index(sample_cells(math.prod(observation.dimensions), steps), observation.dimensions)
    return range(steps), (x, y, z)
