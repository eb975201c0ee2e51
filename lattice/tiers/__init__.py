"""Neighbour tiers: which offsets belong to them, how many neighbours cells have, and what that means for a config."""

from lattice.tiers.counts import interior_counts, tier_counts
from lattice.tiers.shells import TIERS, Shell, Thresholds, Tier, tier_offsets, tier_shell, tier_shells

__all__ = [
    "TIERS",
    "Shell",
    "Thresholds",
    "Tier",
    "interior_counts",
    "tier_counts",
    "tier_offsets",
    "tier_shell",
    "tier_shells",
]
