"""Files that can be read without a surprise: no pipe that never ends a read, no device that never ends, none too large.

Importing this module loads neither torch nor numpy.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from lattice.units import bytes_text

_NONBLOCK = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class NotRegularError(OSError):
    """The path is there, but what it names is no file on a disk."""


class TooLargeError(OSError):
    """The file is larger than anything of its kind."""


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading bytes, as `open_unbuffered` does."""
    return io.BufferedReader(open_unbuffered(path))


def open_unbuffered(path: Path) -> io.FileIO:
    """Open a file for reading bytes.

    Opening a named pipe would wait for a writer, perhaps for ever: it is opened without waiting, then checked.

    Raises:
        NotRegularError: a folder, pipe, socket or device.
        OSError: it can't be opened.
    """
    descriptor = os.open(path, os.O_RDONLY | _NONBLOCK)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NotRegularError(0, f"it is {_kind(mode)}, expected a file; copy what it gives into a file first")
        return io.FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_within(path: Path, limit: int) -> bytes:
    """Return a small file's bytes.

    Raises:
        TooLargeError: it has more than `limit` bytes.
        NotRegularError: as `open_regular` does.
        OSError: it can't be read.
    """
    with open_regular(path) as file:
        content = file.read(limit + 1)
        if len(content) > limit:
            size = os.fstat(file.fileno()).st_size
            raise TooLargeError(0, f"it has {bytes_text(size)}, expected at most {bytes_text(limit)}")
    return content


def reason(error: OSError) -> str:
    """Return an operating system's error in words, without the number and the path that Python puts around them."""
    return error.strerror or str(error)


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a disk"),
    )
    return next((word for is_kind, word in kinds if is_kind(mode)), "no regular file")
