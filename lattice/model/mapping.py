"""Between embeddings and the cube: mapper, volume initialiser and extractor.

Shapes: N cells, B batch, C state size, D embedding width, S input cells, O output cells, m scalars per cell,
K position features.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lattice.config import EmbeddingMappingSettings
from lattice.geometry import face_cells, face_of, surface_cells
from lattice.model.start import fade
from lattice.tiers.flow import arrivals

PAINTED_SIZE = 0.5
"""Size of a painted scalar of size 1 in the state at the start: so small that compressing a state hardly bends it."""

READ_GAIN = 0.3
"""Size of a random read-out at the start, as a share of what answers with a unit embedding: the smaller, the less has
to be unlearned. At full size, linear maps alone keep 1.4 to 2.4 times the error after 400 training steps."""


def input_cells(dimensions: tuple[int, int, int], settings: EmbeddingMappingSettings) -> Tensor:
    """Return the cells that an embedding is painted on, int64 [S]."""
    if settings.placement == "surface":
        return surface_cells(dimensions)
    return face_cells(dimensions, *face_of(settings.input_face))


def output_cells(dimensions: tuple[int, int, int], settings: EmbeddingMappingSettings) -> Tensor:
    """Return the cells that an embedding is read from, int64 [O]."""
    if settings.placement == "surface":
        return surface_cells(dimensions)
    return face_cells(dimensions, *face_of(settings.output_face))


def arriving_cells(dimensions: tuple[int, int, int], settings: EmbeddingMappingSettings) -> Tensor:
    """Return for every output cell which input cell's paint arrives there, int64 [O]: its place in `input_cells`.

    -1 where none does. On the surface every cell keeps its own.
    """
    inputs, outputs = input_cells(dimensions, settings), output_cells(dimensions, settings)
    if settings.placement == "surface":
        return torch.arange(len(outputs))
    origins, _ = arrivals(dimensions, settings.input_face, settings.output_face)
    places = torch.full((len(origins) + 1,), -1)
    places[inputs] = torch.arange(len(inputs))
    return places[origins[outputs]]


def scalars_per_cell(width: int, cells: int, settings: EmbeddingMappingSettings) -> int:
    """Return m: the configured number, or `ceil(width / cells)` so that the skin is no bottleneck."""
    return settings.scalars_per_cell or math.ceil(width / cells)


class EmbeddingMapper(nn.Module):
    """Paint an embedding on the input cells: `u = W_in e`, then a shared lift and a position code."""

    def __init__(self, width: int, cells: int, scalars: int, state_size: int, position_size: int) -> None:
        """Create the maps; a unit embedding starts as scalars of variance about 1.

        `W_in` starts orthogonal, so that no direction of the embedding is fainter on the skin than another.
        """
        super().__init__()
        self.cells, self.scalars = cells, scalars
        self.project = nn.Linear(width, cells * scalars, bias=False)
        nn.init.orthogonal_(self.project.weight, gain=math.sqrt(max(1.0, cells * scalars / width)))
        self.gain = math.sqrt(width)
        self.lift = nn.Linear(scalars, state_size, bias=False)
        # Each scalar begins in a channel of its own, among the first ones, which are those that cells send.
        nn.init.eye_(self.lift.weight)
        with torch.no_grad():
            self.lift.weight *= PAINTED_SIZE
        self.position = nn.Linear(position_size, state_size)
        fade(*self.position.parameters())

    def scalars_of(self, embedding_BD: Tensor) -> Tensor:
        """Return the scalars painted on the skin, [B, S, m]."""
        painted: Tensor = self.project(embedding_BD) * self.gain
        scalars: Tensor = painted.unflatten(-1, (self.cells, self.scalars))
        return scalars

    def forward(self, embedding_BD: Tensor, position_SK: Tensor) -> Tensor:
        """Return the painted states of the input cells, [S, B, C]."""
        scalars_SBm = self.scalars_of(embedding_BD).transpose(0, 1)
        states: Tensor = self.lift(scalars_SBm) + self.position(position_SK).unsqueeze(1)
        return states


class VolumeStateInitializer(nn.Module):
    """States of all cells that nothing is painted on.

    `learned`: a map of the position plus, where the skin surrounds the volume, a map of the skin's mean state.
    With `hears_surface=False` the sample can't reach these cells before the first lattice step, which is what
    makes a `through` cube carry it.
    """

    def __init__(self, state_size: int, position_size: int, *, learned: bool, hears_surface: bool) -> None:
        """Create the maps; none for zeros."""
        super().__init__()
        self.state_size = state_size
        self.position = nn.Linear(position_size, state_size) if learned else None
        self.surface = nn.Linear(state_size, state_size, bias=False) if learned and hears_surface else None
        fade(*self.parameters())

    def forward(self, painted_SBC: Tensor, position_RK: Tensor) -> Tensor:
        """Return the states of the remaining cells, [R, B, C]."""
        batch = painted_SBC.shape[1]
        if self.position is None:
            return painted_SBC.new_zeros(position_RK.shape[0], batch, self.state_size)
        states: Tensor = self.position(position_RK).unsqueeze(1).expand(-1, batch, -1)
        if self.surface is not None:
            states = states + self.surface(painted_SBC.mean(0))
        return states


class EmbeddingExtractor(nn.Module):
    """Read an embedding from the output cells: a shared read-out per cell, then `e' = W_out u'`."""

    def __init__(self, width: int, cells: int, scalars: int, state_size: int) -> None:
        """Create the maps.

        The read-out is linear in the state: normalising it first would throw away how strongly a cell is painted,
        which costs a denoising cube more than the rollout wins.
        """
        super().__init__()
        self.read = nn.Linear(state_size, scalars)
        nn.init.eye_(self.read.weight)
        with torch.no_grad():
            self.read.weight /= PAINTED_SIZE
        nn.init.zeros_(self.read.bias)
        self.project = nn.Linear(cells * scalars, width)
        nn.init.orthogonal_(self.project.weight, gain=READ_GAIN)
        nn.init.zeros_(self.project.bias)
        # Components of a unit embedding are about this large.
        self.gain = 1.0 / math.sqrt(width)

    @torch.no_grad()
    def start_as_inverse(self, mapper: EmbeddingMapper, arriving_O: Tensor) -> None:
        """Start by undoing the mapper, by the pseudo-inverse of the scalars that arrive.

        A cube that carries what is painted then answers with its input before any training.

        Args:
            mapper: of the same student.
            arriving_O: which input cell's paint reaches each output cell, -1 for none, see `arriving_cells`.
        """
        outputs, scalars = len(arriving_O), self.read.out_features
        arrived_OmD = mapper.project.weight.new_zeros(outputs, scalars, self.project.out_features)
        shared, reached = min(scalars, mapper.scalars), arriving_O >= 0
        painted_SmD = mapper.project.weight.unflatten(0, (mapper.cells, mapper.scalars))
        arrived_OmD[reached, :shared] = painted_SmD[arriving_O[reached], :shared]
        # Mapper's and extractor's gains cancel.
        self.project.weight.copy_(torch.linalg.pinv(arrived_OmD.flatten(0, 1)))

    def scalars_of(self, states_OBC: Tensor) -> Tensor:
        """Return the scalars read from the output cells, [B, O, m]."""
        scalars: Tensor = self.read(states_OBC).transpose(0, 1)
        return scalars

    def forward(self, states_OBC: Tensor) -> Tensor:
        """Return the student's embedding, [B, D]."""
        embedding: Tensor = self.project(self.scalars_of(states_OBC).flatten(1)) * self.gain
        return embedding


def scatter_states(painted_SBC: Tensor, rest_RBC: Tensor, order_N: Tensor) -> Tensor:
    """Put painted and remaining states at their cells: [N, B, C], `order_N` indexes their concatenation."""
    return torch.cat([painted_SBC, rest_RBC]).index_select(0, order_N)
