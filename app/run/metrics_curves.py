"""The curves of a run that was trained without a window, from the figures that lie beside its checkpoint."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.run.reported import evaluated, make_a_curve, scores_of, values_of
from lattice.log import logger
from lattice.progress import Progress
from lattice.runs.course import Course
from lattice.runs.files import RunFiles
from lattice.runs.metrics_reading import read_reports
from lattice.training.reports import StepReport

Arrays = dict[str, NDArray[Any]]
"""As of `History.to_arrays`."""


def curves_beside(
    checkpoint: Path, course: Course, training_step: int, stored: Mapping[str, NDArray[Any]], progress: Progress
) -> Arrays:
    """Return a run's curves: those that its checkpoint holds, and what its folder tells of the training steps after.

    Args:
        checkpoint: the file that is opened.
        course: its run and sessions: figures of others in that folder are left out.
        training_step: that of the checkpoint; later figures are of no state that is opened.
        stored: the curves in the checkpoint, `NAME/x` and `NAME/y`; empty if no window saved it.
        progress: is told the bytes that have been read; raising `Cancelled` in it stops.
    """
    path = RunFiles(checkpoint.parent).metrics
    last = max((int(x[-1]) for name, x in stored.items() if name.endswith("/x") and len(x)), default=-1)
    if last >= training_step or not path.is_file():
        return dict(stored)
    points: defaultdict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("i"), array("f")))
    rank = None
    try:
        for report in read_reports(path, course, training_step, after=last, progress=progress):
            if isinstance(report, StepReport):
                _add(points, report.training_step, values_of(report))
                continue
            start = report.start
            first = not {"cosine.validation", "cosine.validation/x"} & {*points, *stored}
            if first and start is not None and start.training_step < report.training_step:
                _add(points, start.training_step, scores_of(start))
            _add(points, report.training_step, evaluated(report))
            rank = report.baseline_rank
    except OSError as error:
        logger.warning("%s can't be read (%s): the curves lack what it tells", path, error)
    found = dict(stored)
    for name, (steps, numbers) in points.items():
        x, y = np.array(steps, dtype=np.int32), np.array(numbers, dtype=np.float32)
        if f"{name}/x" in stored:
            x = np.concatenate([stored[f"{name}/x"], x])
            y = np.concatenate([stored[f"{name}/y"], y])
        if make_a_curve(x, y):
            found[f"{name}/x"], found[f"{name}/y"] = x, y
    if rank is not None:
        found["rank"] = np.array([rank], dtype=np.int32)
    if points:
        logger.info("Curves: training steps %d to %d come from %s", max(last, 0), training_step, path)
    return found


def _add(points: Mapping[str, tuple[array[int], array[float]]], step: int, values: Iterable[tuple[str, float]]) -> None:
    for name, value in values:
        steps, numbers = points[name]
        steps.append(step)
        numbers.append(value)
