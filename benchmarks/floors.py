"""Floors: the least time that a computation can take, from rates that are measured on the same machine.

A floor is the larger of two times: bytes that must be moved over the bandwidth of a plain copy, and operations that
must be done over the rate of a large matrix product. Nothing real reaches both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from benchmarks.timing import best_seconds
from lattice.config import SimpleProjectConfig
from lattice.model.rules.build import fields_per_tier
from lattice.neighbourhood.base import Stencils
from lattice.tiers import Tier

COPY_BYTES = 1 << 28
PRODUCT_SIDE = 2048
_FLOAT = 4


@dataclass(frozen=True)
class Rates:
    """What a device can do, in float32."""

    bytes_per_second: float
    """Read plus written by a copy of `COPY_BYTES`."""
    operations_per_second: float
    """Multiplications and additions of a product of square matrices with `PRODUCT_SIDE` rows."""

    def as_text(self) -> str:
        """Return both rates in words."""
        return (
            f"copy {self.bytes_per_second / 1e9:,.1f} GB/s, "
            f"matrix product {self.operations_per_second / 1e9:,.0f} GFLOP/s"
        )


@dataclass(frozen=True)
class Floor:
    """What must be moved and computed at least."""

    bytes: float
    operations: float

    def milliseconds(self, rates: Rates) -> float:
        """Return the least time at given rates."""
        return 1e3 * max(self.bytes / rates.bytes_per_second, self.operations / rates.operations_per_second)


def measure_rates(device: torch.device, *, rounds: int = 5, processor_time: bool = False) -> Rates:
    """Measure both rates with the threads that torch has now."""
    source = torch.ones(COPY_BYTES // _FLOAT, device=device)
    target = torch.empty_like(source)
    left, right = torch.randn(2, PRODUCT_SIDE, PRODUCT_SIDE, device=device)
    best = best_seconds(
        {"copy": lambda: target.copy_(source), "product": lambda: torch.mm(left, right)},
        rounds=rounds,
        budget_seconds=2.0,
        device=device,
        processor_time=processor_time,
    )
    return Rates(2 * COPY_BYTES / best["copy"], 2 * PRODUCT_SIDE**3 / best["product"])


def tier_means_floor(stencils: Stencils, fields: int) -> Floor:
    """Return the floor of all tiers' means of the same fields, forward and backward.

    Bytes: every field is read once and every mean written once, and the same for their gradients. Operations: an
    addition per neighbour pair, or real transforms of the padded box (one there, one back per tier), whichever is less.
    """
    tiers = len(stencils.shells)
    points = math.prod(side + reach for side, reach in zip(stencils.dimensions, stencils.reaches, strict=True))
    transforms = (1 + tiers) * 2.5 * points * math.log2(max(points, 2))
    operations = min(sum(stencils.edges.values()), transforms)
    return Floor(2 * (1 + tiers) * _FLOAT * stencils.cells * fields, 2 * operations * fields)


def training_step_bytes(config: SimpleProjectConfig, live: tuple[Tier, ...], parameters: int) -> int:
    """Return the bytes that one training step must move if all that a cell does by itself were one fused kernel.

    Only what cells hear of each other must pass through memory. Per lattice step and cell, forward: the state is read
    and written, what a tier averages is written and read, its means are written and read. Backward: the same for
    gradients, and the state is read once more. The update reads and writes weights, gradients and two moments.
    """
    rows = config.lattice.cells * config.training_embedding.batch_size
    once_more = rows * config.model.state_size
    return 2 * forward_bytes(config, live) + _FLOAT * (config.lattice.lattice_steps * once_more + 7 * parameters)


def forward_bytes(config: SimpleProjectConfig, live: tuple[Tier, ...]) -> int:
    """Return the bytes that one forward pass must move, see `training_step_bytes`."""
    rows = config.lattice.cells * config.training_embedding.batch_size
    averaged = fields_per_tier(config)
    heard = config.lattice.cells * sum(averaged[tier].total for tier in live)
    return _FLOAT * config.lattice.lattice_steps * (2 * rows * config.model.state_size + 4 * heard)
