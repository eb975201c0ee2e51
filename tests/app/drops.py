"""Files that are dropped on a window."""

from PyQt6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication


def drop(window, *paths):
    """Drag files over the window and let go, by way of the application, as Qt does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(100, 100), *how))
    QApplication.sendEvent(window, QDropEvent(QPointF(100, 100), *how))
