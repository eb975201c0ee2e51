"""Opening, saving and exporting: what the File menu does, with its dialogs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QFileDialog

from app.actions.file_kinds import check_replaceable, data_filter, kind_of
from app.curves.history import write_csv
from app.run.commands import OpenRun, Save, SaveKind
from app.run.messages import Failed, RunSummary, Saved, describe_failure
from app.session.preferences import Preferences, PreferencesDialog
from lattice.config import SimpleProjectConfig
from lattice.errors import CellcubeError

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

CHECKPOINTS = "Checkpoints (*.safetensors)"
EMBEDDINGS = "Embeddings (*.safetensors)"
SETTINGS = "Settings (*.toml)"
FRESH_DATA: dict[str, object] = {
    "data.text_column": None,
    "data.pair_columns": None,
    "data.extra_data": [],
    "data.weights": [],
}
"""Settings that describe one source, as they are before anybody describes it."""
MARKS = ("-checkpoint", "-weights", "-embeddings", "-outputs")
"""Ends of proposed names, which tell apart what shares the ending `.safetensors`."""


class FileActions(QObject):
    """Everything that begins or ends in a file."""

    said = pyqtSignal(str)
    """A sentence for the status bar."""
    failed = pyqtSignal(object)

    def __init__(self, window: MainWindow, preferences: Preferences) -> None:
        """Work for a window."""
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._path: Path | None = None
        self._after_save: dict[str, Callable[[], None]] = {}
        self._opening: dict[str, tuple[Path | None, SimpleProjectConfig | None]] = {}
        self.refused: tuple[Path | None, SimpleProjectConfig | None] = (None, None)
        """The file that could not be opened and the settings asked for, if the newest failure is about one."""
        controller = window.controller
        controller.opened.connect(self._on_opened)
        controller.saved.connect(self._on_saved)
        controller.failed.connect(self._on_failed)

    # Opening.

    def open_preset(self, name: str) -> None:
        """Begin a new run from a bundled preset."""
        self._open_config(lambda: SimpleProjectConfig.from_preset(name), name)

    def open_path(self, path: Path) -> None:
        """Open a file of any kind that this program knows, by its ending and its contents."""
        try:
            kind = kind_of(path)
        except (CellcubeError, OSError) as error:
            self.fail(f"Can't open {path.name}", error)
            return
        {"settings": self.open_config, "checkpoint": self.open_checkpoint, "data": self.open_data}[kind](path)

    def open_config(self, path: Path) -> None:
        """Begin a new run with the settings in a TOML file."""
        self._open_config(lambda: SimpleProjectConfig.from_toml(path), path.name, path)

    def open_data(self, path: Path, changes: Mapping[str, object] | None = None) -> None:
        """Begin a new run on other data, with the present settings otherwise.

        Columns and further sources belong to the data before: they are forgotten, unless `changes` names others.
        """
        summary = self._window.controller.summary
        config = summary.config if summary is not None else SimpleProjectConfig()
        wanted = {"training_embedding.data": str(path), **FRESH_DATA, **(changes or {})}
        self._open_config(lambda: config.replaced(wanted), path.name, path)

    def open_checkpoint(self, path: Path) -> None:
        """Go on with a saved run."""
        self._leave_run(OpenRun(path.name, checkpoint=path, start=self._window.trains), path)

    def ask_data(self) -> None:
        """Choose a data file."""
        self._ask_open("Open data", data_filter(), self.open_path)

    def ask_config(self) -> None:
        """Choose a settings file."""
        self._ask_open("Open settings", SETTINGS, self.open_path)

    def ask_checkpoint(self) -> None:
        """Choose a checkpoint."""
        self._ask_open("Open checkpoint", CHECKPOINTS, self.open_path)

    # Saving.

    def save(self, then: Callable[[], None] | None = None, stay: Callable[[], None] | None = None) -> None:
        """Save the run to its file, or ask for one if it has none yet.

        Args:
            then: called once it is saved.
            stay: called if no file is chosen, or one that must not be replaced.
        """
        if self._path is None:
            self.save_as(then, stay)
        else:
            self._save(self._path, "checkpoint", then, stay)

    def save_as(self, then: Callable[[], None] | None = None, stay: Callable[[], None] | None = None) -> None:
        """Save the run to a file that is asked for; the arguments are those of `save`."""
        self.ask_save("Save run", f"{self.name()}-checkpoint.safetensors", CHECKPOINTS,
                       lambda path: self._save(path, "checkpoint", then, stay), stay)  # fmt: skip

    def ask_save_config(self) -> None:
        """Write the settings to a TOML file."""
        summary = self._window.controller.summary
        if summary is not None:
            text = summary.config.to_toml()
            self.ask_save("Save settings", f"{self.name()}.toml", SETTINGS,
                           lambda path: self.write(path, lambda: path.write_text(text, encoding="utf-8")))  # fmt: skip

    def ask_export(self) -> None:
        """Write weights and settings for use elsewhere."""
        self.ask_save("Export checkpoint", f"{self.name()}-weights.safetensors", CHECKPOINTS,
                       lambda path: self._save(path, "export"))  # fmt: skip

    def ask_export_embeddings(self) -> None:
        """Write the outputs for the validation set."""
        self.ask_save("Export embeddings", f"{self.name()}-outputs.safetensors", EMBEDDINGS,
                       lambda path: self._save(path, "embeddings"))  # fmt: skip

    def ask_curves_csv(self) -> None:
        """Write the curves as a table."""
        self.ask_save("Export curves", f"{self.name()}-curves.csv", "Tables (*.csv)", self.export_curves)

    def export_curves(self, path: Path) -> None:
        """Write the curves as a table, in the worker's thread: a long run has many rows."""
        arrays = self._window.curves.to_arrays()
        self._window.controller.ask(
            f"save {path.name}",
            lambda _trainer: write_csv(path, arrays),
            lambda _nothing: self.said.emit(f"Saved {path}"),
        )

    def ask_curves_image(self) -> None:
        """Write the curves as a picture."""
        curves = self._window.curves
        self.ask_save("Export curves", f"{self.name()}-curves.png", "Pictures (*.png *.svg)",
                       lambda path: self.write(path, lambda: curves.save_image(path)))  # fmt: skip

    # The rest.

    def ask_preferences(self) -> None:
        """Edit the preferences."""
        dialog = PreferencesDialog(self._preferences, self._window)
        dialog.accepted.connect(self._window.take_preferences)
        dialog.open()

    # Inside.

    def name(self) -> str:
        """Name of the run, for proposing file names: without the mark of the file that it was opened from."""
        summary = self._window.controller.summary
        stem = Path(summary.name).stem if summary is not None else "cellcube"
        return next((stem.removesuffix(mark) for mark in MARKS if stem.endswith(mark) and stem != mark), stem)

    def _open_config(self, read: Callable[[], SimpleProjectConfig], name: str, path: Path | None = None) -> None:
        try:
            config = read()
        except (CellcubeError, OSError) as error:
            self.fail(f"Can't open {name}", error)
            return
        self._leave_run(OpenRun(name, config, start=self._window.trains), path)

    def _leave_run(self, request: OpenRun, path: Path | None) -> None:
        def go_on() -> None:
            self._opening[request.title] = (path, request.config)
            self._window.controller.open(request)

        self._window.offer_to_save("Opening another run ends this one.", go_on)

    def _on_opened(self, summary: RunSummary) -> None:
        self._path = None if summary.recovered else summary.checkpoint
        opened, _config = self._opening.pop(OpenRun(summary.name).title, (None, None))
        if opened is not None:
            self._preferences.remember_file(opened)

    def _on_failed(self, failure: Failed) -> None:
        self._after_save.pop(failure.title, None)
        self.refused = self._opening.pop(failure.title, (None, None))

    def _save(
        self,
        path: Path,
        kind: SaveKind,
        then: Callable[[], None] | None = None,
        stay: Callable[[], None] | None = None,
    ) -> None:
        try:
            check_replaceable(path, "data" if kind == "embeddings" else "checkpoint")
        except CellcubeError as error:
            self.fail(f"Can't save {path.name}", error)
            (stay or _nothing)()
            return
        if then is not None:
            self._after_save[Save(path).title] = then
        self._window.controller.save(path, kind)

    def _on_saved(self, message: Saved) -> None:
        if message.kind == "autosave":
            return
        self.said.emit(f"Saved {message.path}")
        if message.kind == "checkpoint":
            self._path = message.path
            self._preferences.remember_file(message.path)
        self._after_save.pop(Save(message.path).title, _nothing)()

    def write(self, path: Path, write: Callable[[], object]) -> None:
        """Write a file by calling `write`; say so, or say what went wrong."""
        try:
            write()
            self.said.emit(f"Saved {path}")
        except (CellcubeError, OSError) as error:
            self.fail(f"Can't save {path.name}", error)

    def fail(self, title: str, error: Exception) -> None:
        """Show a problem of the user's making: in words, without a traceback."""
        failure = describe_failure(title, error)
        self.failed.emit(Failed(failure.title, failure.what, failure.advice, ""))

    def _ask_open(self, title: str, filters: str, act: Callable[[Path], None]) -> None:
        dialog = QFileDialog(self._window, title, str(self._preferences.folder), filters)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: act(Path(name)))
        dialog.open()

    def ask_save(
        self,
        title: str,
        name: str,
        filters: str,
        act: Callable[[Path], None],
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Ask for a file to write, proposing `name`, and hand it to `act`, or call `cancelled`."""
        dialog = QFileDialog(self._window, title, str(self._preferences.folder / name), filters)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
        dialog.selectFile(name)
        dialog.fileSelected.connect(self._remember_folder)
        dialog.fileSelected.connect(lambda chosen: act(Path(chosen)))
        dialog.rejected.connect(cancelled or _nothing)
        dialog.open()

    def _remember_folder(self, chosen: str) -> None:
        self._preferences.folder = Path(chosen).parent


def _nothing() -> None:
    pass
