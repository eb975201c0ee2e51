"""A cell rule, Gray-Scott reaction-diffusion with learned rates, and a colour mode that shows where it reacts.

    python main.py --plugin examples/gray_scott.py --set model.rule=gray_scott

With `--headless --training-steps 150` it trains in the terminal, to a validation cosine of 0.88 on the bundled data
(0.85 without rollout).
"""

import torch
from torch import nn

from app.cube.color.modes import ColorMode, Parameter
from lattice.config import Settings, setting
from lattice.model.rules.base import CellRule
from lattice.tiers import TIERS


class GrayScottSettings(Settings):
    """Rates at which learning begins; every pair of substances then has its own."""

    feed: float = setting(0.04, title="Feed", description="Rate at which u is fed and both are washed out, at first.",
                          unit="per lattice step", cost="rebuild", gt=0.0, lt=1.0)  # fmt: skip
    kill: float = setting(0.06, title="Kill", description="Rate at which v decays besides, at first.",
                          unit="per lattice step", cost="rebuild", gt=0.0, lt=1.0)  # fmt: skip


class GrayScott(CellRule):
    """Pairs of substances u and v spread to the neighbours; v grows on u by u tanh(v)^2, which stays bounded."""

    settings_class = GrayScottSettings

    def __init__(self, cell, settings):
        """Create the rates. A state holds u - 1 in its first half and v in its second; an odd last channel stays."""
        super().__init__(cell, settings)
        self.pairs = cell.state_size // 2
        self.feed = nn.Parameter(torch.full((self.pairs,), settings.feed).logit())
        self.kill = nn.Parameter(torch.full((self.pairs,), settings.kill).logit())
        self.spread = nn.ParameterDict({tier: nn.Parameter(torch.full((2 * self.pairs,), -1.4)) for tier in TIERS})

    def forward(self, state_NBC, hear, context):
        """Do one Euler step of du = D lap(u) - r + f (1 - u) and dv = D lap(v) + r - (f + k) v."""
        active_NBC, rest_NBC = state_NBC.split([2 * self.pairs, self.cell.state_size - 2 * self.pairs], -1)
        u, v = 1 + active_NBC[..., : self.pairs], active_NBC[..., self.pairs :]
        r, feed, kill = u * torch.tanh(v) ** 2, self.feed.sigmoid(), self.kill.sigmoid()
        change_NBC = torch.cat([feed * (1 - u) - r, r - (feed + kill) * v], -1)
        for tier in context.live_tiers:
            change_NBC = change_NBC + self.spread[tier].sigmoid() * (hear(tier, active_NBC) - active_NBC)
        return torch.cat([active_NBC + context.update_scale * change_NBC, rest_NBC], -1), {"u": u, "v": v, "r": r}


def setup(plugins):
    """Register the rule, and the reaction of one pair as a colour mode."""
    plugins.cell_rule("gray_scott", GrayScott)
    plugins.color_mode("reaction", ColorMode(
        "Reaction", "How fast v grows on u, for one pair of substances.", unit="per lattice step", needs=("trace.r",),
        measure=lambda seen, step, where, pair: seen.trace["r"][max(step, 1) - 1][where][..., pair],
        parameter=Parameter("channel", lambda seen: seen.trace["r"].shape[-1]), of_updates=True))  # fmt: skip
