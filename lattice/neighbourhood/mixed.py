"""Another engine for every tier: near shells hold few neighbours, far ones many, and no engine is best at both."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.tiers.shells import Tier


class MixedEngine(TierEngine):
    """Hands each tier to the engine that was built for it."""

    name = "mixed"

    def __init__(self, engines: Mapping[Tier, TierEngine], device: torch.device, dtype: torch.dtype) -> None:
        """Take engines that are already built, each for its tier alone."""
        self.device, self.dtype = device, dtype
        self.bytes = sum(engine.bytes for engine in engines.values())
        self._engines = dict(engines)

    @staticmethod
    def bytes_needed(stencils: Stencils, dtype: torch.dtype) -> int:
        """Not known from the lattice alone; the engines inside know theirs."""
        raise NotImplementedError("a mixed engine needs what its engines need")

    @staticmethod
    def nanoseconds(stencils: Stencils) -> float:
        """Not known from the lattice alone; the engines inside know theirs."""
        raise NotImplementedError("a mixed engine takes as long as its engines take")

    def neighbour_sum(self, fields_NF: Tensor, tier: Tier) -> Tensor:
        """Return the sum over each cell's neighbours in a live tier, [N, F] -> [N, F]."""
        return self._engines[tier].neighbour_sum(fields_NF, tier)

    def channel_sum(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the same for fields whose channels come first, [F, N, B] -> [F, N, B] contiguous."""
        return self._engines[tier].channel_sum(fields_FNB, tier)

    def channel_mean(self, fields_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums times each cell's share."""
        return self._engines[tier].channel_mean(fields_FNB, tier, shares_N1)

    def channel_mean_adjoint(self, gradient_FNB: Tensor, tier: Tier, shares_N1: Tensor) -> Tensor:
        """Return the sums of what was multiplied by the shares before."""
        return self._engines[tier].channel_mean_adjoint(gradient_FNB, tier, shares_N1)
