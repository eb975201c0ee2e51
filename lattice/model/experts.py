"""The three experts of a cell, one per tier.

Shapes: N cells, B batch, C state size, H hidden width, F fields that a tier averages, M message.
Every expert owns the rows of one fused projection of the normalised state, names the fields that its tier
must average, turns the averages into a message, and answers with a change of the state. The projection reaches
an expert already split into the parts that it asked for: slicing it later would cost a zero-filled gradient each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FlowMethod = Literal["euler", "rk4"]

Parts = tuple[Tensor, ...]
"""The expert's own split of the fused projection, each [N, B, size]."""


class Expert(nn.Module, ABC):
    """One expert: a projection of the own state, a message from its tier, a change of the state."""

    projection: nn.Linear
    """Rows of the fused projection, from C to the sum of `sizes`."""
    sizes: tuple[int, ...]
    """Widths of the parts that the projection is split into."""
    message_size: int
    """Width of the message, also seen by the gate."""

    @abstractmethod
    def fields(self, parts: Parts) -> Tensor:
        """Return what the tier averages, [N, B, F]."""

    def message(self, parts: Parts, means_NBF: Tensor) -> Tensor:
        """Turn tier means into the message, [N, B, M]."""
        return means_NBF

    @abstractmethod
    def delta(self, parts: Parts, message_NBM: Tensor) -> Tensor:
        """Return the change of the state, [N, B, C]."""


class LocalExpert(Expert):
    """Linear in the own state and the tier mean. Parts: what is sent, what is kept."""

    def __init__(self, state_size: int, message_channels: int) -> None:
        """Create the maps; `message_channels` are averaged."""
        super().__init__()
        self.message_size = message_channels
        self.sizes = (message_channels, state_size)
        self.projection = nn.Linear(state_size, sum(self.sizes))
        self.receive = nn.Linear(message_channels, state_size, bias=False)

    def fields(self, parts: Parts) -> Tensor:
        """See `Expert.fields`."""
        return parts[0]

    def delta(self, parts: Parts, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        change: Tensor = parts[1] + self.receive(message_NBM)
        return change


class FunctionalExpert(Expert):
    """Message passing weighted by similarity, then an MLP. Parts: query, key, value, hidden.

    The weight of neighbour j for cell i is `phi(q_i) . phi(k_j)` with `phi = softplus`. It factorises, so the
    weighted mean needs tier means of the products `phi(k_j) (x) v_j` and of `phi(k_j)` only: linear attention
    (Katharopoulos et al. 2020) restricted to the tier's shell.
    """

    def __init__(self, state_size: int, similarity_channels: int, value_channels: int, hidden: int) -> None:
        """Create the maps; the tier averages `similarity_channels * (value_channels + 1)` fields."""
        super().__init__()
        self.message_size = value_channels
        self.sizes = (similarity_channels, similarity_channels, value_channels, hidden)
        self.projection = nn.Linear(state_size, sum(self.sizes))
        self.receive = nn.Linear(value_channels, hidden, bias=False)
        self.out = nn.Linear(hidden, state_size)

    def fields(self, parts: Parts) -> Tensor:
        """See `Expert.fields`: phi(k) (x) (v, 1), flattened; the appended 1 averages phi(k) itself."""
        _, key, value, _ = parts
        products = F.softplus(key).unsqueeze(-1) * F.pad(value, (0, 1), value=1.0).unsqueeze(-2)
        return products.flatten(-2)

    def message(self, parts: Parts, means_NBF: Tensor) -> Tensor:
        """Return the similarity-weighted mean of the neighbours' values, [N, B, value_channels]."""
        query = F.softplus(parts[0])
        products = means_NBF.unflatten(-1, (query.shape[-1], -1))
        weighted, weight = (query.unsqueeze(-1) * products).sum(-2).split([self.message_size, 1], dim=-1)
        # A cell without neighbours has weight zero and hears nothing.
        heard: Tensor = weighted / weight.clamp_min(torch.finfo(weight.dtype).tiny ** 0.5)
        return heard

    def delta(self, parts: Parts, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        change: Tensor = self.out(F.silu(parts[3] + self.receive(message_NBM)))
        return change


class DistantExpert(Expert):
    """A small neural ODE (Chen et al. 2018) conditioned on the tier mean. Parts: what is sent, drive.

    `dz/dt = W_out (sigmoid(W z + message + b) - 1/2)` from the normalised state, over unit time in a fixed number
    of sub-steps; the change is `z(1) - z(0)`. The centred sigmoid is half a tanh of half its argument, at a sixth
    of the cost on the processors measured.
    """

    def __init__(self, state_size: int, message_channels: int, hidden: int) -> None:
        """Create the maps; integrator and sub-steps are set by `configure`."""
        super().__init__()
        self.message_size = message_channels
        self.sizes = (message_channels, hidden)
        # `W z(0) + b` is part of the fused projection; later sub-steps reuse the same weight.
        self.projection = nn.Linear(state_size, sum(self.sizes))
        self.receive = nn.Linear(message_channels, hidden, bias=False)
        self.out = nn.Linear(hidden, state_size, bias=False)
        self.method: FlowMethod = "euler"
        self.substeps = 2

    def configure(self, method: FlowMethod, substeps: int) -> None:
        """Choose the integrator; the weights stay."""
        self.method, self.substeps = method, substeps

    def fields(self, parts: Parts) -> Tensor:
        """See `Expert.fields`."""
        return parts[0]

    def delta(self, parts: Parts, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        drive = parts[1] + self.receive(message_NBM)
        weight = self.projection.weight[self.message_size :]
        return integrate(drive, weight, self.out.weight, method=self.method, substeps=self.substeps)


def integrate(drive: Tensor, weight: Tensor, out_weight: Tensor, *, method: FlowMethod, substeps: int) -> Tensor:
    """Integrate `dz/dt = out_weight (sigmoid(drive + weight (z - z0)) - 1/2)` over unit time; return `z(1) - z0`.

    Args:
        drive: [..., H] pre-activation at z0, tier message and bias included.
        weight: [H, C].
        out_weight: [C, H].
        method: `euler` or `rk4` (classical fourth-order Runge-Kutta).
        substeps: equal sub-steps, at least 1.
    """
    if substeps < 1:
        raise ValueError(f"the flow needs at least one sub-step, got {substeps}")
    dt = 1.0 / substeps
    centre = -0.5 * out_weight.sum(1)

    def flow(moved: Tensor | None) -> Tensor:
        pre = drive if moved is None else drive + F.linear(moved, weight)
        return F.linear(torch.sigmoid(pre), out_weight, centre)

    moved: Tensor | None = None
    for _ in range(substeps):
        slope = flow(moved)
        if method == "rk4":
            start = torch.zeros_like(slope) if moved is None else moved
            second = flow(start + 0.5 * dt * slope)
            third = flow(start + 0.5 * dt * second)
            fourth = flow(start + dt * third)
            slope = (slope + 2.0 * (second + third) + fourth) / 6.0
        moved = dt * slope if moved is None else moved + dt * slope
    assert moved is not None
    return moved
