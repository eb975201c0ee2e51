"""The three experts of a cell, one per tier.

Shapes: N cells, B batch, C state size, P projected channels, F fields that a tier averages, M message.
Every expert owns the rows of one fused projection of the normalised state, names the fields that its tier
must average, turns the averages into a message, and answers with a change of the state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FlowMethod = Literal["euler", "rk4"]


class Expert(nn.Module, ABC):
    """One expert: a projection of the own state, a message from its tier, a change of the state."""

    projection: nn.Linear
    """Rows of the fused projection, C -> P."""
    message_size: int
    """Width of the message, also seen by the gate."""

    @abstractmethod
    def fields(self, projected_NBP: Tensor) -> Tensor:
        """Return what the tier averages, [N, B, F]."""

    def message(self, projected_NBP: Tensor, means_NBF: Tensor) -> Tensor:
        """Turn tier means into the message, [N, B, M]."""
        return means_NBF

    @abstractmethod
    def delta(self, state_NBC: Tensor, projected_NBP: Tensor, message_NBM: Tensor) -> Tensor:
        """Return the change of the state, [N, B, C]; `state_NBC` is the normalised one."""


class LocalExpert(Expert):
    """Linear in the own state and the tier mean."""

    def __init__(self, state_size: int, message_channels: int) -> None:
        """Create the maps; `message_channels` are averaged."""
        super().__init__()
        self.message_size = message_channels
        self.projection = nn.Linear(state_size, state_size + message_channels)
        self.receive = nn.Linear(message_channels, state_size, bias=False)

    def fields(self, projected_NBP: Tensor) -> Tensor:
        """See `Expert.fields`."""
        return projected_NBP[..., : self.message_size]

    def delta(self, state_NBC: Tensor, projected_NBP: Tensor, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        return projected_NBP[..., self.message_size :] + self.receive(message_NBM)


class FunctionalExpert(Expert):
    """Message passing weighted by similarity, then an MLP.

    The weight of neighbour j for cell i is `phi(q_i) . phi(k_j)` with `phi = softplus`. It factorises, so the
    weighted mean needs tier means of the products `phi(k_j) (x) v_j` and of `phi(k_j)` only: linear attention
    (Katharopoulos et al. 2020) restricted to the tier's shell.
    """

    def __init__(self, state_size: int, similarity_channels: int, value_channels: int, hidden: int) -> None:
        """Create the maps; the tier averages `similarity_channels * (value_channels + 1)` fields."""
        super().__init__()
        self.message_size = value_channels
        self.similarity_channels = similarity_channels
        self._sizes = [similarity_channels, similarity_channels, value_channels, hidden]
        self.projection = nn.Linear(state_size, sum(self._sizes))
        self.receive = nn.Linear(value_channels, hidden, bias=False)
        self.out = nn.Linear(hidden, state_size)

    def fields(self, projected_NBP: Tensor) -> Tensor:
        """See `Expert.fields`: phi(k) (x) v flattened, then phi(k)."""
        _, key, value, _ = projected_NBP.split(self._sizes, dim=-1)
        key = F.softplus(key)
        products = key.unsqueeze(-1) * value.unsqueeze(-2)
        return torch.cat([products.flatten(-2), key], dim=-1)

    def message(self, projected_NBP: Tensor, means_NBF: Tensor) -> Tensor:
        """Return the similarity-weighted mean of the neighbours' values, [N, B, value_channels]."""
        query = F.softplus(projected_NBP[..., : self.similarity_channels])
        products, key = means_NBF.split([self.similarity_channels * self.message_size, self.similarity_channels], dim=-1)
        weighted = (query.unsqueeze(-1) * products.unflatten(-1, (self.similarity_channels, -1))).sum(-2)
        weight = (query * key).sum(-1, keepdim=True)
        # A cell without neighbours has weight zero and hears nothing.
        return weighted / weight.clamp_min(torch.finfo(weight.dtype).tiny ** 0.5)

    def delta(self, state_NBC: Tensor, projected_NBP: Tensor, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        hidden = projected_NBP[..., -self._sizes[-1] :] + self.receive(message_NBM)
        change: Tensor = self.out(F.silu(hidden))
        return change


class DistantExpert(Expert):
    """A small neural ODE (Chen et al. 2018) conditioned on the tier mean.

    `dz/dt = W_out tanh(W z + message + b)` from the normalised state, over unit time in a fixed number of
    sub-steps; the change is `z(1) - z(0)`.
    """

    def __init__(self, state_size: int, message_channels: int, hidden: int) -> None:
        """Create the maps; integrator and sub-steps are set by `configure`."""
        super().__init__()
        self.message_size = message_channels
        # `W z(0) + b` is part of the fused projection; later sub-steps reuse the same weight.
        self.projection = nn.Linear(state_size, message_channels + hidden)
        self.receive = nn.Linear(message_channels, hidden, bias=False)
        self.out = nn.Linear(hidden, state_size, bias=False)
        self.method: FlowMethod = "euler"
        self.substeps = 2

    def configure(self, method: FlowMethod, substeps: int) -> None:
        """Choose the integrator; the weights stay."""
        self.method, self.substeps = method, substeps

    def fields(self, projected_NBP: Tensor) -> Tensor:
        """See `Expert.fields`."""
        return projected_NBP[..., : self.message_size]

    def delta(self, state_NBC: Tensor, projected_NBP: Tensor, message_NBM: Tensor) -> Tensor:
        """See `Expert.delta`."""
        drive = projected_NBP[..., self.message_size :] + self.receive(message_NBM)
        weight = self.projection.weight[self.message_size :]
        return integrate(drive, weight, self.out.weight, method=self.method, substeps=self.substeps)


def integrate(drive: Tensor, weight: Tensor, out_weight: Tensor, *, method: FlowMethod, substeps: int) -> Tensor:
    """Integrate `dz/dt = out_weight tanh(drive + weight (z - z0))` from z0 over unit time; return `z(1) - z0`.

    Args:
        drive: [..., H] pre-activation at z0, tier message and bias included.
        weight: [H, C].
        out_weight: [C, H].
        method: `euler` or `rk4` (classical fourth-order Runge-Kutta).
        substeps: equal sub-steps, at least 1.
    """
    dt = 1.0 / substeps

    def flow(moved: Tensor | None) -> Tensor:
        pre = drive if moved is None else drive + F.linear(moved, weight)
        return F.linear(torch.tanh(pre), out_weight)

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
    if moved is None:
        raise ValueError(f"the flow needs at least one sub-step, got {substeps}")
    return moved
