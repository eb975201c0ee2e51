"""The lines that earlier sessions left in `metrics.jsonl`: which of them belong to the course that goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lattice.atomic import atomic_path
from lattice.log import logger
from lattice.parsing import parse_json
from lattice.runs.course import Course
from lattice.units import plural

REPLACED_NAME = "metrics.replaced.jsonl"


def trim_metrics(path: Path, course: Course, step: int) -> int:
    """Leave one course in `path`, up to training step `step`.

    Lines of later steps, of other courses and runs, and what a crash left of a line move to `metrics.replaced.jsonl`.

    Returns:
        The training step of the last evaluation that stays, -1 if there is none.

    Raises:
        OSError: the files can't be read or written.
    """
    if not path.exists():
        return -1
    evaluated, moved = -1, 0
    with path.open("rb") as file:
        for line in file:
            values = line_of(line, course, step)
            if values is None:
                moved += 1
            elif values.get("kind") == "evaluation":
                evaluated = max(evaluated, values["training_step"])
    if moved:
        replaced = path.with_name(REPLACED_NAME)
        with (
            path.open("rb") as file,
            atomic_path(path) as temporary,
            temporary.open("wb") as kept,
            replaced.open("ab") as aside,
        ):
            for line in file:
                stays = line_of(line, course, step) is not None
                (kept if stays else aside).write(line if line.endswith(b"\n") else line + b"\n")
        logger.info(
            "%s: %s of after training step %d, or of another course or run, moved to %s",
            path, plural(moved, "line"), step, replaced.name,
        )  # fmt: skip
    return evaluated


def line_of(line: bytes, course: Course, step: int) -> dict[str, Any] | None:
    """Return the values of a line of the course, up to a training step; None for any other."""
    if not line.endswith(b"\n"):
        return None
    try:
        values = parse_json(line)
        run_id, session_id = values.get("run_id", course.run_id), values.get("session_id", "")
        done = values["training_step"]
        return values if 0 <= done <= step and course.includes(run_id, session_id, done) else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
