"""Reports when files were saved, also by editors that put a new file in the place of the old one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from PyQt6.QtCore import QFileSystemWatcher, QObject, QTimer, pyqtSignal

SETTLE_MS = 150
"""A save is several changes in a row: files are looked at this long after the last one."""


class FileWatch(QObject):
    """Watches files for other contents; a file that is gone for a moment stays watched."""

    saved = pyqtSignal(object)
    """The `Path` of a file whose contents are other than before."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Watch nothing yet."""
        super().__init__(parent)
        self._contents: dict[Path, bytes | None] = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._note)
        self._watcher.directoryChanged.connect(self._note)
        self._timer = QTimer(self)
        self._timer.setObjectName("file watch")
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._look)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The watched files."""
        return tuple(self._contents)

    def watch(self, paths: Iterable[Path]) -> None:
        """Watch these files and no others; one that was watched before keeps the contents that were seen last."""
        self._contents = {path: self._contents.get(path) or _digest(path) for path in paths}
        self._rearm()

    def close(self) -> None:
        """Watch nothing any more."""
        self._timer.stop()
        self.watch(())

    def _note(self, _path: str) -> None:
        self._timer.start()

    def _look(self) -> None:
        self._rearm()
        for path, before in tuple(self._contents.items()):
            now = _digest(path)
            if now is not None and now != before:
                self._contents[path] = now
                self.saved.emit(path)

    def _rearm(self) -> None:
        """Watch files and their folders again: a file that was replaced is no longer watched by itself."""
        wanted = {str(place) for path in self._contents for place in (path, path.parent) if place.exists()}
        watched = {*self._watcher.files(), *self._watcher.directories()}
        if gone := watched - wanted:
            self._watcher.removePaths(sorted(gone))
        if new := wanted - watched:
            self._watcher.addPaths(sorted(new))


def _digest(path: Path) -> bytes | None:
    """Return a hash of a file's contents, None if it can't be read now."""
    try:
        return hashlib.sha256(path.read_bytes()).digest()
    except OSError:
        return None
