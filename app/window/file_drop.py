"""Opens a file that is dropped on a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QWidget


class FileDrop(QObject):
    """Takes one local file; whatever else is dragged over the window is not taken."""

    def __init__(self, window: QWidget, open_path: Callable[[Path], None]) -> None:
        """Watch a window; `open_path` is called with the file."""
        super().__init__(window)
        self._open_path = open_path
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Accept and open."""
        if not isinstance(event, QDragEnterEvent | QDropEvent):
            return False
        path = _dropped_file(event)
        if path is None:
            return False
        event.acceptProposedAction()
        if event.type() == QEvent.Type.Drop:
            self._open_path(path)
        return True


def _dropped_file(event: QDropEvent) -> Path | None:
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
