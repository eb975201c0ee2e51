"""What every engine does: neighbour sums of one lattice.

Shapes: N cells, F fields (any number of independent values per cell).

The neighbour relation is symmetric, so the matrix S of a tier (1 where two cells are neighbours) is its own
transpose. An engine only ever multiplies by S; means and gradients follow from it, see `means.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from lattice.geometry import Dimensions, cell_count
from lattice.tiers.counts import edge_count, shell_counts
from lattice.tiers.shells import Shell, Thresholds, Tier, farthest_offsets, shell_octant, tier_shells


@dataclass(frozen=True)
class Stencils:
    """A lattice and its live tiers: those in which at least two cells are neighbours."""

    dimensions: Dimensions
    thresholds: tuple[float, float, float]
    shells: dict[Tier, Shell]

    @classmethod
    def of(cls, dimensions: Dimensions, thresholds: Thresholds) -> Stencils:
        """Collect the live tiers of a lattice."""
        x, y, z = dimensions
        local, functional, distant = thresholds
        shells = tier_shells(thresholds)
        live = {tier: shell for tier, shell in shells.items() if bool(shell_octant((x, y, z), shell).any())}
        return cls((x, y, z), (local, functional, distant), live)

    def only(self, tier: Tier) -> Stencils:
        """Return the same lattice with one live tier left."""
        return Stencils(self.dimensions, self.thresholds, {tier: self.shells[tier]})

    @property
    def cells(self) -> int:
        """Number of cells N."""
        return cell_count(self.dimensions)

    @cached_property
    def counts(self) -> dict[Tier, Tensor]:
        """Neighbours of every cell per live tier, int32 [N] on the CPU."""
        return {tier: shell_counts(self.dimensions, shell) for tier, shell in self.shells.items()}

    def held_bytes(self, engine_bytes: int, dtype: torch.dtype) -> int:
        """Return what tier means hold: an engine's stencils, and each cell's count (int32) and share per live tier."""
        return engine_bytes + len(self.shells) * self.cells * (torch.int32.itemsize + dtype.itemsize)

    @cached_property
    def reaches(self) -> tuple[int, int, int]:
        """Largest offset along x, y and z between any two neighbours of any tier, in cells."""
        farthest = [farthest_offsets(self.dimensions, shell) for shell in self.shells.values()]
        x, y, z = (max((reach[axis] for reach in farthest), default=0) for axis in range(3))
        return x, y, z

    @cached_property
    def edges(self) -> dict[Tier, int]:
        """Directed neighbour pairs per live tier."""
        return {tier: edge_count(self.dimensions, shell) for tier, shell in self.shells.items()}


class TierEngine(ABC):
    """Multiplies fields by the neighbour matrices of the live tiers of one lattice.

    Attributes:
        name: as in the settings.
        bytes: memory held by the stencils.
        device: where stencils and fields live.
        dtype: of the fields.
    """

    name: ClassVar[str]

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        """Note what every engine knows about itself; subclasses build their stencils."""
        self.device = device
        self.dtype = dtype
        self.bytes = self.bytes_needed(stencils, dtype)

    @staticmethod
    @abstractmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Return the memory that the stencils of a lattice take once they are built."""

    @staticmethod
    @abstractmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Return the estimated time of one neighbour sum of one field in every live tier, on one processor core."""

    @abstractmethod
    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours in a live tier, [N, F] -> [N, F]."""

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the same for fields whose channels come first, [F, N, B] -> [F, N, B] contiguous."""
        channels, cells, batch = fields_FNB.shape
        # With a batch of one the reshaped fields would be a view that jumps from row to row.
        total_NF = self.neighbour_sum(fields_FNB.transpose(0, 1).reshape(cells, -1).contiguous(), tier)
        return total_NF.view(cells, channels, batch).transpose(0, 1).contiguous()

    def channel_mean(self, fields_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums times each cell's share, which is one over its number of neighbours, [N, 1].

        Shares are the same tensor at every call, and its values never change: engines may keep what they make of it.
        """
        return self.channel_sum(fields_FNB, tier).mul_(shares_N1)

    def channel_mean_adjoint(self, gradient_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums of what was multiplied by the shares before: what gradients need."""
        return self.channel_sum(gradient_FNB * shares_N1, tier)

    def neighbour_sums(self, fields_NF: Tensor, tiers: tuple[Tier, ...]) -> tuple[Tensor, ...]:
        """Return the neighbour sums of the same fields in several live tiers."""
        return tuple(self.neighbour_sum(fields_NF, tier) for tier in tiers)

    def sum_over_tiers(self, fields: Mapping[Tier, Tensor]) -> Tensor:
        """Return the total of one neighbour sum per tier, each of its own fields: the adjoint of `neighbour_sums`."""
        (first, first_NF), *others = fields.items()
        total_NF = self.neighbour_sum(first_NF, first)
        for tier, fields_NF in others:
            total_NF += self.neighbour_sum(fields_NF, tier)
        return total_NF
