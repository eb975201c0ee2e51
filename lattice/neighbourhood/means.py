"""`TierMeans`: the mean of each cell's neighbours per tier, differentiable, whatever engine computes it.

With S the symmetric neighbour matrix of a tier and D the diagonal of neighbour counts, the mean of fields x is
D^-1 S x and its gradient S D^-1 g. Cells without neighbours get 0 in both directions.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from lattice.config.lattice import EngineName
from lattice.geometry import Dimensions, flat_index, unflatten
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.choose import Fields, build_engine
from lattice.tiers.shells import TIERS, Thresholds, Tier, shell_offsets, tier_shells


class TierMeans:
    """Tier means of one lattice on one device. Holds no trained values and is never saved.

    Attributes:
        dimensions: cells along x, y and z.
        thresholds: outer distances of the three tiers, in cells.
        device: where fields must live.
        dtype: precision of the sums; half precision fields are converted to it and back.
        live_tiers: tiers in which at least two cells are neighbours.
        engine: name of the engine in use, or several joined by ' + '.
        reason: why it was chosen, one sentence.
        bytes: memory held by stencils, counts and shares.
    """

    def __init__(self, stencils: Stencils, engine: TierEngine, name: str, reason: str) -> None:
        """Wrap a built engine; use `build` instead."""
        device, dtype = engine.device, engine.dtype
        self.dimensions = stencils.dimensions
        self.thresholds = stencils.thresholds
        self.device = device
        self.dtype = dtype
        self.live_tiers: tuple[Tier, ...] = tuple(stencils.shells)
        self.engine = name
        self.reason = reason
        self._engine = engine
        self._cells = stencils.cells
        self.bytes = stencils.held_bytes(engine.bytes, dtype)
        self._counts = {tier: counts.to(device) for tier, counts in stencils.counts.items()}
        self._shares = {
            tier: (counts.to(dtype).clamp(min=1).reciprocal() * (counts > 0))[:, None]
            for tier, counts in self._counts.items()
        }

    @classmethod
    def build(
        cls,
        dimensions: Dimensions,
        thresholds: Thresholds,
        engine: EngineName = "auto",
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
        memory_limit_bytes: int | None = None,
        fields: Fields | None = None,
    ) -> TierMeans:
        """Build the stencils of a lattice.

        Args:
            dimensions: cells along x, y and z.
            thresholds: outer distances of the local, functional and distant tier, in cells.
            engine: `auto` picks one for each tier, by estimated or measured time and by memory.
            device: where the fields will live.
            dtype: float32 or float64.
            memory_limit_bytes: most memory for the stencils; half of what is free if None.
            fields: how many each tier will average at once, for `auto`.

        Raises:
            TierMemoryError: if the engine would need more than the limit.
            DeviceError: if the named engine can't work on the device.
        """
        if dtype not in (torch.float32, torch.float64):
            raise ValueError(f"tier means are computed in float32 or float64, got {dtype}")
        device = torch.device(device)
        stencils = Stencils.of(dimensions, thresholds)
        built, name, reason = build_engine(stencils, engine, device, dtype, memory_limit_bytes, fields)
        return cls(stencils, built, name, reason)

    def counts(self, tier: Tier) -> Tensor:
        """Return the number of neighbours of every cell in a tier, int32 [N]."""
        if tier in self._counts:
            return self._counts[tier]
        return torch.zeros(self._cells, dtype=torch.int32, device=self.device)

    def means(self, fields: Tensor, tier: Tier) -> Tensor:
        """Return the mean over each cell's neighbours in a tier, [N, F] -> [N, F]; zeros where there are none."""
        self._check(fields)
        return self.channel_means(fields[None], tier)[0]

    def channel_means(self, fields_FNB: Tensor, tier: Tier) -> Tensor:
        """Return the means of fields whose channels come first, [F, N, B] -> [F, N, B] contiguous."""
        if fields_FNB.ndim != 3 or fields_FNB.shape[1] != self._cells:
            raise ValueError(f"expected fields of shape [F, {self._cells}, B], got {list(fields_FNB.shape)}")
        self._check_precision(fields_FNB)
        if tier not in self._shares:
            return torch.zeros_like(fields_FNB)
        mean: Tensor = _TierMean.apply(fields_FNB, self, tier)  # type: ignore[no-untyped-call]
        return mean

    def means_all(self, fields: Tensor) -> dict[Tier, Tensor]:
        """Return the means of the same fields in all three tiers; engines share work between them."""
        self._check(fields)
        means: dict[Tier, Tensor] = {tier: torch.zeros_like(fields) for tier in TIERS if tier not in self._shares}
        if self.live_tiers:
            live = _AllTierMeans.apply(fields, self)  # type: ignore[no-untyped-call]
            means |= dict(zip(self.live_tiers, live, strict=True))
        return {tier: means[tier] for tier in TIERS}

    def neighbours(self, cell: int, tier: Tier) -> Tensor:
        """Return the numbers of one cell's neighbours in a tier, ascending, int64 [K] on the CPU."""
        if not 0 <= cell < self._cells:
            raise IndexError(f"cell {cell} is not one of the {self._cells} cells of this lattice")
        shell = tier_shells(self.thresholds)[tier]
        around = unflatten(torch.tensor(cell), self.dimensions) + shell_offsets(shell, self.dimensions)
        inside = ((around >= 0) & (around < torch.tensor(self.dimensions))).all(dim=1)
        return flat_index(around[inside], self.dimensions)

    def _check(self, fields: Tensor) -> None:
        if fields.ndim != 2 or fields.shape[0] != self._cells:
            raise ValueError(f"expected fields of shape [{self._cells}, F], got {list(fields.shape)}")
        self._check_precision(fields)

    def _check_precision(self, fields: Tensor) -> None:
        if fields.dtype == torch.float64 and self.dtype != torch.float64:
            raise TypeError("float64 fields need tier means that were built with dtype=torch.float64")


class _TierMean(torch.autograd.Function):
    """One tier's mean of fields with channels first, [F, N, B]."""

    @staticmethod
    def forward(ctx: Any, fields: Tensor, means: TierMeans, tier: Tier) -> Tensor:
        ctx.means, ctx.tier = means, tier
        with torch.autocast(fields.device.type, enabled=False):
            return means._engine.channel_mean(_dense(fields, means), tier, means._shares[tier]).to(fields.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        means, tier, (gradient,) = ctx.means, ctx.tier, gradients
        with torch.autocast(gradient.device.type, enabled=False):
            total = means._engine.channel_mean_adjoint(_dense(gradient, means), tier, means._shares[tier])
            return total.to(gradient.dtype), None, None


class _AllTierMeans(torch.autograd.Function):
    """The means of the same fields in all live tiers."""

    @staticmethod
    def forward(ctx: Any, fields: Tensor, means: TierMeans) -> tuple[Tensor, ...]:
        ctx.means = means
        with torch.autocast(fields.device.type, enabled=False):
            totals = means._engine.neighbour_sums(_dense(fields, means), means.live_tiers)
            return tuple(
                total.mul_(means._shares[tier]).to(fields.dtype)
                for tier, total in zip(means.live_tiers, totals, strict=True)
            )

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        means = ctx.means
        with torch.autocast(gradients[0].device.type, enabled=False):
            scaled = {
                tier: _dense(gradient, means) * means._shares[tier]
                for tier, gradient in zip(means.live_tiers, gradients, strict=True)
            }
            return means._engine.sum_over_tiers(scaled).to(gradients[0].dtype), None


def _dense(fields: Tensor, means: TierMeans) -> Tensor:
    return fields.to(means.dtype).contiguous()
