"""What a cell rule is: one network that all cells share, and what it answers about itself.

Shapes: N cells, B batch, C state size, K position features, F fields that a tier averages, k values of a trace.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple, Self

import torch
from torch import Tensor, nn

from lattice.config.base import Settings
from lattice.config.project import SimpleProjectConfig
from lattice.geometry import Dimensions
from lattice.neighbourhood import TierMeans
from lattice.tiers.flow import DEFAULT_CHANNELS, DEFAULT_VALUES
from lattice.tiers.shells import TIERS, Tier

Trace = Mapping[str, Tensor]
"""Named values of every cell, each [N, B, k]. A rule that mixes experts reports `gates`, one per live tier."""


class NoSettings(Settings):
    """A rule without settings of its own."""


class CellShape(NamedTuple):
    """Sizes that the configuration gives to every rule."""

    state_size: int
    """Floats of a cell's state, C."""
    position_size: int
    """Position features of a cell, K."""
    similarity_channels: int = DEFAULT_CHANNELS
    """Dimensions in which a rule may compare cells: as many as a flow through the cube needs."""
    value_channels: int = DEFAULT_VALUES
    """Channels that a rule may send: as many as carry what is painted on a cell of the face that a flow begins on."""


@dataclass(frozen=True)
class RolloutContext:
    """What stays the same over a rollout, and the lattice step."""

    position_NK: Tensor
    """Position features of the cells."""
    dimensions: Dimensions
    """Cells along x, y and z; cell (x, y, z) is row `(x*Y + y)*Z + z`."""
    live_tiers: tuple[Tier, ...]
    """Tiers that hold neighbours; the means of the others are 0."""
    update_scale: float = 1.0
    """`model.update_scale`, a factor that a rule puts on every change of a state."""
    draw: int = 0
    """From which random numbers follow: a function of the seed and the training step."""
    lattice_step: int = 0
    """The step that is computed, from 0."""
    prepared: Any = field(default=None, compare=False)
    """What the rule's `begin` returned."""

    def at(self, lattice_step: int) -> RolloutContext:
        """Return the context of another lattice step."""
        return replace(self, lattice_step=lattice_step)

    def generator(self) -> torch.Generator:
        """Return a new generator on the cells' device, the same at every call: resuming and recomputing repeat it."""
        seed = (self.draw * 0x85EBCA6B + self.lattice_step + 1) & (2**63 - 1)
        return torch.Generator(self.position_NK.device).manual_seed(seed)


class Hear:
    """The tier means of fields: what a rule gets as `hear`."""

    def __init__(self, tier_means: TierMeans) -> None:
        """Use an engine for the same lattice."""
        self.tier_means = tier_means

    def __call__(self, tier: Tier, fields_NBF: Tensor) -> Tensor:
        """Return the mean over each cell's neighbours in a tier, [N, B, F]; zeros where there are none.

        Raises:
            ValueError: there is no tier of this name.
        """
        if tier not in TIERS:
            raise ValueError(f"there is no tier {tier!r}: the tiers are {', '.join(map(repr, TIERS))}")
        means_NBF: Tensor = self.tier_means.means(fields_NBF.flatten(1), tier).unflatten(1, fields_NBF.shape[1:])
        return means_NBF


class RecordingHear(Hear):
    """Keeps what was heard, to show it or to count it."""

    def __init__(self, tier_means: TierMeans) -> None:
        """Use an engine for the same lattice."""
        super().__init__(tier_means)
        self.heard: dict[Tier, list[Tensor]] = {}

    def __call__(self, tier: Tier, fields_NBF: Tensor) -> Tensor:
        """See `Hear`."""
        means_NBF = super().__call__(tier, fields_NBF)
        self.heard.setdefault(tier, []).append(means_NBF)
        return means_NBF


class Kept(NamedTuple):
    """What one update, a lattice step of one cell for one sample, costs; see `lattice.model.rules.measure`."""

    fields: Mapping[Tier, int]
    """Fields that each tier averages."""
    floats: float
    """Floats kept for the backward pass."""
    traced: float
    """Floats of the trace among them, which stay when lattice steps are recomputed."""


