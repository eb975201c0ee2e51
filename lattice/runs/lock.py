"""A lock that is a file: says who writes at a place, and is told apart from the lock of a process that is gone.

Where the owner runs on this machine, the process table decides. Another container's or host's process can't be seen
from here: its lock counts for as long as its heartbeat, the file's time, is young. Times are compared with that of a
file written at the same place, so that clocks of hosts which differ don't matter.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lattice.atomic import make_folder
from lattice.errors import CellcubeError
from lattice.limits import MAX_NOTE_BYTES
from lattice.log import logger
from lattice.parsing import parse_json
from lattice.runs.owner import Owner, this_process

HEARTBEAT_SECONDS = 20.0
SILENT_SECONDS = 120.0
"""A lock whose owner can't be seen counts as left behind after this time without a heartbeat."""
_TRIES = 100


class LockedError(CellcubeError):
    """Somebody else writes there."""


@dataclass(frozen=True)
class Held:
    """A lock as it was found."""

    owner: Owner | None
    """None if the file doesn't say, or not in words of this version."""
    token: str
    """Differs from lock to lock."""
    notes: dict[str, Any]
    """Whatever else the owner left in it."""
    silent_seconds: float
    """Time since the last heartbeat, by the clock of the file system."""

    @property
    def stale(self) -> bool:
        """Whether its owner is gone."""
        alive = None if self.owner is None else self.owner.alive()
        return self.silent_seconds > SILENT_SECONDS if alive is None else not alive

    def described(self) -> str:
        """Name the owner for people."""
        return "another process" if self.owner is None else self.owner.described()


def read_lock(path: Path) -> Held | None:
    """Return the lock at `path`, None if there is none; a damaged one is judged by its heartbeat alone."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_NOTE_BYTES)
            changed = os.fstat(file.fileno()).st_mtime
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LockedError(
            f"can't read the lock {path}: {error.strerror}; change its permissions or remove it"
        ) from None
    silent = max(_time_there(path.parent) - changed, 0.0)
    try:
        values = parse_json(content)
        return Held(Owner.from_mapping(values["owner"]), str(values["token"]), dict(values["notes"]), silent)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return Held(None, "", {}, silent)


def _time_there(folder: Path) -> float:
    """Return the present time by the clock that stamps the files of a folder, in seconds since 1970."""
    try:
        with tempfile.NamedTemporaryFile(prefix=".clock.", dir=folder) as file:
            return os.fstat(file.fileno()).st_mtime
    except OSError:  # read-only: nobody can write there, and the local clock is the best there is
        return time.time()


class FileLock:
    """A lock of this process, refreshed by a thread until it is released."""

    def __init__(self, path: Path, **notes: Any) -> None:
        """Prepare to lock `path`, a file of its own; `notes` are plain values to leave in it."""
        self.path, self.notes = path, notes
        self._token = uuid.uuid4().hex
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def held(self) -> bool:
        """Whether this process has the lock, as far as it knows."""
        return self._thread is not None

    def take(self) -> Self:
        """Take the lock, also from an owner that is gone.

        Raises:
            LockedError: a process that is there, or can't be seen and may be there, holds it.
            OSError: the lock can't be written.
        """
        make_folder(self.path.parent)
        for _ in range(_TRIES):
            if self._create():
                break
            held = read_lock(self.path)
            if held is None:
                continue
            if not held.stale:
                raise LockedError(f"{self.path.parent} is in use by {held.described()}")
            self._remove_stale(held)
        else:
            raise LockedError(f"can't lock {self.path}: something that is no lock has its name; remove it")
        self._thread = threading.Thread(target=self._beat, name=f"lock {self.path.name}", daemon=True)
        self._thread.start()
        return self

    def note(self, **notes: Any) -> None:
        """Leave other notes in the lock; raises OSError."""
        if notes != self.notes:
            self.notes = notes
            with self._written() as content:
                content.replace(self.path)

    def release(self, *, keep: bool = False) -> None:
        """Give the lock back; a second call does nothing. With `keep` its file stays, as a crash would leave it."""
        if self._thread is None:
            return
        self._end.set()
        self._thread.join()
        self._thread = None
        with suppress(OSError, LockedError):
            if not keep and self._is_mine():
                self.path.unlink()

    def refresh(self) -> None:
        """Give a sign of life; writes the lock again where it was deleted, and warns where another one stands there."""
        with suppress(OSError, LockedError):
            if self._is_mine():
                os.utime(self.path)
            elif self.path.parent.is_dir() and not self._create():
                held = read_lock(self.path)
                if held is not None and held.token != self._token:
                    logger.warning(
                        "%s was taken over by %s: two processes write to the same place", self.path, held.described()
                    )
                    self._end.set()

    def move(self, path: Path) -> None:
        """Lock `path` from now on, because the place before is gone; raises OSError if it can't be written."""
        self.path = path
        self._create()

    def _is_mine(self) -> bool:
        held = read_lock(self.path)
        return held is not None and held.token == self._token

    def _create(self) -> bool:
        """Write the lock unless there is one: whole, and as one step."""
        with self._written() as content:
            return _link(content, self.path)

    @contextmanager
    def _written(self) -> Iterator[Path]:
        """Give a temporary file with what the lock should hold."""
        content = {"owner": this_process().to_mapping(), "token": self._token, "notes": self.notes}
        temporary = self.path.with_name(f".{self.path.name}.{self._token}")
        try:
            temporary.write_text(json.dumps(content), encoding="utf-8")
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def _remove_stale(self, judged: Held) -> None:
        """Move a lock out of the way; one that somebody else has put there meanwhile is put back."""
        aside = self.path.with_name(f".{self.path.name}.{self._token}.old")
        try:
            self.path.replace(aside)
        except FileNotFoundError:
            return
        try:
            moved = read_lock(aside)
            if moved is not None and moved.token != judged.token:
                _link(aside, self.path)
        finally:
            aside.unlink(missing_ok=True)

    def _beat(self) -> None:
        while not self._end.wait(HEARTBEAT_SECONDS):
            self.refresh()

    def __enter__(self) -> Self:
        """Return the lock, which `take` must have taken."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it."""
        self.release()


def _link(source: Path, target: Path) -> bool:
    """Give a file a second name, unless something has it; False in that case."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:  # no links on this file system, such as FAT: create it there, which is not quite one step
        try:
            descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "wb") as file:
            file.write(source.read_bytes())
    return True
