"""What a checkpoint says of itself, read from its header alone: quick, and without torch."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError
from lattice.formats import CHECKPOINT_NOTE, NOTES, tensors_header
from lattice.parsing import parse_json


@dataclass(frozen=True)
class Peek:
    """The head of a checkpoint."""

    training_step: int
    """Optimizer updates done; 0 in an export."""
    run_id: str
    """Of the run; empty in files of an older version."""
    notes: dict[str, Any]
    """What was noted when it was saved, such as `val_cosine`."""
    sessions: tuple[tuple[str, int], ...] = ()
    """Id and first training step of each session that led here, the oldest first; empty in files from before."""

    @property
    def val_cosine(self) -> float | None:
        """Validation cosine of these weights; None if they were not scored."""
        value = self.notes.get("val_cosine")
        return float(value) if isinstance(value, int | float) else None

    def follows(self, earlier: Peek) -> bool:
        """Say whether this state of a run came out of an `earlier` one of it, or is that very one.

        Copies of a run that went on by themselves share its id and its first sessions, not the last.
        """
        if not self.sessions or not earlier.sessions:
            return self.training_step >= earlier.training_step
        ends = [first for _, first in self.sessions[1:]] + [self.training_step]
        session = earlier.sessions[-1][0]
        return any(
            name == session and earlier.training_step <= end for (name, _), end in zip(self.sessions, ends, strict=True)
        )


def stored_config(path: Path) -> SimpleProjectConfig | None:
    """Return the settings in a checkpoint's head; None if it has none that are valid here."""
    try:
        values = _note(path)["config"]
        return SimpleProjectConfig.from_mapping({key: value for key, value in values.items() if key != "logging"})
    except (ConfigError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def dataset_notes(path: Path) -> dict[str, str]:
    """Return what a checkpoint's head says of its data; nothing where it says nothing."""
    try:
        return {str(name): str(value) for name, value in _note(path)["dataset"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def peek(path: Path) -> Peek | None:
    """Return the head of a checkpoint; None if the file is no checkpoint, or can't be read."""
    try:
        values = _note(path)
        counters, notes = values.get("counters") or {}, values.get("notes") or {}
        sessions = read_sessions(values.get("sessions"))
        return Peek(int(counters.get("training_step", 0)), str(values.get("run_id", "")), dict(notes), sessions)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


def read_sessions(values: Any) -> tuple[tuple[str, int], ...]:
    """Return the sessions that a checkpoint's head lists; none where it lists anything else."""
    try:
        return tuple((str(name), int(first)) for name, first in values)
    except (ValueError, TypeError, OverflowError):
        return ()


def _note(path: Path) -> Any:
    """Return what a checkpoint's head says of itself; raises KeyError or ParseError where it has no such note."""
    # Not `path.is_file`, which raises where a folder may not be read or its disk does not answer.
    header = tensors_header(path) if os.path.isfile(path) else None
    return parse_json((header or {})[NOTES][CHECKPOINT_NOTE])
