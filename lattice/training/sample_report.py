"""The cosine of single samples: plain frozen values, free of torch.

Shapes: S samples that were scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCORING = "Scoring samples"
"""What the work is called while it goes on."""


@dataclass(frozen=True, eq=False)
class SampleReport:
    """The student's cosine for each sample, or for those that were scored before somebody cancelled."""

    training_step: int
    samples_S: NDArray[np.int64]
    """Indices in the data, the held-out samples first."""
    cosines_S: NDArray[np.float32]
    """Between the student's answer and its target, -1 to 1, in the same order."""
    total: int
    """Samples that were to be scored: all of the data."""
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every sample was scored."""
        return len(self.samples_S) == self.total
