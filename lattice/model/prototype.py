"""The cell prototype: the one small network that every cell runs.

Shapes: N cells, B batch, R = N*B rows, C state size, K position features, P fused projection, L live experts,
M message, F fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from lattice.config import ModelSettings
from lattice.model.experts import DistantExpert, Expert, FunctionalExpert, LocalExpert
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS, Tier


@dataclass(frozen=True)
class Perception:
    """What one rollout prepares once, because it stays the same at every lattice step."""

    live: tuple[Tier, ...]
    """Tiers that hold neighbours; the experts of the others are switched off."""
    weight_PC: Tensor
    """Fused projection of the live experts and their gates."""
    bias_P: Tensor
    sizes: list[int]
    """Widths of all parts of the live experts, then of the gate."""
    position_N1C: Tensor
    """Learned map of the position features, added to the normalised state at every lattice step."""


@dataclass(frozen=True)
class StepTrace:
    """What one lattice step leaves behind for losses and for the window."""

    gates_LNB: Tensor
    """Gate per live expert, sums to 1."""
    messages: dict[Tier, Tensor]
    """Message per live tier, [M, N, B]."""


class CellPrototype(nn.Module):
    """Mixture of three experts and a gate, shared by all cells."""

    def __init__(self, settings: ModelSettings, position_size: int) -> None:
        """Create the weights; `position_size` is the number of position features of a cell."""
        super().__init__()
        size = settings.state_size
        self.normalize = nn.LayerNorm(size)
        self.position = nn.Linear(position_size, size, bias=False)
        self.local = LocalExpert(size, settings.message_channels)
        self.functional = FunctionalExpert(
            size, settings.similarity_channels, settings.value_channels, settings.expert_hidden
        )
        self.distant = DistantExpert(size, settings.message_channels, settings.expert_hidden)
        self.gate = nn.Linear(size, len(TIERS))
        self.gate_receive = nn.ModuleDict(
            {tier: nn.Linear(self.expert(tier).message_size, len(TIERS), bias=False) for tier in TIERS}
        )
        self.update_scale = settings.update_scale
        self.configure(settings)

    def configure(self, settings: ModelSettings) -> None:
        """Take over the settings that act without new weights."""
        self.update_scale = settings.update_scale
        self.distant.configure(settings.flow_method, settings.flow_substeps)

    def expert(self, tier: Tier) -> Expert:
        """Return the expert of `tier`."""
        return cast(Expert, getattr(self, tier))

    def prepare(self, tier_means: TierMeans, position_NK: Tensor) -> Perception:
        """Gather what stays the same over a rollout."""
        live = tier_means.live_tiers
        rows = [TIERS.index(tier) for tier in live]
        experts = [self.expert(tier) for tier in live]
        weights = [expert.projection.weight for expert in experts] + [self.gate.weight[rows]]
        biases = [expert.projection.bias for expert in experts] + [self.gate.bias[rows]]
        return Perception(
            live=live,
            weight_PC=torch.cat(weights),
            bias_P=torch.cat(biases),
            sizes=[*(size for expert in experts for size in expert.sizes), len(live)],
            position_N1C=self.position(position_NK).unsqueeze(1),
        )

    def forward(self, state_NBC: Tensor, tier_means: TierMeans, perception: Perception) -> tuple[Tensor, StepTrace]:
        """Do one lattice step; return the next states and the trace."""
        live = perception.live
        cells, batch, _ = state_NBC.shape
        if not live:
            # No cell hears any other: nothing can be exchanged, so nothing changes.
            return state_NBC, StepTrace(state_NBC.new_zeros(0, cells, batch), {})
        own_RC = (self.normalize(state_NBC) + perception.position_N1C).flatten(0, 1)
        pieces = torch.addmm(perception.bias_P.unsqueeze(1), perception.weight_PC, own_RC.t()).split(perception.sizes)
        logits_LR = pieces[-1]
        rows = [TIERS.index(tier) for tier in live]
        messages: dict[Tier, Tensor] = {}
        deltas = []
        first = 0
        for tier in live:
            expert = self.expert(tier)
            parts = pieces[first : first + len(expert.sizes)]
            first += len(expert.sizes)
            fields_FNB = expert.fields(parts).unflatten(1, (cells, batch))
            means_FNB = tier_means.channel_means(fields_FNB, tier)
            message_MR = expert.message(parts, means_FNB.flatten(1))
            messages[tier] = message_MR.unflatten(1, (cells, batch))
            deltas.append(expert.delta(parts, message_MR))
            receive = cast(nn.Linear, self.gate_receive[tier])
            logits_LR = torch.addmm(logits_LR, receive.weight[rows], message_MR)
        gates_LR = logits_LR.softmax(dim=0)
        gates_LNB = gates_LR.unflatten(1, (cells, batch))
        next_RC = state_NBC.flatten(0, 1)
        for gate_R, delta_RC in zip(gates_LNB.flatten(1), deltas, strict=True):
            next_RC = torch.addcmul(next_RC, gate_R.unsqueeze(1), delta_RC, value=self.update_scale)
        return next_RC.view_as(state_NBC), StepTrace(gates_LNB, messages)
