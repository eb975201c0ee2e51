"""Rows that are in memory, whole.

Shapes: S rows, D embedding width.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.row_layout import check_layout
from lattice.data.readers.rows import MemoryRows


def held_rows(path: Path, rows_SD: Tensor | np.ndarray[Any, Any], meter: ReadMeter) -> MemoryRows:
    """Return a reader of rows [S, D] in memory; raises `DataError` for what are no rows of floats."""
    table = torch.from_numpy(rows_SD) if isinstance(rows_SD, np.ndarray) else rows_SD
    shape = tuple(int(side) for side in table.shape)
    layout = check_layout(path, "", shape, table.dtype, str(table.dtype).removeprefix("torch."))
    return MemoryRows(layout, meter, table.reshape(layout.shape))
