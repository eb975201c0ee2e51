"""The window's title: the run's name, marked while training steps are in no file."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from app.run.controller import RunController


class RunTitle(QObject):
    """Keeps a window's title."""

    def __init__(self, window: QWidget, controller: RunController) -> None:
        """Follow the controller's run; connect it after what counts its unsaved training steps."""
        super().__init__(window)
        self._window, self._controller = window, controller
        for signal in (controller.opened, controller.saved, controller.stepped, controller.applied):
            signal.connect(self.show_run)

    def show_run(self, _message: object = None) -> None:
        """Show the run's name, which is that of its file once it has one."""
        summary = self._controller.summary
        if summary is None:
            return
        title = f"{summary.name}[*] - Cellcube"
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)
        self._window.setWindowModified(self._controller.unsaved_steps > 0)
