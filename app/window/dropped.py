"""Which file was dropped on the window."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtGui import QDragEnterEvent, QDropEvent


def dropped_file(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """Return the one local file that is dropped; None for several, and for what is no file of this machine."""
    data = event.mimeData()
    urls = [] if data is None else data.urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
