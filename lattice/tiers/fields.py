"""How many fields each tier averages in one lattice step."""

from __future__ import annotations

from lattice.config.project import SimpleProjectConfig
from lattice.tiers.shells import Tier


def fields_per_tier(config: SimpleProjectConfig) -> dict[Tier, int]:
    """Return the fields of one batch per tier: what each expert sends, times the samples."""
    model, batch = config.model, config.training_embedding.batch_size
    return {
        "local": batch * model.message_channels,
        "functional": batch * model.similarity_channels * (model.value_channels + 1),
        "distant": batch * model.message_channels,
    }
