"""Pictures and movies of the cube: what the File menu does about them."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal
from PyQt6.QtGui import QImage

from app.cube.portrait import shrunk
from app.files import FileActions
from app.panels.picture import PictureDialog
from app.recording import Recorder
from lattice.errors import CellcubeError, DeviceError
from lattice.log import logger

if TYPE_CHECKING:
    from app.main_window import MainWindow


SUPERSAMPLE = 2
"""Samples per pixel of a saved picture, along each axis."""


class PictureActions(QObject):
    """Photos, pictures of chosen size, and movies."""

    recording_changed = pyqtSignal(bool)
    _written = pyqtSignal(object, object)

    def __init__(self, window: MainWindow, files: FileActions) -> None:
        """Work for a window; `files` asks for names and says what was saved."""
        super().__init__(window)
        self._window, self._files = window, files
        self._pending: set[Path] = set()
        self._writers: list[threading.Thread] = []
        self._written.connect(self._on_written)
        self.recorder = Recorder(self)
        self.recorder.failed.connect(files.failed)
        self.recorder.failed.connect(lambda _failure: self.recording_changed.emit(False))
        self.recorder.started.connect(lambda path: files.said.emit(f"Recording {path.name}; Ctrl+R ends it"))
        self.recorder.stopped.connect(self._on_recorded)

    def photo(self) -> None:
        """Save a picture of the cube at once, in the pictures folder."""
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = Path(place or Path.home()) / "Cellcube"
        name = f"{self._files.name()}-{time.strftime('%Y%m%d-%H%M%S')}"
        path, number = folder / f"{name}.png", 1
        while path.exists() or path in self._pending:
            number += 1
            path = folder / f"{name}-{number}.png"
        size = self._window.cube.size()
        self.save_picture(path, size.width(), size.height())

    def ask_picture(self) -> None:
        """Choose a size and a file for a picture."""
        size = self._window.cube.size()
        dialog = PictureDialog(size.width(), size.height(), self._window)
        dialog.accepted.connect(
            lambda: self._files.ask_save("Save picture", f"{self._files.name()}.png", "Pictures (*.png)",
                                   lambda path: self.save_picture(path, *dialog.size_chosen))
        )  # fmt: skip
        dialog.open()

    def save_picture(self, path: Path, width: int, height: int) -> None:
        """Save a smooth picture of the cube, `width` x `height` pixels, while the window goes on."""
        self._pending.add(path)

        def take(pixels: NDArray[np.uint8]) -> None:
            writer = threading.Thread(target=self._write, args=(path, pixels), name=f"writing {path.name}")
            self._writers.append(writer)
            writer.start()

        def fail(error: Exception) -> None:
            logger.error("%s could not be drawn", path, exc_info=error)
            self._on_written(path, _in_words(error, width, height))

        try:
            self._window.cube.take_picture(width, height, SUPERSAMPLE, take, fail)
        except (RuntimeError, DeviceError, MemoryError) as error:
            fail(error)

    def _write(self, path: Path, pixels: NDArray[np.uint8]) -> None:
        """Shrink, compress and write a picture, in a thread of its own."""
        problem: Exception | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not to_qimage(shrunk(pixels, SUPERSAMPLE)).save(str(path)):
                raise OSError(f"the picture {path} can't be written")
        except (OSError, MemoryError) as error:
            problem = _in_words(error, pixels.shape[1] // SUPERSAMPLE, pixels.shape[0] // SUPERSAMPLE)
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._written.emit(path, problem)

    def _on_written(self, path: Path, problem: Exception | None) -> None:
        self._pending.discard(path)
        self._writers = [writer for writer in self._writers if writer.is_alive()]
        if problem is None:
            self._files.said.emit(f"Saved {path}")
        else:
            self._files.fail(f"Can't save {path.name}", problem)

    def toggle_recording(self, on: bool) -> None:
        """Begin a movie, asking for its file, or end the one that is being recorded."""
        if not on:
            self.recorder.stop()
            return
        self.recording_changed.emit(False)
        self._files.ask_save("Record movie", f"{self._files.name()}.mp4", "Movies (*.mp4 *.gif)", self.start_recording)

    def start_recording(self, path: Path) -> None:
        """Record the cube at its present size until stopped."""
        cube = self._window.cube
        width, height = cube.width(), cube.height()
        try:
            self.recorder.start(path, lambda: cube.image(width, height, 1))
            self.recording_changed.emit(True)
        except CellcubeError as error:
            self._files.fail("Can't record", error)

    def close(self) -> None:
        """Finish a movie that is being recorded, and pictures that are being drawn or written."""
        self.recorder.close()
        self._window.cube.finish_pictures()
        for writer in self._writers:
            writer.join()

    def _on_recorded(self, path: Path, frames: int) -> None:
        self.recording_changed.emit(False)
        self._files.said.emit(f"Saved {path}, {frames} frames" if frames else "Nothing was recorded")


def _in_words(error: Exception, width: int, height: int) -> Exception:
    """Return what to tell about a picture of so many pixels that failed."""
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return DeviceError(f"there is not enough memory for {width} x {height} pixels; choose a smaller picture")
    if isinstance(error, (CellcubeError, OSError)):
        return error
    return CellcubeError(f"the picture could not be drawn: {str(error) or type(error).__name__}")


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return [height, width, 3] uint8 as a QImage that owns its pixels."""
    height, width = pixels.shape[:2]
    rgb = np.ascontiguousarray(pixels[..., :3])
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
