"""The project's logger: one console handler, at most one file, and never the root logger."""

from __future__ import annotations

import logging
import os
import sys
import threading
from pathlib import Path

from lattice.errors import ConfigError

LOGGER_NAME = "cellcube"

logger = logging.getLogger(LOGGER_NAME)

_FORMAT = "%(asctime)s %(levelname)-7s %(message)s"

_setup_lock = threading.Lock()


class ConsoleHandler(logging.Handler):
    """Write to whatever `sys.stderr` is now, escaping characters that its code page lacks."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; a console that can't show a character, or is gone, never raises."""
        stream = sys.stderr
        if stream is None or getattr(stream, "closed", False):  # pythonw on Windows has no console
            return
        try:
            encoding = getattr(stream, "encoding", None) or "utf-8"
            text = self.format(record).encode(encoding, "backslashreplace").decode(encoding)
            stream.write(text + "\n")
            stream.flush()
        except Exception:
            self.handleError(record)


class LogFileHandler(logging.FileHandler):
    """Append to the file named by the settings; other handlers of a host program are left alone."""

    def __init__(self, path: Path) -> None:
        """Open `path` for appending, making its folder when needed; raises OSError."""
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(logging.Formatter(_FORMAT))


class EarlyRecords(logging.Handler):
    """Keeps what is logged before anybody said how and where to; `configure_logging` passes it on."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.records.append(record)


def hold_records() -> None:
    """Keep what is logged from now on until the logger is set up; without effect once it is."""
    if not any(isinstance(handler, ConsoleHandler | EarlyRecords) for handler in logger.handlers):
        logger.addHandler(EarlyRecords())
        logger.setLevel(logging.DEBUG)


def release_records() -> None:
    """Write warnings that are still held, where the program ends before its settings are known."""
    if any(isinstance(handler, EarlyRecords) for handler in logger.handlers):
        configure_logging("WARNING")


def ensure_logging() -> None:
    """Set up the project's logger at INFO, unless that was done before."""
    if not any(isinstance(handler, ConsoleHandler) for handler in logger.handlers):
        configure_logging("INFO")


def configure_logging(level: str, *, debug_mode: bool = False, log_file: Path | None = None) -> None:
    """Set up the project's logger; calling it again changes level and file, and adds no second handler.

    Priority: `debug_mode` over `level`. The root logger is left alone, and records still
    propagate to it, so that a test's or a host program's own handlers see them.

    Args:
        level: name of the least serious level that is logged.
        debug_mode: log everything, whatever `level` says.
        log_file: file that the log is appended to, `~` and paths relative to the working folder allowed.

    Raises:
        ConfigError: the log file can't be opened; the logger then keeps its former level and file.
    """
    with _setup_lock:
        _set_log_file(log_file)
        logger.setLevel(logging.DEBUG if debug_mode else level)
        if not any(isinstance(handler, ConsoleHandler) for handler in logger.handlers):
            handler = ConsoleHandler()
            handler.setFormatter(logging.Formatter(_FORMAT, "%H:%M:%S"))
            logger.addHandler(handler)
        held = [handler for handler in logger.handlers if isinstance(handler, EarlyRecords)]
        for early in held:
            logger.removeHandler(early)
        for record in (record for early in held for record in early.records if logger.isEnabledFor(record.levelno)):
            for listener in logger.handlers:
                listener.handle(record)


def _set_log_file(log_file: Path | None) -> None:
    former = [handler for handler in logger.handlers if isinstance(handler, LogFileHandler)]
    if log_file is not None:
        try:
            path = os.path.abspath(log_file.expanduser())
            if any(handler.baseFilename == path for handler in former):
                return
            logger.addHandler(LogFileHandler(Path(path)))
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigError(
                f"logging.log_file: can't open the log file {log_file}: {reason}; name a file that can be written"
            ) from None
    for handler in former:
        logger.removeHandler(handler)
        handler.close()
