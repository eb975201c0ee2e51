"""Which tiers hold neighbours in a lattice."""

from __future__ import annotations

from lattice.config.lattice import LatticeSettings
from lattice.tiers.distances import next_distance
from lattice.tiers.shells import Tier, tier_shells


def live_tiers(settings: LatticeSettings) -> tuple[Tier, ...]:
    """Return the tiers in which at least two cells are neighbours."""
    live: list[Tier] = []
    for tier, shell in tier_shells(settings.get_distance_thresholds()).items():
        nearest = next_distance(settings.dimensions, shell.inner)
        if nearest is not None and nearest <= shell.outer:
            live.append(tier)
    return tuple(live)
