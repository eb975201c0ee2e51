"""The tier engine of a run."""

from __future__ import annotations

import torch

from lattice.config import SimpleProjectConfig
from lattice.model.rules.build import fields_per_tier
from lattice.neighbourhood import TierMeans


def build_tier_means(config: SimpleProjectConfig, device: torch.device) -> TierMeans:
    """Build the tier engine that a config asks for; raises `DeviceError` if it does not fit or can't be used."""
    limit = config.neighbors.memory_limit_gb
    return TierMeans.build(
        config.lattice.dimensions,
        config.lattice.get_distance_thresholds(),
        engine=config.neighbors.engine,
        device=device,
        memory_limit_bytes=None if limit is None else int(limit * 1e9),
        fields=fields_per_tier(config),
    )