class CellRule(nn.Module, ABC):
    """One network that every cell runs. A subclass defines `forward`; everything else has a default.

    It is made by `rule(cell, settings)` with a `CellShape` and its own settings. Weights that all cells share keep
    their values when the cube's size changes, when the plugin is reloaded, and in checkpoints, by their names.
    """

    title: ClassVar[str] = ""
    """For lists; made from the registered name if empty."""
    description: ClassVar[str] = ""
    """One sentence; the docstring's first line if empty."""
    settings_class: ClassVar[type[Settings]] = NoSettings
    """Its own settings, declared with `lattice.config.setting`; found under `rule.<name>` in the configuration."""
    version: ClassVar[int] = 1
    """Raised when the same weights would compute something else: checkpoints of other versions are refused."""
    stochastic: ClassVar[bool] = False
    """Whether it draws from `context.generator()`; its passes are then never replayed from a CUDA graph."""

    cell: CellShape
    settings: Any

    def __init__(self, cell: CellShape, settings: Any) -> None:
        """Keep sizes and settings; a subclass makes its weights after this, from torch's global generator."""
        super().__init__()
        self.cell, self.settings = cell, settings

    def configure(self, settings: Any) -> None:
        """Take over settings that act without new weights."""
        self.settings = settings

    def begin(self, hear: Hear, context: RolloutContext) -> Any:
        """Return what a rollout prepares once; it becomes `context.prepared`."""
        return None

    @abstractmethod
    def forward(self, state_NBC: Tensor, hear: Hear, context: RolloutContext) -> tuple[Tensor, Trace]:
        """Do one lattice step: return the next states, [N, B, C], and a trace of named values, each [N, B, k].

        It must not look at the values of tensors, for which the host would wait, nor at other cells but by `hear`.
        """

    @classmethod
    def build(cls, cell: CellShape, settings: Any, config: SimpleProjectConfig) -> Self:
        """Create the rule of a run; override it if the rule needs more of the configuration than its own settings."""
        return cls(cell, settings)

    @classmethod
    def kept(cls, cell: CellShape, settings: Any, live_tiers: tuple[Tier, ...]) -> Kept | None:
        """Return what an update costs by a formula; None has it measured on a small example."""
        return None

    def start_thresholds(self, channels: int, lattice_steps: int) -> int:
        """Begin so that what is painted strongly grows from step to step; return on how many channels of the state.

        Called once on new weights, by a start from memories: the first channels of a painted state then hold how alike
        an embedding is to what the cell remembers. A rule without such a start does nothing, and returns 0.

        Args:
            channels: that are painted.
            lattice_steps: of a rollout.
        """
        return 0

    def gradient_groups(self) -> dict[str, list[nn.Parameter]]:
        """Return the weights whose gradient norms are reported together, by name; one group a child by default."""
        groups: dict[str, list[nn.Parameter]] = {}
        for name, parameter in self.named_parameters():
            groups.setdefault(name.partition(".")[0], []).append(parameter)
        return groups

    def keep_weights(self, old: CellRule) -> None:
        """Take over the weights of another lattice's rule that have the same names and shapes."""
        self.load_state_dict({**self.state_dict(), **self.weights_to_keep(old)})

    def weights_to_keep(self, old: CellRule) -> dict[str, Tensor]:
        """Return the weights of another lattice's rule that fit, by name."""
        own = self.state_dict()
        return {
            name: value for name, value in old.state_dict().items() if name in own and own[name].shape == value.shape
        }

    def messages(self, state_NBC: Tensor, hear: RecordingHear, context: RolloutContext) -> dict[Tier, Tensor]:
        """Return what cells in these states hear from each live tier, [N, B, M]: the means of what the rule sends."""
        self(state_NBC, hear, replace(context, prepared=self.begin(hear, context)))
        return {tier: torch.cat(means, -1) for tier, means in hear.heard.items() if tier in context.live_tiers}
