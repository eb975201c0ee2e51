"""Names the cells that are erased in what is watched: how many, and which layers or which cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lattice.units import plural

Mask = NDArray[np.bool_]


def erased_text(erased_XYZ: Mask, between_XYZ: Mask, axis: int) -> str:
    """Return such words as `64 of 512 cells erased: layer x = 6`.

    Args:
        erased_XYZ: the erased cells.
        between_XYZ: the cells that are neither painted nor read: all of these of a layer are erased with it.
        axis: the axis, 0 to 2, that layers lie across.
    """
    count, name = int(erased_XYZ.sum()), "xyz"[axis]
    said = f"{count:,} of {plural(erased_XYZ.size, 'cell')} erased"
    erased, between = (np.moveaxis(mask, axis, 0) for mask in (erased_XYZ, between_XYZ))
    layers = [at for at in range(len(between)) if between[at].any() and not (between[at] & ~erased[at]).any()]
    if not layers:
        cells = np.argwhere(erased_XYZ)
        return f"{said}: ({', '.join(map(str, cells[0].tolist()))})" if count == 1 else said
    others = count - int(between[layers].sum())
    named = f"{'layer' if len(layers) == 1 else 'layers'} {name} = {_numbers(layers)}"
    return f"{said}: {named}" + (f" and {plural(others, 'other cell')}" if others else "")


def _numbers(layers: list[int]) -> str:
    """Return rising numbers as `1, 3 to 6`."""
    runs: list[list[int]] = []
    for layer in layers:
        if runs and layer == runs[-1][-1] + 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
