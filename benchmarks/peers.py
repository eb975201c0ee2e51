"""What tier means are compared with: gather/scatter along an edge list, and a dense 3D convolution.

PyTorch Geometric's way along the same edges is in `graph_peer.py`, because it needs an extra package. All return the
means of all live tiers, [N, F] each, and are differentiated by autograd.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from lattice.neighbourhood.base import Stencils
from lattice.tiers.shells import Shell, shell_offsets


class GatherScatter:
    """One row gathered and one row added per edge, as in graph libraries."""

    def __init__(self, stencils: Stencils, device: torch.device) -> None:
        """List all edges."""
        self.edges = [shell_edges(stencils, shell).to(device) for shell in stencils.shells.values()]
        self.weights = mean_weights(stencils, device)

    @staticmethod
    def bytes_needed(stencils: Stencils, fields: int) -> int:
        """Return the memory of one pass: gathered rows of the largest tier, forward and backward."""
        return 2 * 4 * fields * max(stencils.edges.values())

    def tier(self, fields_NF: Tensor, index: int) -> Tensor:
        """Return the means of one live tier."""
        cells, neighbours = self.edges[index]
        sums_NF = torch.zeros_like(fields_NF).index_add(0, cells, fields_NF.index_select(0, neighbours))
        return sums_NF * self.weights[index]

    def __call__(self, fields_NF: Tensor) -> tuple[Tensor, ...]:
        """Return the means of all live tiers."""
        return tuple(self.tier(fields_NF, index) for index in range(len(self.edges)))


class Convolution:
    """`conv3d` with one kernel of ones and zeros per tier; every field is a sample of one channel."""

    def __init__(self, stencils: Stencils, device: torch.device) -> None:
        """Draw the kernels in the smallest box that holds them."""
        self.sides, self.reaches = stencils.dimensions, stencils.reaches
        kernels = torch.zeros(len(stencils.shells), 1, *(2 * reach + 1 for reach in self.reaches))
        for kernel, shell in zip(kernels, stencils.shells.values(), strict=True):
            x, y, z = (shell_offsets(shell, self.sides) + torch.tensor(self.reaches)).unbind(1)
            kernel[0, x, y, z] = 1.0
        self.kernels = kernels.to(device)
        self.weights = mean_weights(stencils, device)

    def tier(self, fields_NF: Tensor, index: int) -> Tensor:
        """Return the means of one live tier."""
        samples = fields_NF.t().reshape(-1, 1, *self.sides)
        sums_F1XYZ = functional.conv3d(samples, self.kernels[index : index + 1], padding=self.reaches)
        return sums_F1XYZ.flatten(1).t() * self.weights[index]

    def __call__(self, fields_NF: Tensor) -> tuple[Tensor, ...]:
        """Return the means of all live tiers."""
        samples = fields_NF.t().reshape(-1, 1, *self.sides)
        sums_FTXYZ = functional.conv3d(samples, self.kernels, padding=self.reaches)
        sums_TNF = sums_FTXYZ.flatten(2).permute(1, 2, 0)
        return tuple(sums_NF * weights for sums_NF, weights in zip(sums_TNF, self.weights, strict=True))


def mean_weights(stencils: Stencils, device: torch.device) -> list[Tensor]:
    """Return one over the number of neighbours per live tier, float32 [N, 1]; 1 where there are none."""
    return [1.0 / counts.to(device, torch.float32).clamp(min=1)[:, None] for counts in stencils.counts.values()]


def shell_edges(stencils: Stencils, shell: Shell) -> Tensor:
    """Return (cell, neighbour) pairs of a shell, int64 [2, E], one slice of the numbered box per offset."""
    numbers = torch.arange(stencils.cells).view(stencils.dimensions)
    pairs = []
    for offset in shell_offsets(shell, stencils.dimensions).tolist():
        here = [slice(max(0, -step), side - max(0, step)) for step, side in zip(offset, numbers.shape, strict=True)]
        there = [slice(max(0, step), side + min(0, step)) for step, side in zip(offset, numbers.shape, strict=True)]
        pairs.append(torch.stack((numbers[tuple(here)].flatten(), numbers[tuple(there)].flatten())))
    return torch.cat(pairs, dim=1)
