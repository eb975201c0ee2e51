"""The curves of a run that was trained without a window, from the figures that lie beside its checkpoint."""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.run.reported import evaluated, make_a_curve, scores_before, values_of
from lattice.log import logger
from lattice.parsing import parse_json
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
    names = [key.removesuffix("/x") for key in stored if key.endswith("/x") and f"{key[:-1]}y" in stored]
    known = {name: stored[f"{name}/x"] for name in names if make_a_curve(stored[f"{name}/x"], stored[f"{name}/y"])}
    last = max((int(x[-1]) for x in known.values() if len(x)), default=-1)
    if last >= training_step or not path.is_file():
        return dict(stored)
    points: defaultdict[str, tuple[array[int], array[float]]] = defaultdict(lambda: (array("i"), array("f")))
    marks: list[tuple[int, str]] = []
    rank = None
    try:
        for report in read_reports(path, course, training_step, after=last, progress=progress):
            if isinstance(report, StepReport):
                _add(points, report.training_step, values_of(report))
                if report.diverged:
                    marks.append((report.training_step, report.diverged))
                continue
            for step, name, value in scores_before(report, first="cosine.validation" not in {*points, *known}):
                _add(points, step, [(name, value)])
            _add(points, report.training_step, evaluated(report))
            rank = report.baseline_rank
    except OSError as error:
        logger.warning("%s can't be read (%s): the curves lack what it tells", path, error)
    found = dict(stored)
    for name, (steps, numbers) in points.items():
        x, y = np.array(steps, dtype=np.int32), np.array(numbers, dtype=np.float32)
        if name in known:
            x, y = np.concatenate([known[name], x]), np.concatenate([stored[f"{name}/y"], y])
        found[f"{name}/x"], found[f"{name}/y"] = x, y
    if rank is not None:
        found["rank"] = np.array([rank], dtype=np.int32)
    if marks:
        found["marks"] = _with_marks(stored.get("marks"), marks)
    if points:
        logger.info("Curves: training steps %d to %d come from %s", max(last, 0), training_step, path)
    return found


def _with_marks(stored: NDArray[Any] | None, marks: list[tuple[int, str]]) -> NDArray[Any]:
    """Return marks as UTF-8 bytes of JSON, behind those that are stored if they can be read."""
    before: Any = []
    with suppress(ValueError, TypeError):
        before = parse_json(np.asarray(() if stored is None else stored, dtype=np.uint8).tobytes() or b"[]")
    whole = [*(before if isinstance(before, list) else ()), *marks]
    return np.frombuffer(json.dumps(whole).encode(), dtype=np.uint8).copy()


def _add(points: Mapping[str, tuple[array[int], array[float]]], step: int, values: Iterable[tuple[str, float]]) -> None:
    for name, value in values:
        steps, numbers = points[name]
        steps.append(step)
        numbers.append(value)
