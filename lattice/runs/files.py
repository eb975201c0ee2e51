"""The files of a run's folder, and who writes to them at present."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lattice.runs.held_lock import LockedError, read_lock
from lattice.runs.place import CHECKPOINT_NAME

BEST_NAME = "best.safetensors"
CONFIG_NAME = "config.toml"
METRICS_NAME = "metrics.jsonl"
LOCK_NAME = "run.lock"


@dataclass(frozen=True)
class RunFiles:
    """The files of one run's folder."""

    folder: Path

    @property
    def checkpoint(self) -> Path:
        """The last save."""
        return self.folder / CHECKPOINT_NAME

    @property
    def best(self) -> Path:
        """The save with the highest validation cosine."""
        return self.folder / BEST_NAME

    @property
    def config(self) -> Path:
        """The settings."""
        return self.folder / CONFIG_NAME

    @property
    def metrics(self) -> Path:
        """Figures, a line each."""
        return self.folder / METRICS_NAME

    @property
    def lock(self) -> Path:
        """Says who writes here."""
        return self.folder / LOCK_NAME


def check_unused(path: Path) -> None:
    """Raise `LockedError` if another process keeps a run in this file, or if nobody knows whether one does."""
    held = read_lock(RunFiles(path.parent).lock) if path.name in (CHECKPOINT_NAME, BEST_NAME) else None
    if held is not None and not held.stale:
        raise LockedError(f"{path} is being written by {held.described()}: choose another name, or stop that run first")
