"""Tier means by PyTorch Geometric: `MessagePassing` along an edge list, one message per edge."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.nn import MessagePassing

from benchmarks.peers import shell_edges
from lattice.neighbourhood.base import Stencils


class NeighbourMean(MessagePassing):
    """Every cell sends its fields along its edges; every cell takes the mean of what arrives."""

    def __init__(self) -> None:
        """Choose the aggregation."""
        super().__init__(aggr="mean")

    def forward(self, fields_NF: Tensor, edges_2E: Tensor) -> Tensor:
        """Return the means, [N, F]."""
        return self.propagate(edges_2E, x=fields_NF)

    def message(self, x_j: Tensor) -> Tensor:
        """Send the fields as they are."""
        return x_j


class Graph:
    """One edge list per live tier."""

    def __init__(self, stencils: Stencils, device: torch.device) -> None:
        """List all edges, from neighbour to cell."""
        self.edges = [
            shell_edges(stencils, shell).flip(0).contiguous().to(device) for shell in stencils.shells.values()
        ]
        self.mean = NeighbourMean()

    def tier(self, fields_NF: Tensor, index: int) -> Tensor:
        """Return the means of one live tier."""
        means: Tensor = self.mean(fields_NF, self.edges[index])
        return means

    def __call__(self, fields_NF: Tensor) -> tuple[Tensor, ...]:
        """Return the means of all live tiers."""
        return tuple(self.tier(fields_NF, index) for index in range(len(self.edges)))
