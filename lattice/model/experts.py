"""The three experts of a cell, one per tier.

Shapes: R = N*B rows (cells times batch), C state size, H hidden width, F fields that a tier averages, M message.
Every expert owns the rows of one fused projection of the compressed state, names the fields that its tier
must average, turns the averages into a message, and answers with a change of the state.

Inside, channels come first: `[H, R]`. A channel is then one contiguous run of memory, so that a slice of the projection
is free and elementwise work on a few channels is vectorised; channels-last, a softplus of four channels took 13 times
as long on the processors measured. The change comes back as `[R, C]`, because that is how a product delivers it anyway.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FlowMethod = Literal["euler", "rk4"]

Parts = tuple[Tensor, ...]
"""The expert's own split of the fused projection, each [size, R]."""


class Expert(nn.Module, ABC):
    """One expert: a projection of the own state, a message from its tier, a change of the state."""

    projection: nn.Linear
    """Maps the own state, see `fused`."""
    sizes: tuple[int, ...]
    """Widths of the parts that those rows are split into."""
    message_size: int
    """Width of the message, also seen by the gate."""

    def fused(self) -> tuple[Tensor, Tensor]:
        """Return weight [P, C] and bias [P] of this expert's share of the fused projection: P is the sum of `sizes`."""
        rows = sum(self.sizes)
        return self.projection.weight[:rows], self.projection.bias[:rows]

    @abstractmethod
    def fields(self, parts: Parts) -> Tensor:
        """Return what the tier averages, [F, R]."""

    def message(self, parts: Parts, means_FR: Tensor) -> Tensor:
        """Turn tier means into the message, [M, R]."""
        return means_FR

    @abstractmethod
    def delta(self, parts: Parts, message_MR: Tensor, own_RC: Tensor) -> Tensor:
        """Return the change of the state, [R, C]; `own_RC` is what was projected."""


class LocalExpert(Expert):
    """Linear in the own state and the tier mean. Parts: what is sent."""

    def __init__(self, state_size: int, message_channels: int) -> None:
        """Create the maps; `message_channels` are averaged."""
        super().__init__()
        self.message_size = message_channels
        self.sizes = (message_channels,)
        # What is sent, then what is kept.
        self.projection = nn.Linear(state_size, message_channels + state_size)
        self.receive = nn.Linear(message_channels, state_size, bias=False)

    def fields(self, parts: Parts) -> Tensor:
        """See `Expert.fields`."""
        return parts[0]

    def delta(self, parts: Parts, message_MR: Tensor, own_RC: Tensor) -> Tensor:
        """See `Expert.delta`."""
        # The part that is kept is wanted as [R, C]: a product of its own is cheaper than turning it.
        keep = slice(self.message_size, None)
        kept_RC = torch.addmm(self.projection.bias[keep], own_RC, self.projection.weight[keep].t())
        return torch.addmm(kept_RC, message_MR.t(), self.receive.weight.t())


