"""The reports that a run's `metrics.jsonl` holds, as they were when they were written."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from lattice.progress import Progress, no_progress
from lattice.runs.course import Course
from lattice.runs.metrics_history import line_of
from lattice.training.reports import EvalReport, StepReport

_TOLD_EVERY = 1000
"""Lines after which progress is told."""


def read_reports(
    path: Path, course: Course, step: int, *, after: float = -1, progress: Progress = no_progress
) -> Iterator[StepReport | EvalReport]:
    """Yield the reports of a course, in the order of the file.

    Lines of other courses and runs, and those that are none, are left out, as when the course goes on in that file.

    Args:
        path: the file.
        course: the run, and the sessions that led to it.
        step: the last training step that counts.
        after: the first one, and those before it, that don't.
        progress: is told the bytes that have been read, and of how many.

    Raises:
        OSError: it can't be read.
    """
    total, done = path.stat().st_size, 0
    with path.open("rb") as file:
        for number, line in enumerate(file):
            done += len(line)
            if number % _TOLD_EVERY == 0:
                progress(f"Reading {path.name}", done, total)
            values = line_of(line, course, step)
            if values is not None and values["training_step"] > after:
                report = _report_of(values)
                if report is not None:
                    yield report


@functools.cache
def _kinds() -> dict[str, TypeAdapter[Any]]:
    """Return what reads each kind of line; unknown fields are ignored, and those with a default may be missing."""
    return {"step": TypeAdapter(StepReport), "evaluation": TypeAdapter(EvalReport)}


def _report_of(values: Mapping[str, Any]) -> StepReport | EvalReport | None:
    """Return the report that a line holds, None where it holds none that is known here."""
    kind = _kinds().get(str(values.get("kind")))
    try:
        return None if kind is None else kind.validate_python(values)
    except ValidationError:
        return None
