"""Autosaves that a crash left behind: found by their notes, or by themselves where the note is missing or torn."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from lattice.limits import MAX_NOTE_BYTES
from lattice.log import logger
from lattice.parsing import parse_json
from lattice.paths import data_folder
from lattice.regular_files import read_within, reason
from lattice.runs.peek import peek

UNNAMED = "unnamed run"
"""Stands for the name of a run whose note is lost."""
_LATEST_SECONDS = 1e11
"""More than 3,000 years."""
SETTLED_SECONDS = 600.0
"""What has no readable note is left alone for so long: its program may be about to write one."""


def autosave_folder() -> Path:
    """Folder of the autosaves; may not exist yet."""
    return data_folder() / "autosave"


@dataclass(frozen=True)
class Leftover:
    """An autosave whose program did not end cleanly."""

    checkpoint: Path
    note: Path
    name: str
    training_step: int
    saved_at: float
    """Seconds since 1970."""

    def discard(self) -> None:
        """Delete the autosave."""
        for path in (self.checkpoint, self.note):
            path.unlink(missing_ok=True)


def find_leftovers(folder: Path | None = None) -> list[Leftover]:
    """Return the autosaves of programs that are gone, newest first; what belongs to none is deleted, and logged."""
    folder = folder or autosave_folder()
    pairs = {path.with_suffix("") for ending in ("*.json", "*.safetensors") for path in folder.glob(ending)}
    found = []
    for stem in pairs:
        checkpoint, note = stem.with_suffix(".safetensors"), stem.with_suffix(".json")
        leftover = _told(checkpoint, note) if note.exists() else _untold(checkpoint, note)
        if leftover is not None:
            found.append(leftover)
    return sorted(found, key=lambda leftover: -leftover.saved_at)


def _told(checkpoint: Path, note: Path) -> Leftover | None:
    """Return the autosave that a note tells of; None while its program is alive."""
    try:
        told = parse_json(read_within(note, MAX_NOTE_BYTES))
        if _is_alive(_whole(told["pid"]), _real(told["started"])):
            return None
        leftover = Leftover(
            checkpoint, note, str(told["name"])[:200], _whole(told["training_step"]), _real(told["saved_at"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        words = reason(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
        logger.warning("autosave note %s can't be read (%s)", note, words)
        return _untold(checkpoint, note)
    if checkpoint.is_file():
        return leftover
    note.unlink(missing_ok=True)
    return None


def _untold(checkpoint: Path, note: Path) -> Leftover | None:
    """Return the autosave that no note tells of; what is none is deleted once it has settled."""
    present = [path for path in (checkpoint, note) if path.is_file()]
    try:
        saved_at = max(path.stat().st_mtime for path in present)
    except (OSError, ValueError):  # gone meanwhile
        return None
    if time.time() - saved_at < SETTLED_SECONDS or _owner_lives(checkpoint):
        return None
    head = peek(checkpoint)
    if head is not None:
        return Leftover(checkpoint, note, UNNAMED, max(head.training_step, 0), saved_at)
    for path in present:
        logger.warning("%s belongs to no autosave that can be read; it is deleted", path)
        with suppress(OSError):
            path.unlink(missing_ok=True)
    return None


def _owner_lives(checkpoint: Path) -> bool:
    pid = checkpoint.stem.removeprefix("run-")
    return pid.isdecimal() and len(pid) < 10 and psutil.pid_exists(int(pid))


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 48:
        raise ValueError(f"got {str(value)[:40]}, expected a whole number")
    return value


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LATEST_SECONDS:
        raise ValueError(f"got {str(value)[:40]}, expected a number of seconds")
    return float(value)


def _is_alive(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < 1.0
    except (psutil.Error, OverflowError):
        return False
