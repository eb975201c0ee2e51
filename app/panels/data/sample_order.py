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
    values = np.nan_to_num(cosines_N if order == "worst" else -cosines_N, nan=np.inf) + np.float32(0)  # no -0.0
    bits = values.view(np.int32)
    # As whole numbers floats keep their order, the negative ones turned round; with the index below each of them, one
    # sort of plain numbers is stable, and takes a million samples a quarter of the time of a stable argsort.
    keys = np.where(bits < 0, bits ^ np.int32(0x7FFFFFFF), bits).astype(np.int64) << 32
    return np.sort(keys | np.arange(len(keys), dtype=np.int64)) & 0xFFFFFFFF
