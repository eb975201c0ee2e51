"""The cell rule `diffusion`: linear, and short enough to learn from how a rule is written.

Shapes: N cells, B batch, C state size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lattice.config.rules import DiffusionSettings
from lattice.model.rules.base import CellRule, CellShape, Hear, RolloutContext, Trace
from lattice.tiers.shells import TIERS


class DiffusionRule(CellRule):
    """Every channel moves toward its tier means: `s' = s + update_scale * sum_t rate_t * (mean_t - s)`."""

    settings_class = DiffusionSettings

    def __init__(self, cell: CellShape, settings: DiffusionSettings) -> None:
        """Create the rates, one per tier and channel."""
        super().__init__(cell, settings)
        self.rates = nn.ParameterDict(
            {tier: nn.Parameter(torch.full((cell.state_size,), settings.start_rate)) for tier in TIERS}
        )

    def forward(self, state_NBC: Tensor, hear: Hear, context: RolloutContext) -> tuple[Tensor, Trace]:
        """See `CellRule.forward`; the trace is empty."""
        next_NBC = state_NBC
        for tier in context.live_tiers:
            next_NBC = next_NBC + context.update_scale * self.rates[tier] * (hear(tier, state_NBC) - state_NBC)
        return next_NBC, {}
