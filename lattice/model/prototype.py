"""The cell prototype: the one small network that every cell runs.

Shapes: N cells, B batch, R = N*B rows, C state size, K position features, P fused projection, L live experts,
M message, F fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from lattice.config import ModelSettings
from lattice.model import start
from lattice.model.compress import compress
from lattice.model.experts import DistantExpert, Expert, FunctionalExpert, LocalExpert, Parts
from lattice.neighbourhood import TierMeans
from lattice.tiers import TIERS, Tier
from lattice.tiers.flow import DEFAULT_VALUES, CellCodes

_BLOCK_ROWS = 8192
"""Rows (cells times batch) of a block: a projection of so many takes some megabytes."""
_MOST_ROWS = 1 << 15
"""Up to here a lattice is computed as a whole: joining blocks would cost as much as they save."""


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
    receive: dict[Tier, Tensor]
    """What a live tier's message adds to the live experts' gates, [L, M]."""
    position_N1C: Tensor
    """Learned map of the position features, added to the compressed state at every lattice step."""
    query_SN1: Tensor
    """What the class upstream of a cell adds to the functional expert's query."""
    key_SN1: Tensor
    """What a cell's own class adds to its key."""
    sink_N1: Tensor
    """Weight of the functional expert's sink, as a share of the number of neighbours."""


@dataclass(frozen=True)
class StepTrace:
    """What one lattice step leaves behind for losses and for the window."""

    gates_LNB: Tensor
    """Gate per live expert, sums to 1."""
    message_blocks: dict[Tier, tuple[Tensor, ...]]
    """Message per live tier, one [M, n, B] for each block of cells."""

    @property
    def messages(self) -> dict[Tier, Tensor]:
        """Message per live tier, [M, N, B]; joined on request, which training never does."""
        return {tier: _joined(blocks) for tier, blocks in self.message_blocks.items()}


@dataclass(frozen=True)
class _Block:
    """What the cells of one block know before they hear others."""

    state_RC: Tensor
    own_RC: Tensor
    """Compressed states with the position's map."""
    parts: dict[Tier, Parts]
    logits_LR: Tensor


@dataclass(frozen=True)
class _Heard:
    """What comes of a block of cells after they heard others."""

    next_RC: Tensor
    gates_LnB: Tensor
    messages: dict[Tier, Tensor]
    """Message per live tier, [M, n, B]."""


