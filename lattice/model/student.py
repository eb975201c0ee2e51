"""The student: an embedding in, T lattice steps, an embedding out.

Shapes: N cells, B batch, C state size, D embedding width, K position features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lattice.config import SimpleProjectConfig
from lattice.geometry import position_features, volume_cells
from lattice.model.erasure import cells_between, draw_erased, erased_count
from lattice.model.mapping import (
    EmbeddingExtractor,
    EmbeddingMapper,
    VolumeStateInitializer,
    arriving_cells,
    input_cells,
    output_cells,
    scalars_per_cell,
    scatter_states,
)
from lattice.model.rollout import Rollout, roll_out
from lattice.model.rules.base import RolloutContext
from lattice.model.rules.build import build_rule, rule_settings
from lattice.neighbourhood import TierMeans
from lattice.seeding import mixed_seed, seeded
from lattice.tiers import Tier


@dataclass(frozen=True)
class StudentOutput:
    """What one forward pass gives."""

    embedding_BD: Tensor
    rollout: Rollout


class StudentModel(nn.Module):
    """Mapper, volume initialiser, cell rule (`prototype`) and extractor on one lattice."""

    inputs: Tensor
    outputs: Tensor
    rest: Tensor
    order: Tensor
    features: Tensor
    interior: Tensor
    between: Tensor
    erased_N: Tensor

    def __init__(self, config: SimpleProjectConfig, width: int) -> None:
        """Create a student with random weights for embeddings of `width` floats; torch's global RNG is used."""
        super().__init__()
        dimensions, mapping, model = config.lattice.dimensions, config.embedding_mapping, config.model
        self.dimensions = dimensions
        self.width = width
        inputs, outputs = input_cells(dimensions, mapping), output_cells(dimensions, mapping)
        features = position_features(dimensions, model.position_frequencies)
        is_rest = torch.ones(len(features), dtype=torch.bool)
        is_rest[inputs] = False
        rest = is_rest.nonzero().squeeze(1)
        order = torch.empty(len(features), dtype=torch.int64)
        order[torch.cat([inputs, rest])] = torch.arange(len(features))
        for name, buffer in (
            ("inputs", inputs),
            ("outputs", outputs),
            ("rest", rest),
            ("order", order),
            ("features", features),
            ("interior", volume_cells(dimensions)),
            ("between", cells_between(len(features), inputs, outputs)),
            ("erased_N", torch.zeros(len(features), dtype=torch.bool)),
        ):
            # Geometry follows from the config, so checkpoints need not carry it.
            self.register_buffer(name, buffer, persistent=False)
        size, position_size = model.state_size, features.shape[1]
        self.mapper = EmbeddingMapper(
            width, len(inputs), scalars_per_cell(width, len(inputs), mapping), size, position_size
        )
        self.volume = VolumeStateInitializer(
            size,
            position_size,
            learned=mapping.volume_initializer == "learned",
            hears_surface=mapping.placement == "surface",
        )
        self.prototype = build_rule(config, width)
        self.extractor = EmbeddingExtractor(width, len(outputs), scalars_per_cell(width, len(outputs), mapping), size)
        self.draw = 0
        self.thresholds = 0
        """Painted scalars of a cell that start with a threshold, see `CellRule.start_thresholds`."""
        if mapping.start == "memories":
            self.thresholds = self.prototype.start_thresholds(self.mapper.scalars, config.lattice.lattice_steps)
        if mapping.start == "identity":
            self.extractor.start_as_inverse(self.mapper, arriving_cells(dimensions, mapping))
        self.configure(config)

    @classmethod
    def seeded(cls, config: SimpleProjectConfig, width: int) -> StudentModel:
        """Create a student whose weights follow from the config's seed; torch's global RNG is left as it was."""
        with seeded(config.training_embedding.seed):
            return cls(config, width)

    def configure(self, config: SimpleProjectConfig) -> None:
        """Take over the settings that act without new weights."""
        self.prototype.configure(rule_settings(config))
        self.update_scale = config.model.update_scale
        self.precision = config.device.precision
        self.damaged_cells = config.training_embedding.damaged_cells
        for shared in (self.prototype, self.volume):
            shared.requires_grad_(not config.optimizer.frozen_cells)

    @property
    def erasable(self) -> Tensor:
        """Cells that damage may erase, int64 [E]."""
        return self.interior if self.damaged_cells == "interior" else self.between

    def draw_from(self, seed: int, counter: int) -> None:
        """Make the rule's random numbers of the next rollouts a pure function of seed and counter."""
        self.draw = mixed_seed(seed, counter)

    def erase_from(self, share: float, seed: int, counter: int) -> None:
        """Choose which cells `erased_N` names: a pure function of seed and counter, written in place.

        Only passes that are given `erased_N` are damaged. In place, because a recorded pass reads that very memory.
        """
        count = erased_count(share, len(self.erasable))
        self.erased_N.fill_(False).index_fill_(0, draw_erased(self.erasable, count, seed, counter), True)

    def context(self, live_tiers: tuple[Tier, ...]) -> RolloutContext:
        """Return the context of a rollout, to which the rule adds what it prepares."""
        return RolloutContext(self.features, self.dimensions, live_tiers, self.update_scale, self.draw)

    def paint(self, embedding_BD: Tensor) -> Tensor:
        """Return the states before the first lattice step, [N, B, C]."""
        painted = self.mapper(embedding_BD, self.features[self.inputs])
        return scatter_states(painted, self.volume(painted, self.features[self.rest]), self.order)

    def read(self, state_NBC: Tensor) -> Tensor:
        """Return the embedding that the output cells hold, [B, D]."""
        embedding: Tensor = self.extractor(state_NBC.index_select(0, self.outputs))
        return embedding

    def forward(
        self,
        embedding_BD: Tensor,
        tier_means: TierMeans,
        steps: int,
        *,
        recompute: bool = False,
        erased_N: Tensor | None = None,
    ) -> StudentOutput:
        """Paint, let the cells talk for `steps` lattice steps, and read back.

        Only the rollout runs in reduced precision: the maps at its ends are few products, and the embedding is what
        is scored. See `roll_out` for `recompute` and `erased_N`.
        """
        painted_NBC = self.paint(embedding_BD)
        with torch.autocast(painted_NBC.device.type, torch.bfloat16, enabled=self.precision == "bfloat16"):
            context = self.context(tier_means.live_tiers)
            rollout = roll_out(
                self.prototype, painted_NBC, context, tier_means, steps, recompute=recompute, erased_N=erased_N
            )
        return StudentOutput(self.read(rollout.final), rollout)
