"""The run as it was before the last Apply: a checkpoint in the data folder for as long as Undo may want it.

Used from the worker's thread only.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.run.commands import Observe
from app.run.trainer_protocol import Trainer
from lattice.atomic import make_folder
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.errors import CellcubeError, DataError
from lattice.log import logger
from lattice.paths import data_folder
from lattice.runs.owner import tag_is_dead, this_process

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset

UNSEEN_SECONDS = 7 * 24 * 3600
"""Age at which a run goes that a program of another host or container kept, which can't be seen from here."""

_numbers = itertools.count(1)


def undo_folder() -> Path:
    """Folder of the kept runs; may not exist yet."""
    return data_folder() / "undo"


@dataclass(frozen=True)
class UndoSnapshot:
    """One run as it was between two training steps."""

    checkpoint: Path
    config: SimpleProjectConfig
    """All of it: a checkpoint leaves out the log's settings."""
    watched: Observe | None
    fingerprint: str
    """Of the samples, which are not in the checkpoint."""

    def check_data(self, dataset: EmbeddingDataset) -> None:
        """Raise `DataError` unless these are the samples that the run was trained on."""
        if dataset.fingerprint != self.fingerprint:
            raise DataError(
                f"{dataset.source} is no longer what it was when the run read it, so that run can't go on with it. "
                "The present run stays as it is"
            )


class UndoKeeper:
    """Keeps at most one run, and no file that nobody wants any more."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self.kept: UndoSnapshot | None = None

    @contextmanager
    def before(self, trainer: Trainer, config: SimpleProjectConfig, watched: Observe | None) -> Iterator[str]:
        """Keep a run while `config` is applied to it, and after that if the apply came to pass.

        An edit that acts at once is not worth it: the run that was kept before it stays. Yields why the run could
        not be kept, or nothing; the apply need not fail for it.
        """
        if edit_cost(trainer.config.changes_to(config)) in (None, "live"):
            yield ""
            return
        kept, problem = None, ""
        try:
            kept = _keep(trainer, watched)
        except (CellcubeError, OSError) as error:
            logger.warning("the run before this Apply can't be kept for Undo: %s", error)
            problem = str(error)
        try:
            yield problem
        except BaseException:
            _delete(kept)
            raise
        self.forget()
        self.kept = kept

    def forget(self) -> None:
        """Delete what is kept."""
        _delete(self.kept)
        self.kept = None


def _keep(trainer: Trainer, watched: Observe | None) -> UndoSnapshot:
    folder = undo_folder()
    make_folder(folder)
    _sweep(folder)
    path = folder / f"run-{this_process().tag}.{next(_numbers)}.safetensors"
    trainer.save(path)
    return UndoSnapshot(path, trainer.config, watched, trainer.dataset.fingerprint)


def _delete(kept: UndoSnapshot | None) -> None:
    if kept is not None:
        with suppress(OSError):
            kept.checkpoint.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Delete what programs that ended badly left behind."""
    for path in folder.glob("run-*.safetensors"):
        with suppress(OSError):
            gone = tag_is_dead(path.name.partition(".")[0].removeprefix("run-"))
            if gone or (gone is None and time.time() - path.stat().st_mtime > UNSEEN_SECONDS):
                path.unlink(missing_ok=True)
