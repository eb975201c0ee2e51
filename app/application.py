"""Starts the window: platform, look, exceptions, and the way out."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from app.options import StartOptions
from app.platform.display_check import prepare_platform
from lattice.collector import lasting
from lattice.errors import DeviceError
from lattice.log import logger

if TYPE_CHECKING:
    from app.run.messages import Failed
    from app.window.main_window import MainWindow

LAUNCH_MILLISECONDS = 30
LATEST_LAUNCH_MILLISECONDS = 2000
"""The worker is launched after this time even if nothing could be drawn."""
SWITCH_SECONDS = 0.0005
"""How soon Python passes its lock on. Drawing gives it up at every call of OpenGL; with the usual 5 ms, getting it back
from a busy worker took longer than drawing."""


def run(options: StartOptions, watch: Callable[[MainWindow], object] | None = None) -> int:
    """Open the window and run until it is closed; return the exit code.

    Args:
        options: what the command line says.
        watch: called with the window before it is shown; what it returns lives as long as the window.

    Returns:
        0: closed, or picture saved. 1: the picture could not be taken.

    Raises:
        CellcubeError: the options can't be used, or there is no display; the command line says so.
    """
    with lasting(kept=True):
        options.configuration()
        if problem := prepare_platform():
            raise DeviceError(problem)
        from PyQt6.QtCore import Qt, QTimer
        from PyQt6.QtGui import QGuiApplication
        from PyQt6.QtWidgets import QApplication

        from app.platform.priorities import shorten_time_slice
        from app.platform.qt_exit import part
        from app.session.preferences import Preferences
        from app.widgets.theme import ThemeController
        from app.window.open_window import open_window

        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        sys.setswitchinterval(SWITCH_SECONDS)
        shorten_time_slice()
        application = QApplication(sys.argv[:1])
        application.setApplicationName("cellcube")
        application.setApplicationDisplayName("Cellcube")
        application.setDesktopFileName("cellcube")
        preferences = Preferences()
        theme = ThemeController(application, options.theme or preferences.theme)
        window = open_window(options, preferences, theme, asks=options.screenshot is None)
        install_exception_hook(window.show_failure)
        interrupts = InterruptWatch(window.interrupt)
        watcher = watch(window) if watch is not None else None
        window.show()
    launch_after_first_frame(window)
    QTimer.singleShot(LATEST_LAUNCH_MILLISECONDS, window.launch)
    photographer = None
    if options.screenshot is not None:
        from app.window.screenshot import Photographer

        photographer = Photographer(window, options)
    code = application.exec()
    del watcher
    interrupts.close()
    if not window.controller.shut_down():
        logger.warning("the worker did not end in time")
    theme.close()
    part()
    return photographer.code if photographer is not None else code


def launch_after_first_frame(window: MainWindow) -> None:
    """Launch the worker soon after the first picture.

    While torch's libraries are being loaded nothing else in the process can look up a library's function, so those
    that drawing needs had better be known by then.
    """
    from PyQt6.QtCore import QTimer

    def launch(_milliseconds: float) -> None:
        window.cube.frame_drawn.disconnect(launch)
        QTimer.singleShot(LAUNCH_MILLISECONDS, window.launch)

    window.cube.frame_drawn.connect(launch)


def install_exception_hook(show: Callable[[Failed], None]) -> None:
    """Send exceptions that nobody caught to the log and to `show`; without this, PyQt ends the process."""
    from app.run.messages import describe_failure

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        logger.error("unexpected error: %s", error, exc_info=(kind, error, trace))
        if threading.current_thread() is threading.main_thread():
            show(describe_failure("Something unexpected happened", error))

    sys.excepthook = hook
    threading.excepthook = lambda args: hook(
        args.exc_type, args.exc_value or RuntimeError("unknown"), args.exc_traceback
    )


class InterruptWatch:
    """Turns Ctrl-C in the terminal, and the system's request to end, into an orderly close.

    Python runs signal handlers only between its own instructions, of which an idle window has none; the wake-up
    socket makes Qt's event loop run some.
    """

    def __init__(self, act: Callable[[], object]) -> None:
        """Call `act` at Ctrl-C, and at SIGTERM and SIGHUP where there are such."""
        from PyQt6.QtCore import QSocketNotifier

        from lattice.cli.signals import handled_signals

        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._old_descriptor = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._handlers = ExitStack()
        self._handlers.enter_context(handled_signals(lambda _signal, _frame: act()))
        descriptor = self._read.fileno()
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read)  # type: ignore[call-overload]
        self._notifier.activated.connect(self._drain)

    def close(self) -> None:
        """Put back what was there."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_descriptor)
        self._handlers.close()
        self._read.close()
        self._write.close()

    def _drain(self) -> None:
        try:
            self._read.recv(64)
        except BlockingIOError:
            logging.getLogger(__name__).debug("spurious wake-up")
