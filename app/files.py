"""Opening, saving and exporting: what the File menu does, with its dialogs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, QStandardPaths, pyqtSignal
from PyQt6.QtGui import QImage
from PyQt6.QtWidgets import QFileDialog

from app.commands import OpenRun, SaveKind
from app.messages import Failed, Saved, describe_failure
from app.panels.picture import PictureDialog
from app.preferences import Preferences, PreferencesDialog
from app.recording import Recorder
from lattice.config import SimpleProjectConfig
from lattice.errors import CellcubeError

if TYPE_CHECKING:
    from app.main_window import MainWindow

CHECKPOINTS = "Checkpoints (*.safetensors)"
SETTINGS = "Settings (*.toml)"
DATA = (
    "Data (*.safetensors *.npy *.npz *.pt *.txt *.jsonl *.csv *.tsv *.parquet);;All files (*)"
)
CONFIG_ENDINGS = (".toml",)
LONGEST_HEADER = 100_000_000
"""Bytes; the format allows no more."""
DATA_ENDINGS = (".npy", ".npz", ".pt", ".txt", ".jsonl", ".csv", ".tsv", ".parquet")
"""Endings that can only be data. A `.safetensors` file may be a checkpoint or embeddings: its metadata tells."""


class FileActions(QObject):
    """Everything that begins or ends in a file."""

    recording_changed = pyqtSignal(bool)
    said = pyqtSignal(str)
    """A sentence for the status bar."""
    failed = pyqtSignal(object)

    def __init__(self, window: MainWindow, preferences: Preferences) -> None:
        """Work for a window."""
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._path: Path | None = None
        self.recorder = Recorder(self)
        self.recorder.failed.connect(self.failed)
        self.recorder.started.connect(lambda path: self.said.emit(f"Recording {path.name}; Ctrl+R ends it"))
        self.recorder.stopped.connect(self._on_recorded)
        self.recorder.failed.connect(lambda _failure: self.recording_changed.emit(False))

    # Opening.

    def open_preset(self, name: str) -> None:
        """Begin a new run from a bundled preset."""
        self._open_config(lambda: SimpleProjectConfig.from_preset(name), name)

    def open_path(self, path: Path) -> None:
        """Open a file of any kind that this program knows, by its ending and its contents."""
        suffix = path.suffix.lower()
        if not path.exists():
            self._fail(f"Can't open {path.name}", FileNotFoundError(f"there is no file {path}"))
        elif suffix in CONFIG_ENDINGS:
            self.open_config(path)
        elif suffix == ".safetensors" and is_checkpoint(path):
            self.open_checkpoint(path)
        elif suffix == ".safetensors" or suffix in DATA_ENDINGS or path.is_dir():
            self.open_data(path)
        else:
            expected = ", ".join((*CONFIG_ENDINGS, ".safetensors", *DATA_ENDINGS))
            self._fail(
                f"Can't open {path.name}",
                CellcubeError(f"{path} has an unknown ending: expected one of {expected}. The present run goes on."),
            )

    def open_config(self, path: Path) -> None:
        """Begin a new run with the settings in a TOML file."""
        self._open_config(lambda: SimpleProjectConfig.from_toml(path), path.name, path)

    def open_data(self, path: Path) -> None:
        """Begin a new run on other data, with the present settings otherwise."""
        summary = self._window.controller.summary
        config = summary.config if summary is not None else SimpleProjectConfig()
        self._open_config(lambda: config.replaced({"training_embedding.data": str(path)}), path.name, path)

    def open_checkpoint(self, path: Path) -> None:
        """Go on with a saved run."""
        self._preferences.remember_file(path)
        self._leave_run(lambda: self._open(OpenRun(path.name, checkpoint=path, start=self._window.trains), path))

    def ask_data(self) -> None:
        """Choose a data file."""
        self._ask_open("Open data", DATA, self.open_data)

    def ask_config(self) -> None:
        """Choose a settings file."""
        self._ask_open("Open settings", SETTINGS, self.open_config)

    def ask_checkpoint(self) -> None:
        """Choose a checkpoint."""
        self._ask_open("Open checkpoint", CHECKPOINTS, self.open_checkpoint)

    # Saving.

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save the run to its file, or ask for one if it has none yet."""
        if self._path is None:
            self.save_as(then)
        else:
            self._save(self._path, "checkpoint", then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Save the run to a file that is asked for."""
        self._ask_save("Save run", f"{self._name()}.safetensors", CHECKPOINTS,
                       lambda path: self._save(path, "checkpoint", then))  # fmt: skip

    def ask_save_config(self) -> None:
        """Write the settings to a TOML file."""
        summary = self._window.controller.summary
        if summary is not None:
            text = summary.config.to_toml()
            self._ask_save("Save settings", f"{self._name()}.toml", SETTINGS,
                           lambda path: self._write(path, lambda: path.write_text(text, encoding="utf-8")))  # fmt: skip

    def ask_export(self) -> None:
        """Write weights and settings for use elsewhere."""
        self._ask_save("Export checkpoint", f"{self._name()}-weights.safetensors", CHECKPOINTS,
                       lambda path: self._save(path, "export"))  # fmt: skip

    def ask_export_embeddings(self) -> None:
        """Write the outputs for the validation set."""
        self._ask_save("Export embeddings", f"{self._name()}-embeddings.safetensors", CHECKPOINTS,
                       lambda path: self._save(path, "embeddings"))  # fmt: skip

    def ask_curves_csv(self) -> None:
        """Write the curves as a table."""
        curves = self._window.curves
        self._ask_save("Export curves", f"{self._name()}-curves.csv", "Tables (*.csv)",
                       lambda path: self._write(path, lambda: curves.to_csv(path)))  # fmt: skip

    def ask_curves_image(self) -> None:
        """Write the curves as a picture."""
        curves = self._window.curves
        self._ask_save("Export curves", f"{self._name()}-curves.png", "Pictures (*.png *.svg)",
                       lambda path: self._write(path, lambda: curves.save_image(path)))  # fmt: skip

    # Pictures and movies.

    def photo(self) -> None:
        """Save a picture of the cube at once, in the pictures folder."""
        place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = Path(place or Path.home()) / "Cellcube"
        name = f"{self._name()}-{time.strftime('%Y%m%d-%H%M%S')}"
        path, number = folder / f"{name}.png", 1
        while path.exists():
            number += 1
            path = folder / f"{name}-{number}.png"
        size = self._window.cube.size()
        self.save_picture(path, size.width(), size.height())

    def ask_picture(self) -> None:
        """Choose a size and a file for a picture."""
        size = self._window.cube.size()
        dialog = PictureDialog(size.width(), size.height(), self._window)
        dialog.accepted.connect(
            lambda: self._ask_save("Save picture", f"{self._name()}.png", "Pictures (*.png)",
                                   lambda path: self.save_picture(path, *dialog.size_chosen))
        )  # fmt: skip
        dialog.open()

    def save_picture(self, path: Path, width: int, height: int) -> None:
        """Save a smooth picture of the cube, `width` x `height` pixels."""

        def write() -> None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not to_qimage(self._window.cube.image(width, height, 2)).save(str(path)):
                raise OSError(f"the picture {path} can't be written")

        self._write(path, write)

    def toggle_recording(self, on: bool) -> None:
        """Begin a movie, asking for its file, or end the one that is being recorded."""
        if not on:
            self.recorder.stop()
            return
        self.recording_changed.emit(False)
        self._ask_save("Record movie", f"{self._name()}.mp4", "Movies (*.mp4 *.gif)", self.start_recording)

    def start_recording(self, path: Path) -> None:
        """Record the cube at its present size until stopped."""
        cube = self._window.cube
        width, height = cube.width(), cube.height()
        try:
            self.recorder.start(path, lambda: cube.image(width, height, 1))
            self.recording_changed.emit(True)
        except CellcubeError as error:
            self._fail("Can't record", error)

    def ask_preferences(self) -> None:
        """Edit the preferences."""
        dialog = PreferencesDialog(self._preferences, self._window)
        dialog.accepted.connect(self._window.take_preferences)
        dialog.open()

    def close(self) -> None:
        """Finish a movie that is being recorded."""
        self.recorder.close()

    # Inside.

    def _name(self) -> str:
        summary = self._window.controller.summary
        return Path(summary.name).stem if summary is not None else "cellcube"

    def _open_config(self, read: Callable[[], SimpleProjectConfig], name: str, path: Path | None = None) -> None:
        try:
            config = read()
        except (CellcubeError, OSError) as error:
            self._fail(f"Can't open {name}", error)
            return
        if path is not None:
            self._preferences.remember_file(path)
        self._leave_run(lambda: self._open(OpenRun(name, config, start=self._window.trains), None))

    def _open(self, request: OpenRun, path: Path | None) -> None:
        def adopt(_summary: object) -> None:
            self._window.controller.opened.disconnect(adopt)
            self._path = path

        self._window.controller.opened.connect(adopt)
        self._window.controller.open(request)

    def _leave_run(self, then: Callable[[], None]) -> None:
        self._window.offer_to_save("Opening another run ends this one.", then)

    def _save(self, path: Path, kind: SaveKind, then: Callable[[], None] | None = None) -> None:
        controller = self._window.controller

        def done(message: Saved) -> None:
            if message.path != path:
                return
            controller.saved.disconnect(done)
            self.said.emit(f"Saved {path}")
            if kind == "checkpoint":
                self._path = path
                self._preferences.remember_file(path)
            if then is not None:
                then()

        controller.saved.connect(done)
        controller.save(path, kind)

    def _write(self, path: Path, write: Callable[[], object]) -> None:
        try:
            write()
            self.said.emit(f"Saved {path}")
        except (CellcubeError, OSError) as error:
            self._fail(f"Can't save {path.name}", error)

    def _fail(self, title: str, error: Exception) -> None:
        failure = describe_failure(title, error)
        # No traceback: the message is for a person, and the program did what it should.
        self.failed.emit(Failed(failure.title, failure.what, failure.advice, ""))

    def _on_recorded(self, path: Path, frames: int) -> None:
        self.recording_changed.emit(False)
        self.said.emit(f"Saved {path}, {frames} frames" if frames else "Nothing was recorded")

    def _ask_open(self, title: str, filters: str, act: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, title, str(self._preferences.folder), filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: act(Path(name)))
        dialog.open()

    def _ask_save(self, title: str, name: str, filters: str, act: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, title, str(self._preferences.folder / name), filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda chosen: act(Path(chosen)))
        dialog.open()


def is_checkpoint(path: Path) -> bool:
    """Tell whether a safetensors file is one of this program's checkpoints, by its header alone."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if length < LONGEST_HEADER else {}
        return "cellcube" in header.get("__metadata__", {})
    except (OSError, ValueError, AttributeError):
        return False


def to_qimage(pixels: NDArray[np.uint8]) -> QImage:
    """Return [height, width, 3] uint8 as a QImage that owns its pixels."""
    height, width = pixels.shape[:2]
    rgb = np.ascontiguousarray(pixels[..., :3])
    return QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