class CellPrototype(nn.Module):
    """Mixture of three experts and a gate, shared by all cells."""

    own_N: Tensor
    upstream_N: Tensor

    def __init__(self, settings: ModelSettings, position_size: int, codes: CellCodes) -> None:
        """Create the weights.

        Args:
            settings: widths.
            position_size: number of position features of a cell.
            codes: what tells cells apart, and what the functional expert starts by hearing.
        """
        super().__init__()
        size, values = settings.state_size, settings.value_channels or DEFAULT_VALUES
        # Geometry follows from the config, so checkpoints need not carry it.
        self.register_buffer("own_N", codes.own_N, persistent=False)
        self.register_buffer("upstream_N", codes.upstream_N, persistent=False)
        self.position = nn.Linear(position_size, size, bias=False)
        self.local = LocalExpert(size, settings.message_channels)
        self.functional = FunctionalExpert(
            size, codes.similarity_channels, values, settings.expert_hidden, codes.pattern.classes
        )
        self.distant = DistantExpert(size, settings.message_channels, settings.expert_hidden)
        self.gate = nn.Linear(size, len(TIERS))
        self.gate_receive = nn.ModuleDict(
            {tier: nn.Linear(self.expert(tier).message_size, len(TIERS), bias=False) for tier in TIERS}
        )
        start.start_quiet(self.local, self.distant, nn.ModuleList([self.position, self.gate, self.gate_receive]))
        # Even gates give each live tier an equal share: with this gain, a flow moves by a cell per lattice step.
        gain = max(codes.live, 1) / start.HEARD if codes.through else 0.5
        self.message_gain, self.sharing = gain / settings.update_scale, max(codes.live, 1)
        start.start_linear(self.functional, self.message_gain)
        if codes.carries:
            start.start_flow(self.functional, codes.pattern)
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
        weights, biases = zip(*(expert.fused() for expert in experts), strict=True) if experts else ((), ())
        query_SN1, key_SN1 = self.functional.class_codes(self.upstream_N, self.own_N)
        neighbours_N1 = tier_means.counts("functional").to(position_NK).clamp(min=1).unsqueeze(1)
        return Perception(
            live=live,
            weight_PC=torch.cat([*weights, _rows(self.gate.weight, rows)]),
            bias_P=torch.cat([*biases, _rows(self.gate.bias, rows)]),
            receive={tier: _rows(cast(nn.Linear, self.gate_receive[tier]).weight, rows) for tier in live},
            sizes=[*(size for expert in experts for size in expert.sizes), len(live)],
            position_N1C=self.position(position_NK).unsqueeze(1),
            query_SN1=query_SN1,
            key_SN1=key_SN1,
            sink_N1=FunctionalExpert.SINK / neighbours_N1,
        )

    def forward(self, state_NBC: Tensor, tier_means: TierMeans, perception: Perception) -> tuple[Tensor, StepTrace]:
        """Do one lattice step; return the next states and the trace."""
        live = perception.live
        cells, batch, _ = state_NBC.shape
        if not live:
            # No cell hears any other: nothing can be exchanged, so nothing changes.
            return state_NBC, StepTrace(state_NBC.new_zeros(0, cells, batch), {})
        lengths = block_lengths(cells, batch, state_NBC.device)
        blocks = [
            self._speak(*block, perception)
            for block in zip(
                _cut(state_NBC, lengths),
                _cut(perception.position_N1C, lengths),
                _cut(perception.query_SN1, lengths, dim=1),
                _cut(perception.key_SN1, lengths, dim=1),
                _cut(perception.sink_N1, lengths),
                strict=True,
            )
        ]
        means: list[dict[Tier, Tensor]] = [{} for _ in blocks]
        for tier in live:
            fields = [self.expert(tier).fields(block.parts[tier]).unflatten(1, (-1, batch)) for block in blocks]
            means_FNB = tier_means.channel_means(_joined(fields), tier)
            for own, mean_FnB in zip(means, _cut(means_FNB, lengths, dim=1), strict=True):
                own[tier] = mean_FnB.flatten(1)
        heard = [self._hear(block, mean, perception, batch) for block, mean in zip(blocks, means, strict=True)]
        next_RC = _joined([each.next_RC for each in heard], dim=0)
        messages = {tier: tuple(each.messages[tier] for each in heard) for tier in live}
        return next_RC.view_as(state_NBC), StepTrace(_joined([each.gates_LnB for each in heard]), messages)

    def _speak(
        self,
        state_nBC: Tensor,
        position_n1C: Tensor,
        query_Sn1: Tensor,
        key_Sn1: Tensor,
        sink_n1: Tensor,
        perception: Perception,
    ) -> _Block:
        """Project the states of a block of cells."""
        own_RC = (compress(state_nBC) + position_n1C).flatten(0, 1)
        pieces = torch.addmm(perception.bias_P.unsqueeze(1), perception.weight_PC, own_RC.t()).split(perception.sizes)
        remaining = iter(pieces)
        parts = {tier: tuple(next(remaining) for _ in self.expert(tier).sizes) for tier in perception.live}
        if "functional" in parts:
            placed = self.functional.placed(parts["functional"], query_Sn1, key_Sn1, sink_n1, state_nBC.shape[1])
            parts["functional"] = placed
        return _Block(state_nBC.flatten(0, 1), own_RC, parts, next(remaining))

    def _hear(self, block: _Block, means: dict[Tier, Tensor], perception: Perception, batch: int) -> _Heard:
        """Turn the tier means of a block of cells into its next states."""
        messages: dict[Tier, Tensor] = {}
        deltas = []
        logits_LR = block.logits_LR
        for tier in perception.live:
            expert, parts = self.expert(tier), block.parts[tier]
            message_MR = expert.message(parts, means[tier])
            messages[tier] = message_MR.unflatten(1, (-1, batch))
            deltas.append(expert.delta(parts, message_MR, block.own_RC))
            logits_LR = torch.addmm(logits_LR, perception.receive[tier], message_MR)
        gates_LR = logits_LR.softmax(dim=0)
        next_RC = block.state_RC
        for gate_R, delta_RC in zip(gates_LR, deltas, strict=True):
            next_RC = torch.addcmul(next_RC, gate_R.unsqueeze(1), delta_RC, value=self.update_scale)
        return _Heard(next_RC, gates_LR.unflatten(1, (-1, batch)), messages)


def block_lengths(cells: int, batch: int, device: torch.device) -> list[int]:
    """Return how many cells to compute at a time; on a processor few enough that what they need stays in its cache.

    Blocks are made a little unequal to a power of two: rows of memory that lie such a stride apart would share few
    places of the cache, and products of them took twice as long.
    """
    # An exported program computes any number of samples in one way.
    if torch.compiler.is_exporting() or device.type != "cpu" or cells * batch <= _MOST_ROWS:
        return [cells]
    length = max(1, _BLOCK_ROWS // batch + 1)
    full, rest = divmod(cells, length)
    return [length] * full + [rest] * (rest > 0)


def _rows(whole: Tensor, rows: Sequence[int]) -> Tensor:
    """Pick rows; a list as an index would be sent to the device first, for which the host waits."""
    return torch.cat([whole[row : row + 1] for row in rows]) if rows else whole[:0]


def _cut(whole: Tensor, lengths: list[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Cut into blocks of cells; a single block is no view, whose gradient would be copied."""
    return whole.split(lengths, dim) if len(lengths) > 1 else (whole,)


def _joined(blocks: Sequence[Tensor], dim: int = 1) -> Tensor:
    """Join blocks of cells along a dimension; a single one is not copied."""
    return blocks[0] if len(blocks) == 1 else torch.cat(tuple(blocks), dim=dim)