class FunctionalExpert(Expert):
    """A mean of differences weighted by similarity, then an MLP. Parts: query, key, hidden, value, then the sink.

    The weight of neighbour j for cell i is `w_ij = phi(q_i) . phi(k_j)` with `phi = softplus`. It factorises, so the
    message needs tier means of the products `phi(k_j) (x) v_j` and of `phi(k_j)` only: linear attention
    (Katharopoulos et al. 2020) restricted to the tier's shell. The message is

        m_i = sum_j w_ij (v_j - v_i) / (sum_j w_ij + SINK):

    nothing where no neighbour matches, nothing where all agree. The sink is a key that every cell matches and that
    holds the cell's own value, as attention sinks do (Xiao et al. 2024). Where only the neighbour upstream matches,
    this is the first-order upwind scheme of an advection equation (Courant, Isaacson & Rees 1952), which carries what
    is painted on a face through the volume and leaves the face itself as it is; on graphs: Eliasof et al. 2023.

    Query and key also get what the classes of cells add, see `geometry.lattice_codes` and `lattice.tiers.flow`.
    """

    SINK = 4.0
    """Weight of the sink, against the sum of the neighbours' weights."""

    def __init__(
        self, state_size: int, similarity_channels: int, value_channels: int, hidden: int, classes: int
    ) -> None:
        """Create the maps; the tier averages `similarity_channels * (value_channels + 1)` fields.

        `classes` are those that cells are told apart by.
        """
        super().__init__()
        self.message_size = value_channels
        self.sizes = (similarity_channels, similarity_channels, hidden, value_channels)
        self.projection = nn.Linear(state_size, 2 * similarity_channels + hidden)
        # A bias of the values would cancel in their differences.
        self.value = nn.Linear(state_size, value_channels, bias=False)
        self.query_code = nn.Linear(classes, similarity_channels, bias=False)
        self.key_code = nn.Linear(classes, similarity_channels, bias=False)
        self.receive = nn.Linear(value_channels, hidden, bias=False)
        self.out = nn.Linear(hidden, state_size)
        nn.init.zeros_(self.query_code.weight)
        nn.init.zeros_(self.key_code.weight)

    def fused(self) -> tuple[Tensor, Tensor]:
        """See `Expert.fused`."""
        weight_PC = torch.cat([self.projection.weight, self.value.weight])
        return weight_PC, F.pad(self.projection.bias, (0, self.message_size))

    def class_codes(self, upstream_N: Tensor, own_N: Tensor) -> tuple[Tensor, Tensor]:
        """Return what the class upstream of each cell adds to its query, and its own to its key, each [S, N, 1].

        As products, because picking columns has a gradient that adds up in no certain order on a graphics card.
        """
        classes_K1 = torch.arange(self.key_code.in_features, device=own_N.device).unsqueeze(1)
        query_SK, key_SK = self.query_code.weight, self.key_code.weight
        query_SN = query_SK @ (classes_K1 == upstream_N).to(query_SK)
        key_SN = key_SK @ (classes_K1 == own_N).to(key_SK)
        return query_SN.unsqueeze(2), key_SN.unsqueeze(2)

    def placed(self, parts: Parts, query_SN1: Tensor, key_SN1: Tensor, sink_N1: Tensor, batch: int) -> Parts:
        """Return the parts with what the classes of the cells add to query and key, and with the sink, [R].

        Args:
            parts: split of the projection.
            query_SN1: see `class_codes`.
            key_SN1: likewise.
            sink_N1: weight of the sink as a share of the number of neighbours, since tiers give means.
            batch: samples.
        """
        query_SR, key_SR, hidden_HR, value_VR = parts
        return (
            (query_SR.unflatten(1, (-1, batch)) + query_SN1.to(query_SR.dtype)).flatten(1),
            (key_SR.unflatten(1, (-1, batch)) + key_SN1.to(key_SR.dtype)).flatten(1),
            hidden_HR,
            value_VR,
            sink_N1.expand(-1, batch).flatten(),
        )

    def fields(self, parts: Parts) -> Tensor:
        """See `Expert.fields`: the products phi(k) v, then phi(k) itself."""
        key_SR, value_VR = parts[1], parts[3]
        similarity_SR = F.softplus(key_SR)
        products_SVR = similarity_SR.unsqueeze(1) * value_VR
        return torch.cat([products_SVR.flatten(0, 1), similarity_SR])

    def message(self, parts: Parts, means_FR: Tensor) -> Tensor:
        """Return the similarity-weighted mean of the neighbours' differences to the cell, [value_channels, R]."""
        query_SR = F.softplus(parts[0])
        size = len(query_SR)
        products_FR, similarity_SR = means_FR.split([size * self.message_size, size])
        weighted_VR = (query_SR.unsqueeze(1) * products_FR.unflatten(0, (size, -1))).sum(0)
        weight_R = (query_SR * similarity_SR).sum(0)
        message: Tensor = (weighted_VR - parts[3] * weight_R) / (weight_R + parts[4])
        return message

    def delta(self, parts: Parts, message_MR: Tensor, own_RC: Tensor) -> Tensor:
        """See `Expert.delta`."""
        hidden_HR = F.silu(parts[2] + self.receive.weight @ message_MR)
        return torch.addmm(self.out.bias, hidden_HR.t(), self.out.weight.t())


class DistantExpert(Expert):
    """A small neural ODE (Chen et al. 2018) conditioned on the tier mean. Parts: what is sent, drive.

    `dz/dt = W_out (sigmoid(W z + message + b) - 1/2)` from the compressed state, over unit time in a fixed number
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

    def delta(self, parts: Parts, message_MR: Tensor, own_RC: Tensor) -> Tensor:
        """See `Expert.delta`."""
        drive_HR = parts[1] + self.receive.weight @ message_MR
        weight = self.projection.weight[self.message_size :]
        return integrate(drive_HR, weight, self.out.weight, method=self.method, substeps=self.substeps)


def integrate(drive_HR: Tensor, weight: Tensor, out_weight: Tensor, *, method: FlowMethod, substeps: int) -> Tensor:
    """Integrate `dz/dt = out_weight (sigmoid(drive + weight (z - z0)) - 1/2)` over unit time; return `z(1) - z0`.

    Args:
        drive_HR: [H, R] pre-activation at z0, tier message and bias included.
        weight: [H, C].
        out_weight: [C, H].
        method: `euler` or `rk4` (classical fourth-order Runge-Kutta).
        substeps: equal sub-steps, at least 1.

    Returns:
        The change, [R, C].
    """
    if substeps < 1:
        raise ValueError(f"the flow needs at least one sub-step, got {substeps}")
    # The sub-step's length is part of the weights: scaling them is cheaper than scaling every slope.
    step_weight = out_weight.t() / substeps
    centre = -0.5 * step_weight.sum(0)

    def change(moved_RC: Tensor | None) -> Tensor:
        """Return the slope at `z0 + moved`, times the length of a sub-step."""
        pre_HR = drive_HR if moved_RC is None else torch.addmm(drive_HR, weight, moved_RC.t())
        return torch.addmm(centre, torch.sigmoid(pre_HR).t(), step_weight)

    moved: Tensor | None = None
    for _ in range(substeps):
        step = change(moved)
        if method == "rk4":
            start = torch.zeros_like(step) if moved is None else moved
            second = change(start + 0.5 * step)
            third = change(start + 0.5 * second)
            fourth = change(start + third)
            step = (step + 2.0 * (second + third) + fourth) / 6.0
        moved = step if moved is None else moved + step
    assert moved is not None
    return moved
