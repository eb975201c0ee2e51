"""A run's folder: which files it has, what it holds already, and who may write there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from lattice.atomic import atomic_path
from lattice.errors import ConfigError
from lattice.log import logger
from lattice.regular_files import reason
from lattice.runs.course import Course
from lattice.runs.files import RunFiles
from lattice.runs.held_lock import LockedError, UnreadableLockError
from lattice.runs.lock import FileLock
from lattice.runs.metrics_history import REPLACED_NAME
from lattice.runs.peek import Peek, peek


class RunFolder:
    """A folder that this process writes a run to. `claim` it first, then `begin`, at last `release`."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is touched yet."""
        self.files, self._requested = RunFiles(folder), folder
        self._lock = FileLock(self.files.lock)
        self._identity: tuple[int, int] | None = None
        self._course: Course | None = None
        self._found_best: Peek | None = None
        self._displaced = ""
        self._lost = self._made = False

    def claim(self, *, overwrite: bool, resumed: Path | None) -> Self:
        """Make the folder and lock it, unless it holds something that would be lost.

        Args:
            overwrite: whether what it holds may be replaced.
            resumed: checkpoint of the run that goes on; None for a new run.

        Raises:
            ConfigError: it holds another run, or a later state of this one, or can't be written.
            LockedError: another process writes there.
        """
        folder = self.files.folder
        self._made = not os.path.exists(folder)
        try:
            self._lock.take()
        except UnreadableLockError as error:
            raise UnreadableLockError(f"{error}, or choose another folder with --out") from None
        except LockedError as error:
            raise LockedError(f"{error}: wait for its end, or choose another folder with --out") from None
        except OSError as error:
            raise _unwritable(folder, error) from None
        try:
            if not overwrite:
                self._refuse_loss(resumed)
        except BaseException:
            self.release()
            raise
        return self

    def _refuse_loss(self, resumed: Path | None) -> None:
        files = self.files
        going_on = None if resumed is None else peek(resumed)
        for path in (files.checkpoint, files.best):
            held = peek(path)
            if held is None:
                if path.exists():
                    raise ConfigError(
                        f"{path} exists and can't be read as a checkpoint: choose another folder with --out, or "
                        "replace it with --overwrite"
                    )
                continue
            same = going_on is not None and bool(held.run_id) and going_on.run_id == held.run_id
            if path == files.best and same:
                continue  # the best of this very run stays until there is a better one
            if held.training_step == 0 or _leads_on(held, path, going_on, resumed):
                continue
            what = "another course or a later state of this run" if same else "a run"
            named = files.folder if path == files.checkpoint else path
            raise ConfigError(
                f"{files.folder} holds {what}, at training step {held.training_step:,}: go on with it with "
                f"--resume {named}, choose another folder with --out, or replace it with --overwrite"
            )

    def begin(self, config_text: str, course: Course) -> None:
        """Write the settings; remove what another run left.

        Raises:
            ConfigError: the folder can't be written.
        """
        files = self.files
        try:
            for path in (files.checkpoint, files.best):
                head = peek(path)
                if path.exists() and (head is None or head.run_id != course.run_id):
                    path.unlink()
                    if path == files.checkpoint:
                        for metrics in (files.metrics, files.folder / REPLACED_NAME):
                            metrics.unlink(missing_ok=True)
            self._write_config(config_text)
            self._identity, self._course, self._found_best = _identity(files.folder), course, peek(files.best)
        except OSError as error:
            raise _unwritable(files.folder, error) from None

    def holds(self, step: int) -> bool:
        """Say whether the last save is the state that this run has at training step `step`."""
        head, course = peek(self.files.checkpoint), self._course
        return head is not None and course is not None and head.training_step == step and course.includes_state(head)

    def check(self, config_text: Callable[[], str], *, saving: bool = False) -> bool:
        """Say whether the folder had to be made again: it was deleted, something else lies there, or it was taken over.

        Another host may take it over from a process that did not run for minutes, as on a machine that slept.

        Args:
            config_text: gives the settings.
            saving: whether the run is about to be saved, which must not replace what another process has saved here.

        Never raises OSError: what can't be done yet is said in the log, and the next call tries it again.
        """
        # A new folder may get the number of the deleted one, but not its lock.
        stands = _identity(self.files.folder) == self._identity and os.path.lexists(self.files.lock)
        if stands and (saving or self._lock.silent):
            self._lock.refresh()
        if stands and self._lock.taken_by is None:
            self._lost = False
            return False
        was = self.files.folder
        others = self._others()
        stands = _identity(was) == self._identity and os.path.lexists(self.files.config)
        gone = self.files.lock if stands else was
        try:
            self._move(others)
            self._write_config(config_text())
        except OSError as error:
            if not self._lost:
                why = self._displaced or f"{was} or its lock is gone or can't be read"
                text = "%s, and %s can't be made again yet: %s; training goes on"
                logger.warning(text, why, self.files.folder, reason(error))
            self._lost = True
            return False
        if self._displaced:
            logger.warning("%s: this run goes on in %s", self._displaced, self.files.folder)
        else:
            logger.warning("%s was deleted or replaced: it is made again", gone)
        self._identity, self._lost, self._displaced = _identity(self.files.folder), False, ""
        return True

    def _move(self, others: str) -> None:
        """Lock the folder again, or the next one that is free where others are in its place; raises OSError."""
        while True:
            if others:
                self._displaced = self._displaced or others
                self.files = RunFiles(_free_name(self._requested))
            try:
                self._lock.move(self.files.lock)
                return
            except LockedError as error:
                others = str(error)

    def _others(self) -> str:
        """Say what is in the folder's place and must stay as it is; empty if nothing is."""
        files = self.files
        if self._lock.taken_by is not None and self._lock.path == files.lock:
            return f"{files.folder} was taken over by {self._lock.taken_by.who}"
        stranger = self._stranger()
        return f"{stranger} lies in the place of {files.folder}" if stranger else ""

    def _stranger(self) -> str:
        files = self.files
        if os.path.lexists(files.folder) and not os.path.isdir(files.folder):
            return "Something that is no folder"
        heads = (peek(files.checkpoint), peek(files.best))
        return "Another run" if any(head is not None and not self._is_own(head) for head in heads) else ""

    def _is_own(self, head: Peek) -> bool:
        """Say whether this run saved that, or found it here as its best state, of whatever course."""
        return head == self._found_best or (self._course is not None and self._course.includes_state(head))

    def release(self) -> None:
        """Unlock the folder, and remove it if it was made for nothing."""
        self._lock.release()
        if self._made:
            with suppress(OSError):
                self.files.folder.rmdir()  # fails, as it should, where anything is in it

    def _write_config(self, text: str) -> None:
        with atomic_path(self.files.config) as temporary:
            temporary.write_text(text, "utf-8")


def _leads_on(held: Peek, path: Path, going_on: Peek | None, resumed: Path | None) -> bool:
    """Say whether the run that goes on begins where `held` is, or later."""
    if going_on is None or resumed is None:
        return False
    if os.path.realpath(path) == os.path.realpath(resumed):
        return True
    return bool(held.run_id) and held.run_id == going_on.run_id and going_on.follows(held)


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def _free_name(folder: Path) -> Path:
    number = 2
    while os.path.lexists(candidate := folder.with_name(f"{folder.name}-{number}")):
        number += 1
    return candidate


def _unwritable(folder: Path, error: OSError) -> ConfigError:
    why = "it is no folder" if os.path.lexists(folder) and not os.path.isdir(folder) else reason(error)
    return ConfigError(f"can't write to the folder {folder}: {why}; choose another one with --out")
