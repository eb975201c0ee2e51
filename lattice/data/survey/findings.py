"""What a survey finds: plain values that a window can show. Nothing here needs torch."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lattice.log import logger

QUICK_ROWS = 50_000
"""Samples looked at for near-duplicates where nobody waits for the figure."""
MOST_LISTED = 8
"""Pairs of near-duplicates that are listed, the nearest first."""


@dataclass(frozen=True)
class NearPair:
    """Two samples across the split."""

    held_out: int
    train: int
    cosine: float


@dataclass(frozen=True)
class NearDuplicates:
    """What was found, and how much was looked at. Counts are exact for what was looked at."""

    limit: float
    compared: int
    """Held-out samples that were compared."""
    held_out: int
    """Held-out samples of the data set."""
    train_compared: int
    """Training samples that they were compared with."""
    train: int
    found: int
    """Held-out samples among them that have a near-duplicate."""
    pairs: tuple[NearPair, ...]
    """The nearest training sample of each of those, the highest cosines first, at most `MOST_LISTED`."""

    @property
    def whole(self) -> bool:
        """Whether every held-out sample was compared with every training sample."""
        return (self.compared, self.train_compared) == (self.held_out, self.train)

    def sentence(self) -> str:
        """Say in one line what was found and what it was found in."""
        looked_at = f"{self.compared:,} held-out samples"
        if not self.whole:
            looked_at += (
                f" (of {self.held_out:,}, compared with {self.train_compared:,} of {self.train:,} training samples)"
            )
        if self.found == 0:
            return f"none of {looked_at} has a near-duplicate among the training samples (cosine above {self.limit:g})"
        verb = "has" if self.found == 1 else "have"
        return (
            f"{self.found:,} of {looked_at} {verb} a near-duplicate among the training samples (cosine above "
            f"{self.limit:g}): scores look better than they are"
        )

    def to_dict(self) -> dict[str, object]:
        """Return plain values for JSON."""
        return {
            "cosine_above": self.limit,
            "held_out_compared": self.compared,
            "held_out": self.held_out,
            "train": self.train,
            "train_compared": self.train_compared,
            "held_out_with_near_duplicate": self.found,
        }


@dataclass(frozen=True, eq=False)
class NearestCosines:
    """The cosine of some rows to their nearest other row."""

    cosines_Q: NDArray[np.float32]
    whole: bool
    """Whether every row's neighbour was looked for."""


def log_near_duplicates(found: NearDuplicates) -> None:
    """Write what was found to the log, in one line: a warning if there is any."""
    logger.log(logging.WARNING if found.found else logging.INFO, "data: %s", found.sentence())
