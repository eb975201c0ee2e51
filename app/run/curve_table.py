"""Curves as a table for other programs: one row per training step."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lattice.atomic import atomic_path


def write_csv(path: Path | str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays of `History.to_arrays` as a table, with empty cells where nothing was reported.

    Numbers have as many digits as bring back the very same float32. An edit stands in the row of the last training
    step before it: the next one was the first that it acted on.

    Needs no window and may run in any thread. Raises OSError.

    Args:
        path: file to write, whole or not at all.
        arrays: `NAME/x` and `NAME/y`, [points] each, and `marks`, the edits as UTF-8 bytes of JSON.
    """
    names = [key.removesuffix("/x") for key in arrays if key.endswith("/x")]
    steps = np.unique(np.concatenate([arrays[f"{name}/x"] for name in names])) if names else np.empty(0)
    columns = []
    for name in names:
        x, y = arrays[f"{name}/x"], arrays[f"{name}/y"]
        column = np.full(len(steps), "", dtype=object)
        known = ~np.isnan(y)
        column[np.searchsorted(steps, x[known])] = [str(value) for value in y[known]]
        columns.append(column.tolist())
    marks = json.loads(np.asarray(arrays.get("marks", ()), dtype=np.uint8).tobytes() or b"[]")
    edits = {float(step): str(text) for step, text in marks}
    whole = [f"{step:.0f}" for step in steps.tolist()]
    with atomic_path(Path(path)) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["training_step", *names, "edit_after"])
        writer.writerows(zip(whole, *columns, (edits.pop(step, "") for step in steps.tolist()), strict=True))
        writer.writerows([f"{step:.0f}", *[""] * len(names), text] for step, text in edits.items())
