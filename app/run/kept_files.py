"""Where the window keeps runs beside the files that a person names."""

from __future__ import annotations

from pathlib import Path

from lattice.paths import data_folder, temporary_folder

LOCK_ENDING = ".json"
"""Of the note beside an autosave."""
CLAIM_ENDING = ".claim"
"""Of the lock of who recovers an autosave."""


def autosave_folder() -> Path:
    """Folder of the autosaves; may not exist yet."""
    return data_folder() / "autosave"


def autosave_folders() -> tuple[Path, Path]:
    """Folders of the autosaves, best first: the platform's own, and a temporary one for when that can't be written."""
    return autosave_folder(), temporary_folder() / "autosave"


def undo_folder() -> Path:
    """Folder of the runs that Undo and Redo bring back; may not exist yet."""
    return data_folder() / "undo"


def sound_folder() -> Path:
    """Folder of the states to go back to after a divergence; may not exist yet."""
    return data_folder() / "sound"
