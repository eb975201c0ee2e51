"""Which file of a run's folder is the run."""

from __future__ import annotations

from pathlib import Path

CHECKPOINT_NAME = "checkpoint.safetensors"


def checkpoint_at(path: Path) -> Path:
    """Return the checkpoint that a path means: the file itself, or the newest of a run's folder."""
    return path / CHECKPOINT_NAME if path.is_dir() else path
