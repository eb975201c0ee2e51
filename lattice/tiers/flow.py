"""The flow of a `through` cube: which neighbour each cell hears first, and what tells it from the others.

What is painted on the input face moves on by one cell per lattice step if every cell hears the one neighbour that lies
upstream. Between opposite faces that neighbour lies in the same direction everywhere. Between faces that meet in an
edge, the flow turns by 90 degrees at the diagonal plane through that edge, as light does at a mirror: no two paths
cross, and each input cell arrives at an output cell of its own where both faces are equally deep.

A cell can't tell its neighbours apart by their position features, which vary slowly. It tells them apart by a
repeating pattern of classes (`geometry.lattice_codes`), in which the neighbour upstream has a class of its own within
the shell of the functional tier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from lattice.config.lattice import LatticeSettings
from lattice.config.model import EmbeddingMappingSettings, FaceName
from lattice.config.project import SimpleProjectConfig
from lattice.geometry import Dimensions, cell_coordinates, face_distances, face_of, flat_index, lattice_codes
from lattice.tiers.live import live_tiers
from lattice.tiers.shells import Shell, shell_offsets, tier_shells

DEFAULT_CHANNELS = 4
"""Similarity channels of a cube without a flow, and the fewest of one with a flow."""
DEFAULT_VALUES = 6
"""Value channels of a cube without a flow, and the fewest of one with a flow."""
MOST_VALUES = 64
"""The most that the setting allows."""
MOST_CLASSES = 16
"""A pattern of more classes would need more similarity channels than the setting allows."""
_WIDEST = 4
"""Largest squared distance of a tier with a pattern: 32 neighbours need 12 classes, 56 at the next distance need 20."""

Offset = tuple[int, int, int]


class Pattern(NamedTuple):
    """Classes of cells, see `geometry.lattice_codes`."""

    weights: tuple[int, int, int]
    classes: int


SIX_NEIGHBOURS = Pattern((1, 2, 3), 7)
"""Tells the six face neighbours and the cell itself apart."""


def upstream_directions(mapping: EmbeddingMappingSettings) -> tuple[Offset, ...]:
    """Return the offsets at which cells hear upstream: one between opposite faces, two between adjacent ones."""
    into, out = face_of(mapping.input_face), face_of(mapping.output_face)
    first = _unit(into[0], -1 if into[1] == 0 else 1)
    if into[0] == out[0]:
        return (first,)
    return first, _unit(out[0], -1 if out[1] == 1 else 1)


def upstream_cells(dimensions: Dimensions, input_face: FaceName, output_face: FaceName) -> Tensor:
    """Return the coordinates of the neighbour that each cell hears, int64 [N, 3]; on the input face it lies outside."""
    mapping = EmbeddingMappingSettings(input_face=input_face, output_face=output_face)
    directions = torch.tensor(upstream_directions(mapping))
    if len(directions) == 1:
        return cell_coordinates(dimensions) + directions[0]
    turned = face_distances(dimensions, input_face) > face_distances(dimensions, output_face)
    return cell_coordinates(dimensions) + directions[turned.long()]


def arrivals(dimensions: Dimensions, input_face: FaceName, output_face: FaceName) -> tuple[Tensor, Tensor]:
    """Return where the flow that reaches a cell began, and how many cells it came.

    Returns:
        The number of the cell on the input face, -1 where the flow comes from nowhere, and the length of the way in
        cells, both int64 [N].
    """
    above = upstream_cells(dimensions, input_face, output_face)
    inside = ((above >= 0) & (above < torch.tensor(dimensions))).all(1)
    cells = torch.arange(len(above))
    parents = torch.where(inside, flat_index(above, dimensions), cells)
    origin, length = cells, torch.zeros_like(cells)
    for _ in range(sum(dimensions)):
        length = length + inside[origin]
        origin = parents[origin]
    on_input = face_distances(dimensions, input_face)[origin] == 0
    return torch.where(on_input, origin, -1), length


def longest_way(dimensions: Dimensions, mapping: EmbeddingMappingSettings) -> int:
    """Return the lattice steps, one per cell, that the flow takes to the last output cell that it reaches."""
    into, out = face_of(mapping.input_face)[0], face_of(mapping.output_face)[0]
    if into == out:
        return dimensions[into] - 1
    return 2 * (min(dimensions[into], dimensions[out]) - 1)


def flow_pattern(settings: LatticeSettings, mapping: EmbeddingMappingSettings) -> Pattern | None:
    """Return the smallest pattern in which the neighbour upstream has a class of its own within the functional tier.

    None where there is no such neighbour in the tier, or where the pattern would need more than `MOST_CLASSES`: then
    the flow blurs, because a cell hears neighbours beside the way as well.
    """
    shell = tier_shells(settings.get_distance_thresholds())["functional"]
    return _pattern(shell, upstream_directions(mapping))


def similarity_channels(config: SimpleProjectConfig) -> int:
    """Return the similarity channels of a run: the configured number, or as many as its flow needs."""
    if config.model.similarity_channels is not None:
        return config.model.similarity_channels
    mapping = config.embedding_mapping
    found = flow_pattern(config.lattice, mapping) if mapping.placement == "through" else None
    return max(DEFAULT_CHANNELS, found.classes if found else 0)


def painted_scalars(config: SimpleProjectConfig, width: int) -> int:
    """Return the scalars on each cell of a `through` cube's input face, for embeddings of `width` floats."""
    lattice, mapping = config.lattice, config.embedding_mapping
    face = lattice.cells // lattice.dimensions[face_of(mapping.input_face)[0]]
    return mapping.scalars_per_cell or math.ceil(width / face)


