"""What a killed program kept to go back to after a divergence becomes its autosave, where that is further behind.

A run is autosaved every few minutes, and the last state with a sound loss is kept more often.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from app.run.kept_files import CLAIM_ENDING, LOCK_ENDING, sound_folder
from app.run.summary import KeptIn
from lattice.errors import CellcubeError
from lattice.log import logger
from lattice.runs.held_lock import read_lock
from lattice.runs.owner import tag_is_dead
from lattice.runs.peek import peek

STATES = "run-*.safetensors"
"""Names of kept states: the tag of the process that keeps it, a point, and a number."""


def tag_of(state: Path) -> str:
    """Return the tag of the process that keeps a state."""
    return state.name.partition(".")[0].removeprefix("run-")


def rescue_states(autosaves: Iterable[Path]) -> None:
    """Let the newest state of each dead process take the place of an autosave that is older, or was never written.

    Only where a note in one of the folders `autosaves` tells which run it was, and nobody has it.
    """
    dead: dict[str, list[Path]] = {}
    for state in sound_folder().glob(STATES):
        if tag_is_dead(tag_of(state)):
            dead.setdefault(tag_of(state), []).append(state)
    if not dead:
        return
    for note in [note for folder in autosaves for note in folder.glob(f"*{LOCK_ENDING}")]:
        with suppress(OSError, CellcubeError):
            held = read_lock(note)
            claim = read_lock(note.with_suffix(CLAIM_ENDING))
            if held is None or held.owner is None or not held.stale or (claim is not None and not claim.stale):
                continue
            steps = {state: _training_step(state) for state in dead.get(held.owner.tag, ())}
            autosave = note.with_suffix(".safetensors")
            newest = max(steps, key=lambda state: steps[state], default=None)
            if newest is not None and steps[newest] > max(_training_step(autosave), _begun_at(held.notes)):
                os.replace(newest, autosave)
                logger.info(
                    "%s was ended badly: its state of training step %d, kept to go back to, is its autosave",
                    held.notes.get("name"), steps[newest],
                )  # fmt: skip


def _training_step(path: Path) -> int:
    """Return the training step of a run's file; -1 if there is none, or none that can be read."""
    head = peek(path)
    return -1 if head is None else head.training_step


def _begun_at(notes: Mapping[str, Any]) -> int:
    """Return the training step at which the run was opened or saved: what is not beyond it is in its file."""
    kept = kept_in(notes)
    return -1 if kept is None else kept.training_step


def kept_in(notes: Mapping[str, Any]) -> KeptIn | None:
    """Return the file that a note says the run is in, with its training step; None if there is none, or it is gone."""
    at, step = notes.get("checkpoint"), notes.get("training_step")
    if not isinstance(at, str) or not at or not isinstance(step, int) or not Path(at).is_file():
        return None
    return KeptIn(Path(at), step)
