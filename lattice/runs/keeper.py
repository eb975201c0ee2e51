"""Keeps a run while it trains without a window: its figures, its last and best state, and its end."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from lattice.atomic import atomic_path
from lattice.config import SimpleProjectConfig
from lattice.errors import CellcubeError, ConfigError
from lattice.log import logger
from lattice.runs.course import Course
from lattice.runs.fallback import refuges, save_somewhere
from lattice.runs.folder import RunFolder
from lattice.runs.metrics_file import MetricsFile
from lattice.runs.peek import peek
from lattice.runs.save_policy import SaveClock, SaveEvery
from lattice.runs.score_key import scored_on

_KEEPS_OPEN_FILES = os.name == "posix"
"""Whether a file that is open can be deleted or replaced by name."""
RETRY_SECONDS = 30.0
"""Time after a save that failed until it is tried again."""


class Saveable(Protocol):
    """What can be kept; `EmbeddingTrainer` is one."""

    config: SimpleProjectConfig
    training_step: int
    run_id: str
    sessions: tuple[tuple[str, int], ...]

    def save(self, path: Path, notes: Mapping[str, object] | None = None) -> None:
        """Write a checkpoint whole or not at all."""


class RunKeeper:
    """Saves a run to its folder; without a folder it is saved only when it ends early."""

    def __init__(
        self,
        run: Saveable,
        folder: RunFolder | None,
        every: SaveEvery,
        fingerprint: str = "",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to keep a run.

        Args:
            run: what is trained.
            folder: claimed for it; None for a run that nobody wants to keep.
            every: how often it is saved.
            fingerprint: of the samples, by which scores can be compared.
            now: steady clock, in seconds.

        Raises:
            ConfigError: the folder can't be written.
        """
        self._run, self._folder, self._now = run, folder, now
        self._scored_on = scored_on(run.config, fingerprint)
        self._clock = SaveClock(every, run.training_step, now())
        self._failed_at: float | None = None
        self._failing: set[str] = set()
        self._score: tuple[int, float] | None = None
        self._best: float | None = None
        self._best_file: BinaryIO | None = None
        self._metrics: MetricsFile | None = None
        self.last: Path | None = None
        """Where the newest state was written; None before the first save."""
        self._requested = None if folder is None else folder.files.checkpoint
        self.last_step = run.training_step
        """Training step of that state; of the one that the run began with before the first save."""
        if folder is not None:
            course = Course(run.run_id, run.sessions)
            folder.begin(run.config.to_toml(), course)
            self._read_best(folder.files.best)
            try:
                self._metrics = MetricsFile(folder.files.metrics, course, step=run.training_step)
            except OSError as error:
                raise ConfigError(f"can't write to {folder.files.metrics}: {error}; choose another --out") from None

    def stepped(self, values: dict[str, Any]) -> None:
        """Write the figures of a training step, and save the run if that is due; never raises for a full disk."""
        if self._folder is None or self._metrics is None:
            return
        self._follow_folder(self._folder)
        self._metrics.write("step", values)
        now = self._now()
        waits = self._failed_at is not None and now - self._failed_at < RETRY_SECONDS
        if not waits and (self._failed_at is not None or self._clock.due(self._run.training_step, now)):
            self.save_last()

    def evaluated(self, values: dict[str, Any], cosine: float) -> None:
        """Write the figures of an evaluation, and keep the run's state if it is the best so far."""
        self._score = (self._run.training_step, cosine)
        if self._folder is None or self._metrics is None:
            return
        self._follow_folder(self._folder, saving=True)
        self._metrics.write("evaluation", values)
        self._restore_best()
        if self._best is None or cosine > self._best:
            with suppress(_Unsaved):
                self._save(self._folder.files.best)
                self._best = cosine
                self._hold_best(self._folder.files.best)

    def save_last(self) -> bool:
        """Save the run to its folder; False, with a warning, if that fails."""
        if self._folder is None:
            return False
        self._make_sure_of(self._folder)
        try:
            self._save(self._folder.files.checkpoint)
        except _Unsaved:
            self._failed_at = self._now()
            return False
        self._failed_at = None
        self._took(self._folder.files.checkpoint)
        return True

    def save_at_end(self) -> Path:
        """Save the run where it belongs, or, when that fails, wherever it can be; return where.

        Raises:
            CheckpointError: it could be saved nowhere.
        """
        name = f"{self._run.run_id}-step-{self._run.training_step}.safetensors"
        if self._folder is None:
            others = refuges(name)
            path = save_somewhere(self._write, others[0], others[1:])
        else:
            self._make_sure_of(self._folder)
            self._restore_best()
            path = save_somewhere(self._write, self._folder.files.checkpoint, refuges(name))
        self._took(path)
        return path

    @property
    def has_folder(self) -> bool:
        """Whether the run is kept in a folder of its own."""
        return self._folder is not None

    @property
    def in_place(self) -> bool:
        """Whether the newest state lies where it was requested: in that very folder, not in one beside it."""
        return self._folder is None or self.last in (None, self._requested)

    @property
    def in_folder(self) -> bool:
        """Whether the newest state lies in the run's folder, which is another one where the requested one is taken."""
        return self._folder is None or self.last in (None, self._folder.files.checkpoint)

    def close(self) -> None:
        """Write the last figures and unlock the folder."""
        if self._metrics is not None:
            self._metrics.close(refuges(f"{self._run.run_id}-step-{self._run.training_step}-metrics.jsonl"))
        if self._best_file is not None:
            self._best_file.close()
        if self._folder is not None:
            self._folder.release()

    def _took(self, path: Path) -> None:
        self.last, self.last_step = path, self._run.training_step
        self._clock.saved(self._run.training_step, self._now())
        logger.debug("Saved training step %d to %s", self.last_step, path)

    def _write(self, path: Path) -> None:
        notes: dict[str, object] = {"scored_on": self._scored_on}
        if self._score is not None and self._score[0] == self._run.training_step:
            notes["val_cosine"] = self._score[1]
        self._run.save(path, notes)

    def _save(self, path: Path) -> None:
        try:
            self._write(path)
        except (OSError, CellcubeError) as error:
            level = logging.DEBUG if path.name in self._failing else logging.WARNING  # once, however often it is tried
            logger.log(level, "%s; training goes on, and saving is tried again", error)
            self._failing.add(path.name)
            raise _Unsaved from error
        if path.name in self._failing:
            self._failing.discard(path.name)
            logger.warning("%s is saved again, at training step %d", path, self._run.training_step)

    def _read_best(self, path: Path) -> None:
        head = peek(path)
        if head is None or head.val_cosine is None:
            return
        if head.notes.get("scored_on") == self._scored_on:
            self._best = head.val_cosine
            self._hold_best(path)
            return
        # Scores on other data, or for another objective, can't be compared: that file keeps its state.
        aside = path.with_name(f"best-until-step-{head.training_step}.safetensors")
        with suppress(OSError):
            path.replace(aside)
            logger.info("%s was scored otherwise than this run is: it is now %s", path, aside.name)

    def _hold_best(self, path: Path) -> None:
        """Keep the best state's file open: where it is deleted, its contents can still be read."""
        if self._best_file is not None:
            self._best_file.close()
        self._best_file = None
        with suppress(OSError):
            self._best_file = path.open("rb") if _KEEPS_OPEN_FILES else None

    def _follow_folder(self, folder: RunFolder, *, saving: bool = False) -> None:
        """Write everything again where the folder was deleted or replaced."""
        if self._make_sure_of(folder, saving=saving):
            self.save_last()

    def _make_sure_of(self, folder: RunFolder, *, saving: bool = True) -> bool:
        """See to it that the folder is there and this run's; return whether it had to be made again."""
        assert self._metrics is not None, "a folder comes with its metrics"
        made = folder.check(self._run.config.to_toml, saving=saving)
        # Where the next folder can't be made yet the lines wait: the one before is another process's.
        if made or self._metrics.path != folder.files.metrics:
            self._metrics.restore(folder.files.metrics)
        if made:
            self._restore_best()
        return made

    def _restore_best(self) -> None:
        """Write the best state again where its file was deleted."""
        if self._folder is None or self._best_file is None or os.path.lexists(self._folder.files.best):
            return
        with suppress(OSError):
            with atomic_path(self._folder.files.best) as temporary:
                self._best_file.seek(0)
                temporary.write_bytes(self._best_file.read())
            logger.warning("%s was deleted: it is written again", self._folder.files.best)


class _Unsaved(Exception):  # noqa: N818 - said already
    """A save failed in mid-run, which the log says."""
