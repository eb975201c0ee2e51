"""`metrics.jsonl`: one JSON object a line, one course over all sessions, and no line lost to a full disk."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Literal

from lattice.errors import CheckpointError
from lattice.log import logger
from lattice.runs.course import Course
from lattice.runs.fallback import save_somewhere
from lattice.runs.metrics_history import trim_metrics
from lattice.units import plural

RETRY_SECONDS = 5.0
MOST_WAITING = 200_000
"""Lines that are kept in memory while they can't be written; about 150 MB."""


class MetricsFile:
    """Appends lines that name run, session and wall time; what can't be written waits until it can."""

    def __init__(self, path: Path, course: Course, *, step: int, now: Callable[[], float] = time.time) -> None:
        """Open `path` for a run that is at training step `step`.

        Lines of later training steps, which this session repeats, and of other courses move to a file beside it.

        Raises:
            OSError: it can't be opened.
        """
        self.path, self._now = path, now
        self._marks = {"run_id": course.run_id, "session_id": course.sessions[-1][0]}
        self._evaluated = trim_metrics(path, course, step)
        self._file: BinaryIO = self._open()
        self._end = self._file.seek(0, os.SEEK_END)
        self._unended = False  # whether what is there lacks the end of its last line
        self._waiting: list[bytes] = []
        self._paused_at: float | None = None
        self._dropped = 0

    @property
    def paused(self) -> bool:
        """Whether lines wait because they can't be written."""
        return self._paused_at is not None

    def write(self, kind: str, values: dict[str, Any]) -> None:
        """Write one line and hand it to the system, so that a crash loses nothing; never raises OSError."""
        if kind == "evaluation":
            step = int(values["training_step"])
            if step <= self._evaluated:  # a session that begins where the last one ended would score it again
                return
            self._evaluated = step
        self._follow_name()
        now = self._now()
        line = {"kind": kind, **self._marks, "wall_time": round(now, 3), **values}
        self._waiting.append(json.dumps(line).encode() + b"\n")
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[1]  # the first may be all that was there before
            self._dropped += 1
        if self._paused_at is None or now - self._paused_at >= RETRY_SECONDS or now < self._paused_at:
            self.flush()

    def flush(self) -> bool:
        """Write what waits; False if it still can't be written."""
        try:
            if self._file.closed:
                self._go_on_in(self._open())
                self._drop_what_waits()
            while self._waiting:
                self._append(self._waiting[0])
                del self._waiting[0]
        except (OSError, ValueError) as error:
            self._pause(error)
            return False
        if self._paused_at is not None:
            lost = f"; {plural(self._dropped, 'line')} did not fit into memory meanwhile" if self._dropped else ""
            logger.warning("%s is written again%s", self.path, lost)
            self._paused_at, self._dropped = None, 0
        return True

    def restore(self, path: Path) -> bool:
        """Write everything so far to `path`, because the file was deleted or lies elsewhere now, and go on there.

        Returns:
            Whether that could be done; else it is tried again with the lines to come.
        """
        if path == self.path and not self._file.closed and self._found() == "open":
            return self.flush()
        with suppress(OSError, ValueError):
            self._file.seek(0)
            self._waiting.insert(0, self._file.read(self._end))
        self._file.close()
        self.path, self._end = path, 0
        return self.flush()

    def close(self, refuges: Sequence[Path] = ()) -> None:
        """Write what waits, to the first of `refuges` that works if it must be, and close the file; says what is where.

        Never raises OSError.
        """
        if not self.flush():
            logger.error("%s lacks its last %s", self.path, plural(len(self._waiting), "line"))
            if refuges:
                with suppress(CheckpointError):  # which the log says
                    lines = b"".join(self._waiting)
                    place = save_somewhere(lambda place: place.write_bytes(lines), refuges[0], refuges[1:])
                    logger.warning("The lines that %s lacks are in %s", self.path, place)
        with suppress(OSError):
            self._file.close()

    def _follow_name(self) -> None:
        """Write everything again where the file was deleted, and go on in what replaced it where it was replaced."""
        found = "open" if self._file.closed else self._found()
        if found == "nothing" and self.restore(self.path):
            logger.warning("%s was deleted: it is written again, with all lines so far", self.path)
        if found == "another":
            before = self._file
            try:
                self._go_on_in(self._open())
            except OSError:  # a folder, or it may not be written: all lines wait until it can be
                self.restore(self.path)
                return
            before.close()
            logger.warning("%s was replaced by another file: the next lines are added to that one", self.path)

    def _found(self) -> Literal["open", "another", "nothing"]:
        """Return what has the file's name now: the open file, another one, or nothing."""
        try:
            same = os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except (FileNotFoundError, NotADirectoryError):
            return "nothing"
        except OSError:  # a folder that can't be read, a disk that doesn't answer: nothing says that it is gone
            return "open"
        return "open" if same else "another"

    def _go_on_in(self, file: BinaryIO) -> None:
        """Add the next lines to `file`; raises OSError where it can't be read."""
        try:
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
            unended = end > 0 and file.read(1) != b"\n"
        except OSError:
            file.close()
            raise
        self._file, self._end, self._unended = file, end, unended

    def _drop_what_waits(self) -> None:
        """Empty the file where all that it holds waits to be written; anything else that lies there stays."""
        if self._end and self._waiting and self._end <= len(self._waiting[0]):
            self._file.seek(0)
            if self._waiting[0].startswith(self._file.read(self._end)):
                self._file.truncate(0)
                self._end, self._unended = 0, False

    def _open(self) -> BinaryIO:
        # Without a buffer: what a failed write left there would be written again at the close.
        return self.path.open("a+b", buffering=0)

    def _append(self, content: bytes) -> None:
        content = b"\n" + content if self._unended else content
        try:
            written = self._file.write(content)
            if written != len(content):
                raise OSError(28, "No space left on device")
        except OSError:
            with suppress(OSError):
                self._file.truncate(self._end)
            raise
        self._end, self._unended = self._end + len(content), False

    def _pause(self, error: Exception) -> None:
        if self._paused_at is None:
            logger.warning(
                "%s can't be written (%s): training goes on, and its lines follow when that is possible again",
                self.path,
                error,
            )
        self._paused_at = self._now()
