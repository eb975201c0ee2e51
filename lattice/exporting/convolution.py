"""Tier means in operations that every runtime has, for programs that leave Cellcube.

Shapes: N cells, F fields, B batch, (X, Y, Z) the lattice, K neighbours of a cell, R reach of a tier in cells.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lattice.geometry import Dimensions
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.tiers.shells import Shell, Thresholds, Tier, shell_offsets


class ConvolutionMeans(TierMeans):
    """Tier means as zero-padded convolutions: a kernel per tier, which is as large as the tier reaches.

    The trained engines call compiled code, Fourier transforms or sparse matrices; a convolution is part of ONNX since
    its first version. The kernel's size does not depend on the number of cells.
    """

    @classmethod
    def of(cls, dimensions: Dimensions, thresholds: Thresholds) -> ConvolutionMeans:
        """Make the kernels of a lattice, on the processor, float32."""
        stencils = Stencils.of(dimensions, thresholds)
        engine = _ConvolutionEngine(stencils, torch.device("cpu"), torch.float32)
        return cls(stencils, engine, engine.name, "the program leaves Cellcube")

    def channel_means(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """See `TierMeans.channel_means`; without a backward pass, which an exported program does not have."""
        if tier not in self._shares:
            return torch.zeros_like(fields_FNB)
        return self._engine.channel_sum(fields_FNB, tier) * self._shares[tier]

    def means_all(self, fields: Tensor) -> dict[Tier, Tensor]:
        """See `TierMeans.means_all`."""
        return {tier: self.means(fields, tier) for tier in ("local", "functional", "distant")}


class _ConvolutionEngine(TierEngine):
    """Multiplies by the neighbour matrices with `conv3d`."""

    name = "convolution"

    def __init__(self, stencils: Stencils, device: torch.device, dtype: torch.dtype) -> None:
        super().__init__(stencils, device, dtype)
        self._dimensions = stencils.dimensions
        self._kernels = {
            tier: _kernel(shell, stencils.dimensions).to(device, dtype) for tier, shell in stencils.shells.items()
        }

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        return sum(dtype.itemsize * _kernel(shell, stencils.dimensions).numel() for shell in stencils.shells.values())

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        return float(sum(stencils.edges.values()))

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        return self.channel_sum(fields_NF.unsqueeze(2), tier).squeeze(2)

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        channels, cells, _ = fields_FNB.shape
        kernel = self._kernels[tier]
        planes_BFXYZ = fields_FNB.permute(2, 0, 1).reshape(-1, 1, *self._dimensions)
        sums = F.conv3d(planes_BFXYZ, kernel[None, None], padding=[side // 2 for side in kernel.shape])
        return sums.reshape(-1, channels, cells).permute(1, 2, 0)


def _kernel(shell: Shell, dimensions: Dimensions) -> Tensor:
    """Return ones at the offsets of a shell, [2Rx+1, 2Ry+1, 2Rz+1], zeros elsewhere."""
    offsets_K3 = shell_offsets(shell, dimensions)
    reach_3 = offsets_K3.abs().amax(0)
    kernel = torch.zeros([2 * int(reach) + 1 for reach in reach_3])
    kernel[tuple((offsets_K3 + reach_3).unbind(1))] = 1.0
    return kernel
