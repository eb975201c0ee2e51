"""Autosaves that programs left behind: found, told apart from those in use, claimed by one window, discarded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.run.kept_files import CLAIM_ENDING, LOCK_ENDING, autosave_folders
from app.run.rescue import kept_in, rescue_states
from app.run.summary import KeptIn
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.runs.held_lock import LockedError, read_lock
from lattice.runs.lock import FileLock
from lattice.runs.peek import peek

BY_SIGNAL = "signal"
"""The value of `ended` in the note of a run whose program closed in order because of a signal."""
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True)
class Leftover:
    """An autosave whose program is gone."""

    checkpoint: Path
    name: str
    training_step: int
    saved_at: float
    """Seconds since 1970."""
    by_signal: bool = False
    """Whether its program was ended by a signal, such as Ctrl-C, and not by a crash."""
    kept: KeptIn | None = None
    """The file that the run was opened from or saved to last, if it is there."""

    def claim(self) -> FileLock:
        """Lock it, so that only one window recovers it.

        Raises:
            LockedError: another one does, or its own program, on a machine that slept, is there again.
            OSError: the claim can't be written.
        """
        claim = FileLock(self.checkpoint.with_suffix(CLAIM_ENDING)).take()
        try:
            note = read_lock(self.checkpoint.with_suffix(LOCK_ENDING))
            if note is not None and not note.stale:
                raise LockedError(f"{self.checkpoint} is in use again by {note.described()}")
        except BaseException:
            claim.release()
            raise
        return claim

    def discard(self) -> None:
        """Delete the autosave."""
        for ending in (self.checkpoint.suffix, LOCK_ENDING):
            with suppress(OSError):
                self.checkpoint.with_suffix(ending).unlink(missing_ok=True)


def find_leftovers(folder: Path | None = None) -> list[Leftover]:
    """Return the autosaves of programs that are gone, newest first, those without a note included."""
    found = []
    places = autosave_folders() if folder is None else (folder,)
    rescue_states(places)
    for place in places:
        for checkpoint in place.glob("*.safetensors"):
            try:
                leftover = _leftover(checkpoint)
            except (OSError, CellcubeError) as error:
                logger.warning("the autosave %s can't be looked at: %s", checkpoint, error)
                continue
            if leftover is not None:
                found.append(leftover)
    return sorted(found, key=lambda leftover: -leftover.saved_at)


def _leftover(checkpoint: Path) -> Leftover | None:
    note = read_lock(checkpoint.with_suffix(LOCK_ENDING))
    claim = read_lock(checkpoint.with_suffix(CLAIM_ENDING))
    if any(held is not None and not held.stale for held in (note, claim)):
        return None
    name = str(note.notes.get("name", ""))[:_SHOWN_CHARACTERS] if note is not None else ""
    head = peek(checkpoint)  # one that can't be read is offered, too: opening it says what is wrong with it
    step = 0 if head is None else max(head.training_step, 0)
    by_signal = note is not None and note.notes.get("ended") == BY_SIGNAL
    kept = None if note is None else kept_in(note.notes)
    return Leftover(checkpoint, name or checkpoint.stem, step, checkpoint.stat().st_mtime, by_signal, kept)


@dataclass(frozen=True)
class LostRun:
    """A run whose program is gone and left no autosave of it."""

    note: Path
    """What tells of it; deleted by `forget`."""
    name: str
    checkpoint: Path | None
    """The file that it was opened from or saved to, if it is there."""
    training_step: int
    """Where it stood when it was opened or last saved."""

    def forget(self) -> None:
        """Delete the note, so that the run is not told of again."""
        with suppress(OSError):
            self.note.unlink(missing_ok=True)


def find_lost_runs(folder: Path | None = None) -> list[LostRun]:
    """Return the runs that programs which are gone left without an autosave, the newest first.

    Notes that name no run are deleted; the others stay until `LostRun.forget`.
    """
    found = []
    for place in autosave_folders() if folder is None else (folder,):
        for note in place.glob(f"*{LOCK_ENDING}"):
            with suppress(OSError, CellcubeError):
                held = read_lock(note)
                if held is None or not held.stale or note.with_suffix(".safetensors").exists():
                    continue
                lost = _lost_run(note, held.notes)
                if lost is None:
                    note.unlink(missing_ok=True)
                else:
                    found.append((note.stat().st_mtime, lost))
    return [lost for _, lost in sorted(found, key=lambda aged: -aged[0])]


def _lost_run(note: Path, notes: Mapping[str, Any]) -> LostRun | None:
    name, step, kept = notes.get("name"), notes.get("training_step"), kept_in(notes)
    if not isinstance(name, str) or not isinstance(step, int):
        return None
    return LostRun(note, name[:_SHOWN_CHARACTERS], None if kept is None else kept.path, step)
