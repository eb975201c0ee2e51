"""One level of a curve's pyramid, and the types of what curves hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Steps = NDArray[np.int32]
Values = NDArray[np.float32]


class Level:
    """Smallest or largest values of blocks of one size."""

    def __init__(self) -> None:
        """Begin without a block."""
        self._store = np.empty(16)
        self.size = 0

    @property
    def values(self) -> Floats:
        """One value per full block, [blocks]."""
        return self._store[: self.size]

    def build(self, below: Floats | Values, reduce: np.ufunc) -> Floats:
        """Add the blocks that became full since the last call; return all of them."""
        full = len(below) >> 1
        if full > self.size:
            if full > len(self._store):
                grown = np.empty(max(full, 2 * len(self._store)))
                grown[: self.size] = self.values
                self._store = grown
            part = below[2 * self.size : 2 * full]
            reduce(part[0::2], part[1::2], out=self._store[self.size : full])
            self.size = full
        return self.values