def value_channels(config: SimpleProjectConfig, width: int | None) -> int:
    """Return the value channels of a run: the configured number, or as many as carry what is painted on a face.

    Args:
        config: of the run.
        width: floats of an embedding; None where it isn't known, which counts as few.
    """
    model = config.model
    if model.value_channels is not None:
        return model.value_channels
    if width is None or config.embedding_mapping.placement != "through":
        return DEFAULT_VALUES
    return max(DEFAULT_VALUES, min(painted_scalars(config, width), model.state_size, MOST_VALUES))


@dataclass(frozen=True)
class CellCodes:
    """What tells cells apart, and how the functional tier uses it at the start."""

    own_N: Tensor
    """Class of every cell, int64 [N]."""
    upstream_N: Tensor
    """Class of the neighbour upstream, or the own class where there is no flow, int64 [N]."""
    pattern: Pattern
    similarity_channels: int
    through: bool
    """Whether everything must pass through the volume."""
    carries: bool
    """Whether the start singles out the neighbour upstream."""
    live: int
    """Tiers that hold neighbours, which share the change of a state."""


def cell_codes(config: SimpleProjectConfig) -> CellCodes:
    """Return the codes of the cells of a run."""
    dimensions, mapping = config.lattice.dimensions, config.embedding_mapping
    through, channels = mapping.placement == "through", similarity_channels(config)
    found = flow_pattern(config.lattice, mapping) if through else None
    pattern = found or SIX_NEIGHBOURS
    cells = cell_coordinates(dimensions)
    upstream = upstream_cells(dimensions, mapping.input_face, mapping.output_face) if through else cells
    return CellCodes(
        own_N=lattice_codes(cells, *pattern),
        upstream_N=lattice_codes(upstream, *pattern),
        pattern=pattern,
        similarity_channels=channels,
        through=through,
        carries=found is not None and found.classes <= channels,
        live=len(live_tiers(config.lattice)),
    )


def _unit(axis: int, sign: int) -> Offset:
    x, y, z = (sign * (axis == each) for each in range(3))
    return x, y, z


@lru_cache(maxsize=64)
def _pattern(shell: Shell, directions: tuple[Offset, ...]) -> Pattern | None:
    """Try all patterns, the smallest first; one weight divides the classes, since others only rename the classes."""
    offsets = shell_offsets(shell)
    if shell.inner > 0 or not 1 <= shell.outer <= _WIDEST:
        return None
    pairs = torch.cartesian_prod(torch.arange(MOST_CLASSES), torch.arange(MOST_CLASSES))
    for classes in range(2, MOST_CLASSES + 1):
        others = pairs[(pairs < classes).all(1)]
        for first in (0, *(divisor for divisor in range(1, classes) if classes % divisor == 0)):
            weights = torch.cat([torch.full((len(others), 1), first), others], dim=1)
            colours = (weights @ offsets.T) % classes
            alone = torch.ones(len(weights), dtype=torch.bool)
            for direction in directions:
                upstream = (weights @ torch.tensor(direction)) % classes
                alone &= (colours == upstream.unsqueeze(1)).sum(1) == 1
            if alone.any():
                x, y, z = weights[alone][0].tolist()
                return Pattern((x, y, z), classes)
    return None
