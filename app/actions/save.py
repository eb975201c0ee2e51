"""Saving and exporting: what the File menu writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject

from app.actions.file_dialogs import CHECKPOINTS, EMBEDDINGS, FileDialogs, proposed_stem
from app.actions.file_kinds import check_replaceable
from app.panels.curves import CurvesPanel
from app.run.controller import RunController
from app.run.file_commands import ExportCurves, ExportEmbeddings, ExportStudent
from app.run.messages import Failed, Saved, input_failure
from app.run.summary import RunSummary
from app.session.preferences import Preferences
from lattice.errors import CellcubeError
from lattice.exporting.forms import Exported, check_ending, is_program
from lattice.runs.files import check_unused
from lattice.runs.peek import Peek, peek
from lattice.units import plural

SETTINGS = "Settings (*.toml)"
WEIGHTS = "Weights (*.safetensors)"
PROGRAMS = "Programs (*.onnx *.pt2)"

Then = Callable[[], None]


class SaveActions(QObject):
    """Everything that ends in a file; knows which file is the run's own."""

    def __init__(
        self,
        controller: RunController,
        curves: CurvesPanel,
        preferences: Preferences,
        dialogs: FileDialogs,
        notify: Callable[[str], None],
        show_failure: Callable[[Failed], None],
        parent: QObject,
    ) -> None:
        """Save the controller's run.

        Args:
            controller: of the run.
            curves: panel whose curves are exported.
            preferences: where saved files are remembered.
            dialogs: ask for files.
            notify: shows a sentence.
            show_failure: shows what went wrong.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._curves, self._preferences = controller, curves, preferences
        self._dialogs, self._notify, self._show_failure = dialogs, notify, show_failure
        self.path: Path | None = None
        """The run's own file; None until it has one."""
        self._left: Peek | None = None
        """What this window read from it, or left in it."""
        self._pending: list[Path] = []
        controller.opened.connect(self._on_opened)
        controller.saved.connect(self._on_saved)

    def save(self, then: Then | None = None, stay: Then | None = None) -> None:
        """Save the run to its file, or ask for one if it has none yet, or if another program has written to it since.

        Args:
            then: called once it is saved.
            stay: called if it is not: no file is chosen, or one that must not be replaced, or writing it failed.
        """
        if self.path is None:
            self.save_as(then, stay)
        elif self.path not in self._pending and self.path.exists() and peek(self.path) != self._left:
            self._notify(f"Another program has written to {self.path} since: choose another name to keep both runs")
            self.save_as(then, stay)
        else:
            self._save(self.path, then, stay)

    def save_as(self, then: Then | None = None, stay: Then | None = None) -> None:
        """Ask for a file and save the run to it; the arguments are those of `save`."""
        self._ask("Save run", "-checkpoint.safetensors", CHECKPOINTS,
                  lambda path: self._save(path, then, stay), stay)  # fmt: skip

    def ask_config(self) -> None:
        """Write the settings to a TOML file."""
        summary = self._controller.summary
        if summary is not None:
            text = summary.config.to_toml()
            self._ask("Save settings", ".toml", SETTINGS,
                      lambda path: self.write(path, lambda: path.write_text(text, encoding="utf-8")))  # fmt: skip

    def ask_export(self) -> None:
        """Write weights and settings for use elsewhere."""
        self._ask("Export weights", "-weights.safetensors", WEIGHTS, self._export)

    def ask_export_program(self) -> None:
        """Write the student as a program that runs without Cellcube."""
        self._ask("Export program", "-program.onnx", PROGRAMS, self._export)

    def ask_export_embeddings(self) -> None:
        """Write the outputs for all held-out samples."""
        self._ask("Export embeddings", "-outputs.safetensors", EMBEDDINGS, self._export_embeddings)

    def ask_curves_csv(self) -> None:
        """Write the curves as a table."""
        self._ask("Export curves", "-curves.csv", "Tables (*.csv)", self.export_curves)

    def export_curves(self, path: Path) -> None:
        """Write the curves as a table, in the worker's thread: a long run has many rows."""
        self._controller.request(ExportCurves(path, self._curves.to_arrays()), self._say_saved)

    def ask_curves_image(self) -> None:
        """Write the curves as a picture."""
        self._ask("Export curves", "-curves.png", "Pictures (*.png *.svg)",
                  lambda path: self.write(path, lambda: self._curves.save_image(path)))  # fmt: skip

    def write(self, path: Path, write: Callable[[], object]) -> None:
        """Write a file by calling `write`; say so, or say what went wrong."""
        try:
            write()
        except (CellcubeError, OSError) as error:
            self._show_failure(input_failure(f"Can't save {path.name}", error))
        else:
            self._say_saved(path)

    def _ask(
        self, title: str, ending: str, filters: str, act: Callable[[Path], None], cancelled: Then | None = None
    ) -> None:
        self._dialogs.ask_save(title, f"{proposed_stem(self._controller.summary)}{ending}", filters, act, cancelled)

    def _save(self, path: Path, then: Then | None = None, stay: Then | None = None) -> None:
        try:
            check_replaceable(path, "checkpoint")
            check_unused(path)
        except CellcubeError as error:
            self._show_failure(input_failure(f"Can't save {path.name}", error))
            if stay is not None:
                stay()
            return

        def settle(follow: Then | None) -> None:
            self._pending.remove(path)
            if follow is not None:
                follow()

        self._pending.append(path)
        self._controller.save(path, done=lambda _path: settle(then), failed=lambda _failure: settle(stay))

    def _export_embeddings(self, path: Path) -> None:
        def say(rows: int) -> None:
            self._notify(f"Saved {path}: outputs for all {plural(rows, 'held-out sample')}, which --data can read")

        try:
            check_replaceable(path, "data")
        except CellcubeError as error:
            self._show_failure(input_failure(f"Can't save {path.name}", error))
            return
        self._controller.request(ExportEmbeddings(path), say)

    def _export(self, path: Path) -> None:
        try:
            check_ending(path)
            if not is_program(path):
                check_replaceable(path, "checkpoint")
        except CellcubeError as error:
            self._show_failure(input_failure(f"Can't export {path.name}", error))
            return
        self._controller.request(ExportStudent(path), lambda exported: self._say_exported(path, exported))

    def _say_exported(self, path: Path, exported: Exported | None) -> None:
        if exported is None:
            self._notify(f"Saved {path}: weights for a warm start, not a run to resume")
        else:
            self._notify(f"Saved {exported.summary()}")

    def _say_saved(self, path: Path) -> None:
        self._notify(f"Saved {path.name} in {path.parent}")  # the name first: beside long work the end is cut

    def _on_opened(self, summary: RunSummary) -> None:
        self._belongs_in(None if summary.recovered else summary.checkpoint)

    def _on_saved(self, message: Saved) -> None:
        if message.kind == "autosave":
            return
        self._say_saved(message.path)
        self._belongs_in(message.path)
        self._preferences.remember_file(message.path)

    def _belongs_in(self, path: Path | None) -> None:
        self.path, self._left = path, None if path is None else peek(path)
