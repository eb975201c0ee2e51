"""Tier means: the average of each cell's neighbours per tier, by interchangeable exact engines."""

from lattice.neighbourhood.means import TierMeans

__all__ = ["TierMeans"]
