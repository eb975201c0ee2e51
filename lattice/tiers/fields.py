"""How many fields each tier averages in one lattice step."""

from __future__ import annotations

from typing import NamedTuple

from lattice.config.project import SimpleProjectConfig
from lattice.tiers.flow import similarity_channels
from lattice.tiers.shells import Tier


class FieldShape(NamedTuple):
    """Fields that are averaged at once."""

    channels: int
    """What a cell sends."""
    batch: int
    """Samples."""

    @property
    def total(self) -> int:
        """Fields in all."""
        return self.channels * self.batch


def fields_per_tier(config: SimpleProjectConfig) -> dict[Tier, FieldShape]:
    """Return the fields of one batch per tier: what each expert sends, and the samples."""
    model, batch = config.model, config.training_embedding.batch_size
    channels: dict[Tier, int] = {
        "local": model.message_channels,
        "functional": similarity_channels(config) * (model.value_channels + 1),
        "distant": model.message_channels,
    }
    return {tier: FieldShape(number, batch) for tier, number in channels.items()}
