"""The cell rule `experts`: one expert per tier and a gate, see `lattice.model.prototype`.

Shapes: N cells, B batch, C state size, L live experts, M message.
"""

from __future__ import annotations

from typing import Self, cast

from torch import Tensor, nn

from lattice.config import ModelSettings, SimpleProjectConfig
from lattice.log import logger
from lattice.model import thresholds
from lattice.model.prototype import CellPrototype, Perception
from lattice.model.rules.base import CellRule, CellShape, Hear, Kept, RecordingHear, RolloutContext, Trace
from lattice.tiers.flow import DEFAULT_VALUES, CellCodes, cell_codes
from lattice.tiers.shells import Tier


def sized(settings: ModelSettings, cell: CellShape) -> ModelSettings:
    """Return the settings with the value channels that were left to the run, and with experts that can carry them.

    Hidden units carry in pairs, see `lattice.model.start.start_linear`.
    """
    if settings.value_channels is not None:
        return settings
    # Narrower experts are the user's choice where nothing more than usual has to be carried.
    least = 2 * cell.value_channels if cell.value_channels > DEFAULT_VALUES else 0
    hidden = max(settings.expert_hidden, least)
    return settings.model_copy(update={"value_channels": cell.value_channels, "expert_hidden": hidden})


class ExpertsRule(CellRule, CellPrototype):
    """The cell prototype as a rule; its settings are the section `model`."""

    settings_class = ModelSettings
    version = 2

    def __init__(self, cell: CellShape, settings: ModelSettings, codes: CellCodes) -> None:
        """Create the weights; `codes` tell cells apart and say what they start by hearing."""
        CellPrototype.__init__(self, sized(settings, cell), cell.position_size, codes)
        self.cell = cell

    @classmethod
    def build(cls, cell: CellShape, settings: ModelSettings, config: SimpleProjectConfig) -> Self:
        """See `CellRule.build`."""
        return cls(cell, settings, cell_codes(config))

    def start_thresholds(self, channels: int, lattice_steps: int) -> int:
        """See `CellRule.start_thresholds`: on as many channels as the message leaves hidden units for."""
        count: int = min(channels, self.settings.state_size, thresholds.spare_units(self.functional))
        if count > 0:
            share = thresholds.growth_per_step(lattice_steps) * self.sharing / self.settings.update_scale
            thresholds.start_thresholds(self.functional, count, share, self.message_gain)
        return count

    def configure(self, settings: ModelSettings) -> None:
        """See `CellRule.configure`."""
        self.settings = settings
        CellPrototype.configure(self, settings)

    def begin(self, hear: Hear, context: RolloutContext) -> Perception:
        """Gather the weights of the live experts."""
        return self.prepare(hear.tier_means, context.position_NK)

    def forward(  # type: ignore[override]  # a rule's arguments in place of the prototype's
        self, state_NBC: Tensor, hear: Hear, context: RolloutContext
    ) -> tuple[Tensor, Trace]:
        """See `CellRule.forward`; the trace holds the gates, [N, B, L]."""
        next_NBC, trace = CellPrototype.forward(self, state_NBC, hear.tier_means, cast(Perception, context.prepared))
        return next_NBC, {"gates": trace.gates_LNB.movedim(0, -1)}

    def messages(self, state_NBC: Tensor, hear: RecordingHear, context: RolloutContext) -> dict[Tier, Tensor]:
        """Return the experts' messages, which are more than tier means."""
        _, trace = CellPrototype.forward(self, state_NBC, hear.tier_means, self.begin(hear, context))
        return {tier: message_MNB.movedim(0, -1) for tier, message_MNB in trace.messages.items()}

    def weights_to_keep(self, old: CellRule) -> dict[str, Tensor]:
        """Return what fits; the functional expert whole or not at all, because its maps belong together."""
        fitting = super().weights_to_keep(old)
        functional = {name for name in self.state_dict() if name.startswith("functional.")}
        if functional <= fitting.keys():
            return fitting
        logger.info("The functional expert begins again: at this size it has other channels or other classes of cells")
        return {name: value for name, value in fitting.items() if name not in functional}

    @classmethod
    def kept(cls, cell: CellShape, settings: ModelSettings, live_tiers: tuple[Tier, ...]) -> Kept:
        """Return what an update costs; the floats follow from the widths of the experts' parts."""
        wide = sized(settings, cell)
        state, message, hidden = cell.state_size, wide.message_channels, wide.expert_hidden
        similarity, value = cell.similarity_channels, wide.value_channels or cell.value_channels
        evaluations = settings.flow_substeps * (4 if settings.flow_method == "rk4" else 1)
        floats = {
            "local": 2 * message + state,
            "functional": similarity * (value + 7) + 3 * value + 3 * hidden + state,
            "distant": 2 * message + hidden + evaluations * (hidden + state),
        }
        return Kept(
            fields={"local": message, "functional": similarity * (value + 1), "distant": message},
            floats=2 * state + 2 + 3 * len(live_tiers) + sum(floats[tier] for tier in live_tiers),
            traced=len(live_tiers),
        )

    def gradient_groups(self) -> dict[str, list[nn.Parameter]]:
        """Return a group per expert, one for everything that makes the gates, and the rest by name."""
        groups = super().gradient_groups()
        groups["gate"] += groups.pop("gate_receive")
        return {name: groups[name] for name in ("local", "functional", "distant", "gate", "position")}
