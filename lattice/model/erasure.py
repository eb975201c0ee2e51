"""Erased cells: which of them hold the state zero at every lattice step, to see or to train what the cube does then.

An erased cell is not taken out of the lattice: its neighbours still count it, and hear what a cell in the state zero
sends. That is what a cell that broke down looks like to the others, and it needs no tiers of its own.

Interior cells lie inside the skin. The cells between are all that are neither painted nor read: the same where the
whole skin is painted, and with the skin between the two faces where a flow crosses the cube.

Shapes: N cells, E cells that may be erased, B batch, C state size.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lattice.config.training import DAMAGED_CELLS, DamagedCells
from lattice.geometry import Dimensions, cell_coordinates
from lattice.seeding import mixed_seed
from lattice.units import plural

_SALT = 0xDA3A6E
"""Keeps the draws of erased cells apart from those of noise and of rules."""


def cells_between(cells: int, inputs_S: Tensor, outputs_O: Tensor) -> Tensor:
    """Return the cells that are neither painted nor read, int64 [E]: those that may only carry and compute."""
    inside_N = torch.ones(cells, dtype=torch.bool, device=inputs_S.device)
    inside_N[inputs_S] = False
    inside_N[outputs_O] = False
    return inside_N.nonzero().squeeze(1)


def erased_count(share: float, erasable: int) -> int:
    """Return how many of `erasable` cells a share from 0 to 1 is, rounded to the nearest whole number."""
    return int(share * erasable + 0.5)


def idle_damage(share: float, erasable: int, kind: DamagedCells, between: int) -> str:
    """Return why a share above 0 erases none of `erasable` cells, in words; empty if it erases some, or is 0.

    `between` is the number of cells that are neither painted nor read: offered where some of those would be erased.
    """
    if share == 0.0 or erased_count(share, erasable):
        return ""
    way_out = ", or damaged_cells=between" if kind == "interior" and erased_count(share, between) else ""
    return (
        f"A damage of {share:g} erases no cell: {plural(erasable, 'cell')} of this cube {DAMAGED_CELLS[kind]}; "
        f"choose a larger share or a larger cube{way_out}"
    )


def draw_erased(erasable_E: Tensor, count: int, seed: int, counter: int) -> Tensor:
    """Return `count` different cells of those that may be erased, int64 [count]: a function of seed and counter alone.

    Nothing is read back from the device, and no other generator is touched.
    """
    device = erasable_E.device
    generator = torch.Generator(device=device).manual_seed(mixed_seed(seed ^ _SALT, counter))
    order_E = torch.randperm(len(erasable_E), generator=generator, device=device)
    return erasable_E[order_E[:count]]


def layer_cells(erasable_E: Tensor, dimensions: Dimensions, axis: int, layer: int) -> Tensor:
    """Return those cells that lie in one layer across `axis` (0 to 2 for x, y, z), int64."""
    coordinates_N3 = cell_coordinates(dimensions).to(erasable_E.device)
    return erasable_E[coordinates_N3[erasable_E, axis] == layer]


def without(state_NBC: Tensor, erased_N: Tensor | None) -> Tensor:
    """Return the states with those of erased cells at zero; `erased_N` is bool [N], None erases nothing.

    Zeros are filled in, not multiplied: an erased cell stays at zero even if its state was not finite.
    """
    return state_NBC if erased_N is None else state_NBC.masked_fill(erased_N.view(-1, 1, 1), 0.0)
