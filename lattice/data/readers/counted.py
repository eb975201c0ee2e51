"""Files whose reads are counted, and whose failures become messages that a person can act on."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lattice.errors import DataError
from lattice.formats import LFS_POINTER, POINTER_TEXT
from lattice.regular_files import open_unbuffered

_MOST_POINTER_BYTES = 1024


@dataclass
class ReadMeter:
    """What has been read so far, over all files of a load."""

    bytes: int = 0
    rows: int = 0
    _states: dict[Path, tuple[int, int]] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, *, bytes: int = 0, rows: int = 0) -> None:
        """Count what was read; any thread may."""
        with self._lock:
            self.bytes += bytes
            self.rows += rows

    def watch(self, path: Path) -> None:
        """Note how a file is before it is read for the first time; raises OSError."""
        state = _state(path)
        with self._lock:
            self._states.setdefault(path, state)

    def watched(self) -> frozenset[Path]:
        """Return the files that are watched."""
        with self._lock:
            return frozenset(self._states)

    def check_unchanged(self, others: Collection[Path] = ()) -> None:
        """Raise `DataError` if a file that is there was written to since it was first read; none is watched after.

        Args:
            others: files that are still to be read, and are left under watch.
        """
        with self._lock:
            states = {path: state for path, state in self._states.items() if path not in others}
            self._states = {path: state for path, state in self._states.items() if path in others}
        for path, state in states.items():
            with contextlib.suppress(OSError):  # deleted meanwhile: what was read is one state of it
                if _state(path) != state:
                    raise DataError(
                        f"{path} was written to while it was read, so what was read may be half old and half new: "
                        "wait until it is complete, then open it again"
                    )


def _state(path: Path) -> tuple[int, int]:
    """Return what changes when a file is written to: its size in bytes, and the time of that in ns."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


class CountedFile(io.RawIOBase):
    """An unbuffered file that adds every byte that is read to a meter.

    Files are read, never mapped: a mapped file that shrinks kills the process, a read one raises.
    """

    def __init__(self, path: Path, meter: ReadMeter) -> None:
        """Open `path`; raises OSError."""
        super().__init__()
        self._file = open_unbuffered(path)
        self._meter = meter
        self.size = os.fstat(self._file.fileno()).st_size

    def readinto(self, buffer: Any) -> int | None:
        """Read at most as many bytes as `buffer` holds."""
        count = self._file.readinto(buffer)
        self._meter.add(bytes=count or 0)
        return count

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes, all that are left if it is negative; no more memory is taken than the file has."""
        left = max(0, self.size - self.tell())
        piece = self._file.read(left if size < 0 else min(size, left))
        self._meter.add(bytes=len(piece or b""))
        return piece or b""

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a byte."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the current byte."""
        return self._file.tell()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


@contextlib.contextmanager
def open_counted(path: Path, meter: ReadMeter) -> Iterator[CountedFile]:
    """Open a file for counted reading.

    Raises:
        DataError: it is missing, empty, a folder, or may not be read; also for a disk that fails while reading.
    """
    try:
        meter.watch(path)
        with CountedFile(path, meter) as file:
            if file.size == 0:
                raise DataError(f"{path} is empty; expected at least one row")
            if file.size < _MOST_POINTER_BYTES:
                _refuse_pointer(path, file)
            yield file
    except OSError as error:
        raise explain_os_error(path, error) from error


def _refuse_pointer(path: Path, file: CountedFile) -> None:
    """Refuse what git leaves in the place of a large file that was not fetched."""
    if file.read(len(LFS_POINTER)) == LFS_POINTER:
        raise pointer_error(path)
    file.seek(0)


def pointer_error(path: Path) -> DataError:
    """Return the error for a file in whose place git left a pointer."""
    return DataError(f"{path} is {POINTER_TEXT}")


def explain_os_error(path: Path, error: OSError) -> DataError:
    """Turn an operating system's error into one that says what to do."""
    if isinstance(error, FileNotFoundError):
        return DataError(f"{path} does not exist; check the path")
    if isinstance(error, PermissionError):
        return DataError(f"{path} may not be read by this user; change its permissions or copy it elsewhere")
    return DataError(f"{path} can't be read: {error.strerror or error}")


def read_exactly(file: CountedFile, buffer: memoryview, path: Path, what: str) -> None:
    """Fill `buffer` from the file's current byte.

    Raises:
        DataError: the file ends too early, because it was cut off or shrinks while it is read.
    """
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done : done + (1 << 30)])
        if not count:
            raise DataError(
                f"{path} ends {len(buffer) - done} bytes too early, in {what}; "
                "it is truncated or still being written. Copy or make it again"
            )
        done += count
