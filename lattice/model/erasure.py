"""Erased cells: which of them hold the state zero at every lattice step, to see or to train what the cube does then.

An erased cell is not taken out of the lattice: its neighbours still count it, and hear what a cell in the state zero
sends. That is what a cell that broke down looks like to the others, and it needs no tiers of its own.

Shapes: N cells, I interior cells, B batch, C state size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.geometry import Dimensions, cell_coordinates
from lattice.seeding import mixed_seed

_SALT = 0xDA3A6E
"""Keeps the draws of erased cells apart from those of noise and of rules."""


def interior_cells(cells: int, inputs_S: Tensor, outputs_O: Tensor) -> Tensor:
    """Return the cells that are neither painted nor read, int64 [I]: those that may only carry and compute."""
    inside_N = torch.ones(cells, dtype=torch.bool, device=inputs_S.device)
    inside_N[inputs_S] = False
    inside_N[outputs_O] = False
    return inside_N.nonzero().squeeze(1)


def erased_count(share: float, interior: int) -> int:
    """Return how many of `interior` cells a share from 0 to 1 is, rounded to the nearest whole number."""
    return int(share * interior + 0.5)


def idle_damage(share: float, interior: int) -> str:
    """Return why a share above 0 erases none of `interior` cells, in words; empty if it erases some, or is 0."""
    if share == 0.0 or erased_count(share, interior):
        return ""
    return (
        f"A damage of {share:g} erases no cell: {interior} cells of this cube are neither painted nor read; "
        "choose a larger share or a larger cube"
    )


def draw_erased(interior_I: Tensor, count: int, seed: int, counter: int) -> Tensor:
    """Return `count` different interior cells, int64 [count], as a pure function of seed and counter.

    Nothing is read back from the device, and no other generator is touched.
    """
    device = interior_I.device
    generator = torch.Generator(device=device).manual_seed(mixed_seed(seed ^ _SALT, counter))
    order_I = torch.randperm(len(interior_I), generator=generator, device=device)
    return interior_I[order_I[:count]]


def layer_cells(interior_I: Tensor, dimensions: Dimensions, axis: int, layer: int) -> Tensor:
    """Return the interior cells of one layer across `axis` (0 to 2 for x, y, z), int64."""
    coordinates_N3 = cell_coordinates(dimensions).to(interior_I.device)
    return interior_I[coordinates_N3[interior_I, axis] == layer]


def without(state_NBC: Tensor, erased_N: Tensor | None) -> Tensor:
    """Return the states with those of erased cells at zero; `erased_N` is bool [N], None erases nothing.

    Zeros are filled in, not multiplied: an erased cell stays at zero even if its state was not finite.
    """
    return state_NBC if erased_N is None else state_NBC.masked_fill(erased_N.view(-1, 1, 1), 0.0)
