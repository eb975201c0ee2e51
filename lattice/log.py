"""The project's logger: one console handler, at most one file, and never the root logger."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TextIO

LOGGER_NAME = "cellcube"

logger = logging.getLogger(LOGGER_NAME)

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"


class ConsoleHandler(logging.StreamHandler[TextIO]):
    """Write to whatever `sys.stderr` is now, replacing characters that its code page lacks."""

    def __init__(self) -> None:
        """Create the handler; the stream is looked up anew for every record."""
        super().__init__(sys.stderr)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a console that can't show a character gets a replacement, never an exception."""
        stream = sys.stderr
        if stream is None:  # pythonw on Windows has no console
            return
        try:
            text = self.format(record) + self.terminator
            encoding = getattr(stream, "encoding", None) or "utf-8"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
            stream.flush()
        except Exception:
            self.handleError(record)


def configure_logging(level: str, *, debug_mode: bool = False, log_file: Path | None = None) -> None:
    """Set up the project's logger; calling it again changes levels and files, and adds no second handler.

    Priority: `debug_mode` over `level`. The root logger is left alone, and records still
    propagate to it, so that a test's or a host program's own handlers see them.
    """
    logger.setLevel(logging.DEBUG if debug_mode else level)
    if not any(isinstance(handler, ConsoleHandler) for handler in logger.handlers):
        handler = ConsoleHandler()
        handler.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))
        logger.addHandler(handler)
    _set_log_file(log_file)


def _set_log_file(log_file: Path | None) -> None:
    target = None if log_file is None else str(Path(log_file).expanduser().absolute())
    present = False
    for handler in list(logger.handlers):
        if not isinstance(handler, logging.FileHandler):
            continue
        if handler.baseFilename == target:
            present = True
        else:
            logger.removeHandler(handler)
            handler.close()
    if target is None or present:
        return
    Path(target).parent.mkdir(parents=True, exist_ok=True)
    file_handler = logging.FileHandler(target, encoding="utf-8", delay=True)
    file_handler.setFormatter(logging.Formatter(_FORMAT))
    logger.addHandler(file_handler)
