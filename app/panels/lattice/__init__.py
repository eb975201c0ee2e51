"""The lattice panel: ratios, tiers, memory, warnings."""
