"""Pictures and movies of the cube: what the File menu does about them."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.actions.file_dialogs import FileDialogs, proposed_stem
from app.actions.moment import ShownMoment
from app.cube.gl.tiled_image import shrunk
from app.cube.view import CubeView
from app.pictures.caption import Caption, Stamp, stamped, to_pixels
from app.pictures.dialog import PictureDialog
from app.pictures.movie import Recorder
from app.run.controller import RunController
from app.run.messages import Failed, input_failure
from app.session.display import Display
from app.session.preferences import Preferences
from app.widgets.theme import ThemeController
from app.widgets.transient import transient
from lattice.errors import CellcubeError, DeviceError
from lattice.log import logger
from lattice.units import seconds_text

SUPERSAMPLE = 2
"""Samples per pixel of a saved picture, along each axis."""


class PictureActions(QObject):
    """Photos, pictures of chosen size, and movies."""

    recording_changed = pyqtSignal(bool)
    captions_changed = pyqtSignal(bool)
    _written = pyqtSignal(object, object)

    def __init__(
        self,
        controller: RunController,
        display: Display,
        cube: CubeView,
        theme: ThemeController,
        preferences: Preferences,
        dialogs: FileDialogs,
        notify: Callable[[str], None],
        show_failure: Callable[[Failed], None],
        parent: QWidget,
    ) -> None:
        """Take pictures of a cube.

        Args:
            controller: of the run that they show.
            display: says which moment is on screen.
            cube: what is drawn.
            theme: the application's look, which captions follow.
            preferences: where it is remembered whether pictures have captions.
            dialogs: ask for files.
            notify: shows a sentence.
            show_failure: shows what went wrong.
            parent: window that dialogs belong to; its font is the captions'.
        """
        super().__init__(parent)
        self._controller, self._cube, self._preferences = controller, cube, preferences
        self._dialogs, self._notify, self._show_failure, self._parent = dialogs, notify, show_failure, parent
        self._pending: set[Path] = set()
        self._writers: list[threading.Thread] = []
        self._written.connect(self._on_written)
        self._moment = ShownMoment(controller, display, cube, theme, parent)
        self.recorder = Recorder(self)
        self.recorder.failed.connect(show_failure)
        self.recorder.failed.connect(lambda _failure: self.recording_changed.emit(False))
        self.recorder.started.connect(self._on_started)
        self.recorder.stopped.connect(self._on_recorded)

    def set_captions(self, on: bool) -> None:
        """Say in pictures and movies what they show, or keep them bare."""
        self._preferences.captions = on
        self.captions_changed.emit(on)

    def caption(self, *, newest: bool = True) -> Caption | None:
        """Return what a picture of the present moment says, None if it is to be bare.

        `newest`: with the legend's numbers of this very moment; else with those on the screen, which can be read.
        """
        return self._moment.caption(newest=newest) if self._preferences.captions else None

    def _stem(self) -> str:
        return proposed_stem(self._controller.summary)

    def _stamps(self, width: int, height: int, *, newest: bool = True) -> list[Stamp]:
        caption = self.caption(newest=newest)
        return [] if caption is None else caption.stamps(width, height, self._cube.face_spots(width, height))

    def photo(self) -> None:
        """Save a picture of the cube at once, in the pictures folder."""
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = Path(place or Path.home()) / "Cellcube"
        name = f"{self._stem()}-{time.strftime('%Y%m%d-%H%M%S')}"
        path, number = folder / f"{name}.png", 1
        while path.exists() or path in self._pending:
            number += 1
            path = folder / f"{name}-{number}.png"
        self.save_picture(path, *self._cube.pixels)

    def ask_picture(self) -> None:
        """Choose a size and a file for a picture."""
        captions = self._preferences.captions
        dialog = transient(PictureDialog(*self._cube.pixels, self._parent, captions=captions))

        def ask_file() -> None:
            width, height = dialog.size_chosen
            self.set_captions(dialog.captions.isChecked())
            self._dialogs.ask_save(
                "Save picture",
                f"{self._stem()}.png",
                "Pictures (*.png)",
                lambda path: self.save_picture(path, width, height),
            )

        dialog.accepted.connect(ask_file)
        dialog.open()

    def save_picture(self, path: Path, width: int, height: int) -> None:
        """Save a smooth picture of the cube, `width` x `height` pixels, without blocking the window."""
        self._pending.add(path)
        stamps: list[Stamp] = []

        def begin() -> None:
            stamps[:] = self._stamps(width, height)

        def take(pixels: NDArray[np.uint8]) -> None:
            writer = threading.Thread(target=self._write, args=(path, pixels, stamps), name=f"writing {path.name}")
            self._writers.append(writer)
            writer.start()

        def fail(error: Exception) -> None:
            logger.error("%s could not be drawn", path, exc_info=error)
            self._on_written(path, _in_words(error, width, height))

        try:
            self._cube.take_picture(width, height, SUPERSAMPLE, take, fail, begin)
        except (RuntimeError, DeviceError, MemoryError) as error:
            fail(error)

    def _write(self, path: Path, pixels: NDArray[np.uint8], stamps: list[Stamp]) -> None:
        """Shrink, compress and write a picture, in a thread of its own."""
        problem: Exception | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not stamped(shrunk(pixels, SUPERSAMPLE), stamps).save(str(path)):
                raise OSError(f"the picture {path} can't be written")
        except (OSError, MemoryError) as error:
            problem = _in_words(error, pixels.shape[1] // SUPERSAMPLE, pixels.shape[0] // SUPERSAMPLE)
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._written.emit(path, problem)

    def _on_written(self, path: Path, problem: Exception | None) -> None:
        self._pending.discard(path)
        self._writers = [writer for writer in self._writers if writer.is_alive()]
        if problem is None:
            self._notify(f"Saved {path}")
        else:
            self._show_failure(input_failure(f"Can't save {path.name}", problem))

    def toggle_recording(self, on: bool) -> None:
        """Begin a movie, asking for its file, or end the one that is being recorded."""
        if not on:
            self.recorder.stop()
            return
        self.recording_changed.emit(False)
        self._dialogs.ask_save("Record movie", f"{self._stem()}.mp4", "Movies (*.mp4 *.gif)", self.start_recording)

    def start_recording(self, path: Path) -> None:
        """Record the cube until stopped, with as many pixels as it has on the screen now."""
        width, height = self._cube.pixels

        def frame() -> NDArray[np.uint8]:
            return to_pixels(stamped(self._cube.image(width, height, 1), self._stamps(width, height, newest=False)))

        try:
            self.recorder.start(path, frame)
            self.recording_changed.emit(True)
        except CellcubeError as error:
            self._show_failure(input_failure("Can't record", error))

    def close(self) -> None:
        """Finish a movie that is being recorded, and pictures that are being drawn or written."""
        self.recorder.close()
        self._cube.finish_pictures()
        for writer in self._writers:
            writer.join()

    def _on_started(self, path: Path) -> None:
        width, height = self._cube.pixels
        self._notify(f"Recording {path.name} with the screen's {width} x {height} pixels; Ctrl+R ends it")

    def _on_recorded(self, path: Path, seconds: float) -> None:
        self.recording_changed.emit(False)
        self._notify(f"Saved {path}, {seconds_text(seconds)} long" if seconds else "Nothing was recorded")


def _in_words(error: Exception, width: int, height: int) -> Exception:
    """Return what to report about a picture of so many pixels that failed."""
    if isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        return DeviceError(f"there is not enough memory for {width} x {height} pixels; choose a smaller picture")
    if isinstance(error, (CellcubeError, OSError)):
        return error
    return CellcubeError(f"the picture could not be drawn: {str(error) or type(error).__name__}")
