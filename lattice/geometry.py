"""Cells of a cubic or box-shaped lattice: numbering, faces, and features of their positions.

A lattice of `dimensions = (X, Y, Z)` has N = X*Y*Z cells; cell `(x, y, z)` has number `(x*Y + y)*Z + z`.
All functions are pure and return new CPU tensors.
"""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

import torch
from torch import Tensor

from lattice.config.model import FaceName

Dimensions: TypeAlias = tuple[int, int, int]
"""Cells along x, y and z."""

Axis: TypeAlias = Literal[0, 1, 2]
Side: TypeAlias = Literal[0, 1]

FACE_NAMES: tuple[FaceName, ...] = ("-x", "+x", "-y", "+y", "-z", "+z")


def cell_count(dimensions: Dimensions) -> int:
    """Return the number of cells N; raise ValueError unless every side has at least one cell."""
    if min(dimensions) < 1:
        raise ValueError(f"every side of a lattice needs at least one cell, got dimensions {tuple(dimensions)}")
    return math.prod(dimensions)


def cell_coordinates(dimensions: Dimensions) -> Tensor:
    """Return the integer coordinates of all cells in the order of their numbers, int64 [N, 3]."""
    return unflatten(torch.arange(cell_count(dimensions)), dimensions)


def flat_index(cell_xyz: Tensor, dimensions: Dimensions) -> Tensor:
    """Return the numbers of cells given as coordinates, int64 [..., 3] -> [...]; coordinates are not checked."""
    _, size_y, size_z = dimensions
    x, y, z = cell_xyz.unbind(-1)
    return (x * size_y + y) * size_z + z


def unflatten(cells: Tensor, dimensions: Dimensions) -> Tensor:
    """Return the coordinates of cells given as numbers, int64 [...] -> [..., 3]; the inverse of `flat_index`."""
    _, size_y, size_z = dimensions
    columns = cells // size_z
    return torch.stack((columns // size_y, columns % size_y, cells % size_z), dim=-1)


def surface_cells(dimensions: Dimensions) -> Tensor:
    """Return the numbers of the cells on any of the six faces, ascending, int64 [S]."""
    return _on_surface(dimensions).nonzero().squeeze(1)


def volume_cells(dimensions: Dimensions) -> Tensor:
    """Return the numbers of the cells on no face, ascending, int64 [N - S]; empty if a side is below 3."""
    return (~_on_surface(dimensions)).nonzero().squeeze(1)


def face_cells(dimensions: Dimensions, axis: Axis, side: Side) -> Tensor:
    """Return the numbers of the cells of one face, ascending, int64.

    Args:
        dimensions: cells along x, y and z.
        axis: axis that is normal to the face, 0 for x.
        side: 0 for the face at coordinate 0, 1 for the opposite one.
    """
    position = (dimensions[axis] - 1) * side
    return (cell_coordinates(dimensions)[:, axis] == position).nonzero().squeeze(1)


def face_of(name: FaceName) -> tuple[Axis, Side]:
    """Return the axis that is normal to a named face, and its side, as `face_cells` takes them."""
    axis: Axis = 0 if name[1] == "x" else 1 if name[1] == "y" else 2
    return axis, 0 if name[0] == "-" else 1


def face_distances(dimensions: Dimensions, name: FaceName) -> Tensor:
    """Return how many cells every cell lies from a named face, 0 on it, int64 [N]."""
    axis, side = face_of(name)
    position = cell_coordinates(dimensions)[:, axis]
    return dimensions[axis] - 1 - position if side else position


def normalized_coordinates(dimensions: Dimensions) -> Tensor:
    """Return all cells' coordinates scaled to [-1, 1] per axis, float32 [N, 3]; an axis of one cell gives 0."""
    spans = torch.tensor([max(side - 1, 1) for side in dimensions])
    centred = 2 * cell_coordinates(dimensions) - torch.tensor(dimensions) + 1
    return centred.to(torch.float32) / spans


def position_features(dimensions: Dimensions, frequencies: int) -> Tensor:
    """Return Fourier features of all cells' positions, float32 [N, 3 + 6*frequencies].

    The columns are the three normalised coordinates p, then for every octave k = 0, 1, ... the three
    sin(pi 2^k p) and the three cos(pi 2^k p) (Tancik et al. 2020, with powers of two).
    """
    position = normalized_coordinates(dimensions)
    columns = [position]
    for octave in range(frequencies):
        angle = position * (math.pi * 2.0**octave)
        columns += [angle.sin(), angle.cos()]
    return torch.cat(columns, dim=1)


def lattice_codes(cells_xyz: Tensor, weights: tuple[int, int, int], classes: int) -> Tensor:
    """Return the class of cells in a pattern that repeats through space, int64 [..., 3] -> [...], 0 to `classes` - 1.

    The class is `(weights . (x, y, z)) mod classes`: a linear colouring of the integer lattice, as in perfect Lee codes
    (Golomb & Welch 1970). Two cells' classes differ by an amount that follows from the offset between them alone, so a
    neighbour in a certain direction is known by its class wherever the cell lies and however large the lattice is;
    with weights (1, 2, 3) and 7 classes, all six face neighbours are. Coordinates may lie outside the lattice.
    """
    return (cells_xyz * torch.tensor(weights)).sum(-1) % classes


def _on_surface(dimensions: Dimensions) -> Tensor:
    coordinates = cell_coordinates(dimensions)
    last = torch.tensor(dimensions) - 1
    return ((coordinates == 0) | (coordinates == last)).any(dim=1)
