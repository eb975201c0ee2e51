"""The cell rule `nca`: the classical neural cellular automaton (Mordvintsev et al. 2020) on the tiers.

Shapes: N cells, B batch, C state size, H hidden width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lattice.config.rules import NCASettings
from lattice.model.rules.base import CellRule, CellShape, Hear, RolloutContext, Trace
from lattice.tiers.shells import TIERS


class NCARule(CellRule):
    """Two layers on the own state and its differences to the tier means; cells fire at random.

    `s' = s + update_scale * fires * W_out relu(W s + sum_t W_t (mean_t - s) + b)`, where `fires` is 1 with the fire
    rate's probability and 0 otherwise, drawn for every cell, sample and lattice step. The differences stand for the
    Sobel filters of the original, which need a grid's axes. `W_out` starts at zero, so that a new automaton does
    nothing. There is no mask of living cells: all cells of a cube live.
    """

    settings_class = NCASettings
    stochastic = True

    def __init__(self, cell: CellShape, settings: NCASettings) -> None:
        """Create the weights."""
        super().__init__(cell, settings)
        self.own = nn.Linear(cell.state_size, settings.hidden)
        self.perceive = nn.ModuleDict({tier: nn.Linear(cell.state_size, settings.hidden, bias=False) for tier in TIERS})
        self.out = nn.Linear(settings.hidden, cell.state_size, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, state_NBC: Tensor, hear: Hear, context: RolloutContext) -> tuple[Tensor, Trace]:
        """See `CellRule.forward`; the trace holds `fired` (0 or 1) and `change` (norm of the change), [N, B, 1]."""
        hidden_NBH = self.own(state_NBC)
        for tier in context.live_tiers:
            hidden_NBH = hidden_NBH + self.perceive[tier](hear(tier, state_NBC) - state_NBC)
        change_NBC = context.update_scale * self.out(torch.relu(hidden_NBH))
        chance_NB1 = torch.rand(
            (*state_NBC.shape[:2], 1), generator=context.generator(), device=state_NBC.device, dtype=torch.float32
        )
        fired_NB1 = (chance_NB1 < self.settings.fire_rate).to(state_NBC.dtype)
        change_NBC = fired_NB1 * change_NBC
        norm_NB1 = change_NBC.detach().norm(dim=-1, keepdim=True)
        return state_NBC + change_NBC, {"fired": fired_NB1, "change": norm_NB1}
