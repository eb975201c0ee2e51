"""A run as it was at one moment: a checkpoint in the data folder for as long as Undo or Redo may want it.

Used from the worker's thread only.
"""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.run.commands import Observe
from app.run.kept_files import autosave_folders, sound_folder, undo_folder
from app.run.rescue import STATES, rescue_states, tag_of
from app.run.trainer_protocol import Trainer
from lattice.atomic import make_folder
from lattice.config import SimpleProjectConfig
from lattice.errors import DataError
from lattice.runs.owner import tag_is_dead, this_process

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

UNSEEN_SECONDS = 7 * 24 * 3600
"""Age at which a run goes that a program of another host or container kept, which can't be seen from here."""

_numbers = itertools.count(1)


@dataclass(frozen=True)
class UndoSnapshot:
    """One run as it was between two training steps."""

    checkpoint: Path
    config: SimpleProjectConfig
    """All of it: a checkpoint leaves out the log's settings."""
    watched: Observe | None
    fingerprint: str
    """Of the samples, which are not in the checkpoint."""
    bytes: int = 0
    """Size of the checkpoint."""
    training_step: int = 0
    """Of the run."""

    def check_data(self, dataset: EmbeddingDataset) -> None:
        """Raise `DataError` unless these are the samples that the run was trained on."""
        if dataset.fingerprint != self.fingerprint:
            raise DataError(
                f"{dataset.source} is no longer what it was when the run read it, so that run can't go on with it. "
                "The present run stays as it is"
            )


def keep_run(trainer: Trainer, watched: Observe | None, folder: Path | None = None) -> UndoSnapshot:
    """Write a run to a file of its own, in `undo_folder` or another one.

    Raises:
        CellcubeError: it can't be written.
        OSError: likewise.
    """
    folder = folder or undo_folder()
    make_folder(folder)
    sweep()
    path = folder / f"run-{this_process().tag}.{next(_numbers)}.safetensors"
    trainer.save(path)
    fingerprint, bytes = trainer.dataset.fingerprint, path.stat().st_size
    return UndoSnapshot(path, trainer.config, watched, fingerprint, bytes, trainer.training_step)


def delete(kept: UndoSnapshot | None) -> None:
    """Delete the file of a kept run, if there is one."""
    if kept is not None:
        with suppress(OSError):
            kept.checkpoint.unlink(missing_ok=True)


def sweep() -> None:
    """Delete what programs that ended badly kept, once what can be recovered of it is an autosave."""
    rescue_states(autosave_folders())
    for path in (*undo_folder().glob(STATES), *sound_folder().glob(STATES)):
        with suppress(OSError):
            gone = tag_is_dead(tag_of(path))
            if gone or (gone is None and time.time() - path.stat().st_mtime > UNSEEN_SECONDS):
                path.unlink(missing_ok=True)
