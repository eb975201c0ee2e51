"""In which order samples are listed: as in the file, or by how well each is learned.

Shapes: N samples of the data.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

SampleOrder = Literal["file", "worst", "best"]

ORDERS: tuple[tuple[SampleOrder, str, str], ...] = (
    ("file", "As in the file", "By the samples' numbers"),
    ("worst", "Worst first", "The lowest cosine between the cube's answer and its target first; unscored ones last"),
    ("best", "Best first", "The highest cosine between the cube's answer and its target first; unscored ones last"),
)


def ordered(cosines_N: NDArray[np.float32], order: SampleOrder) -> NDArray[np.int64] | None:
    """Return all samples in an order, int64 [N]; None: as they are. Samples without a cosine, NaN, come last."""
    if order == "file":
        return None
    return np.argsort(cosines_N if order == "worst" else -cosines_N, kind="stable")
