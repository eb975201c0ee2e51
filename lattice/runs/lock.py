"""A lock that is a file: says who writes at a place, and is told apart from the lock of a process that is gone.

Whether a lock that is there still counts is decided by `held_lock`.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lattice.atomic import make_folder, temporary_beside
from lattice.log import logger
from lattice.runs.held_lock import SILENT_SECONDS, Held, LockedError, UnreadableLockError, read_lock
from lattice.runs.owner import this_process

HEARTBEAT_SECONDS = 20.0
_TRIES = 100


class FileLock:
    """A lock of this process, refreshed by a thread until it is released."""

    def __init__(self, path: Path, **notes: Any) -> None:
        """Prepare to lock `path`, a file of its own; `notes` are plain values to leave in it."""
        self.path, self.notes = path, notes
        self._token = uuid.uuid4().hex
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen_at = 0.0
        self.taken_by: Held | None = None
        """The lock that stands in place of this one, as far as this process knows: it was taken for left behind."""

    @property
    def held(self) -> bool:
        """Whether this process has the lock, as far as it knows."""
        return self._thread is not None

    @property
    def silent(self) -> bool:
        """Whether another host may have taken it meanwhile: unlike the thread's wait, wall time counts sleep."""
        return abs(time.time() - self._seen_at) > SILENT_SECONDS

    def take(self) -> Self:
        """Take the lock, also from an owner that is gone.

        Raises:
            LockedError: a process that is there, or can't be seen and may be there, holds it.
            OSError: the lock can't be written.
        """
        self._seize()
        self._begin_beat()
        return self

    def _seize(self) -> None:
        make_folder(self.path.parent)
        for _ in range(_TRIES):
            if self._create():
                break
            held = read_lock(self.path)
            if held is None:
                continue
            if held.token == self._token:
                break
            if not held.stale:
                raise LockedError(f"{self.path.parent} is in use by {held.described()}")
            self._remove_stale(held)
        else:
            raise UnreadableLockError(f"can't lock {self.path}: something that is no lock has its name; remove it")
        self._seen_at = time.time()

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
            held = read_lock(self.path)
            if held is None and self.path.parent.is_dir() and not self._create():
                held = read_lock(self.path)
            if held is None or held.token == self._token:
                os.utime(self.path)
                self._seen_at = time.time()
            elif self.taken_by is None:
                logger.warning("the lock %s was taken over by %s", self.path, held.who)
                self.taken_by = held
                self._end.set()

    def move(self, path: Path) -> None:
        """Lock `path` from now on, because the place before is gone; as it was if that raises.

        Raises:
            LockedError: a process that is there, or can't be seen and may be there, holds it.
            OSError: the lock can't be written.
        """
        before, self.path = self.path, path
        try:
            self._seize()
        except (OSError, LockedError):
            self.path = before
            raise
        if self.taken_by is not None and self._thread is not None:
            self._thread.join()
            self.taken_by = None
            self._end.clear()
            self._begin_beat()

    def _begin_beat(self) -> None:
        self._thread = threading.Thread(target=self._beat, name=f"lock {self.path.name}", daemon=True)
        self._thread.start()

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
        with temporary_beside(self.path) as temporary:
            temporary.write_text(json.dumps(content), encoding="utf-8")
            yield temporary

    def _remove_stale(self, judged: Held) -> None:
        """Move a lock out of the way; one that somebody else has put there meanwhile is put back."""
        with temporary_beside(self.path) as aside, suppress(FileNotFoundError):
            self.path.replace(aside)
            moved = read_lock(aside)
            if moved is not None and moved.token != judged.token:
                _link(aside, self.path)

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
