"""Standard output and error that can fail without ending the work: closed, full, or of an encoding that lacks letters.

What the program does counts, and its exit code says it; whether anybody could read of it does not change that.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO


class SteadyStream:
    """A text stream whose failures are swallowed: after the first one, what is written goes nowhere."""

    def __init__(self, stream: TextIO, *, ends_with_its_reader: bool) -> None:
        """Wrap a stream; where it `ends_with_its_reader`, a closed pipe is raised, as for `program | head`."""
        self._stream, self._raises_closed_pipe = stream, ends_with_its_reader
        self.failed = False
        """Whether something could not be written."""
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write a text; return its length."""
        if not self.failed:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:
                self._fail(error)
        return len(text)

    def flush(self) -> None:
        """Hand what was written to the system."""
        if not self.failed:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._fail(error)

    def __getattr__(self, name: str) -> Any:
        """Return whatever else a stream has."""
        return getattr(self._stream, name)

    def _fail(self, error: Exception) -> None:
        if self._raises_closed_pipe and isinstance(error, BrokenPipeError):
            raise error
        self.failed = True
        # What the stream still holds would be tried again when Python ends, with a traceback and another exit code.
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def steady_output() -> Iterator[None]:
    """Keep failures of standard output and error away from the work in the block."""
    _fill_missing_descriptors()
    before = sys.stdout, sys.stderr
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        stdout = SteadyStream(before[0] or nowhere, ends_with_its_reader=True)
        stderr = SteadyStream(before[1] or nowhere, ends_with_its_reader=False)
        sys.stdout, sys.stderr = stdout, stderr
        try:
            yield
        finally:
            with suppress(BrokenPipeError):
                stdout.flush()
            stderr.flush()
            sys.stdout, sys.stderr = before


def _fill_missing_descriptors() -> None:
    """Open what a shell closed: the next file to be opened would take its number, and get what libraries print."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)
