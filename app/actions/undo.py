"""Undo of the last Apply: when there is something to undo, what it would bring back, and what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal
from PyQt6.QtWidgets import QWidget

from app.actions.dialogs import QuestionDialog
from app.actions.save_prompt import SavePrompt
from app.panels.curves import CurvesPanel
from app.run.controller import RunController
from app.run.messages import Applied, Saved, edit_text
from lattice.units import plural

KEY = "Ctrl+Z"
NOTHING = "Nothing to undo: nothing was applied to this run yet that rebuilds the cube"
UNDONE = "Nothing to undo: the last Apply was undone already"


@dataclass(frozen=True)
class _Before:
    """What the window knew of the run just before an Apply."""

    edit: str
    training_step: int
    curves: Mapping[str, NDArray[Any]]
    unsaved_steps: int


class UndoActions(QObject):
    """The window's side of undo; the run itself is kept by the worker."""

    available_changed = pyqtSignal(bool, str)
    """Whether there is something to undo, and the action's tooltip."""

    def __init__(
        self,
        controller: RunController,
        curves: CurvesPanel,
        prompt: SavePrompt,
        notify: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        """Begin with nothing to undo.

        Args:
            controller: of the run.
            curves: panel whose curves come back with the run.
            prompt: knows whether the user may be asked.
            notify: shows a sentence.
            parent: window that the question belongs to.
        """
        super().__init__(parent)
        self._controller, self._curves, self._prompt = controller, curves, prompt
        self._notify, self._parent = notify, parent
        self._before: _Before | None = None
        self._saved_since = False
        controller.saved.connect(self._on_saved)

    def act(self) -> None:
        """Undo, after a question if training steps would be lost."""
        before, controller = self._before, self._controller
        if before is None:
            return
        lost = controller.training_step - before.training_step
        if lost <= 0 or not self._prompt.asks:
            controller.undo_apply()
            return
        steps = plural(lost, "training step")
        text = (
            f"This brings back the run as it was at training step {before.training_step:,}, before the Apply of "
            f"{before.edit}. The {steps} done since then {'are' if lost > 1 else 'is'} lost."
        )
        answers = (("Cancel", "cancel", lambda: None), ("Undo", "primary", controller.undo_apply))
        QuestionDialog("Undo the last Apply?", text, answers, self._parent).show()

    def forget(self, why: str = NOTHING) -> None:
        """Have nothing to undo, as after another run was opened."""
        self._before = None
        self.available_changed.emit(False, why)

    def show_applied(self, message: Applied) -> None:
        """Remember the run before an Apply, or show it again after an undo."""
        if message.undone:
            self._show_undone(message)
        elif message.not_kept:
            self.forget(f"Can't undo the last Apply: {message.not_kept}")
            self._notify(f"The last Apply can't be undone: {message.not_kept}")
        elif message.restarts_scores:
            self._remember(message)

    def _remember(self, message: Applied) -> None:
        step = message.summary.training_step
        edit = ("size " if message.changed[0] == "lattice.dimensions" else "") + edit_text(message)
        self._before = _Before(edit, step, self._curves.to_arrays(), self._controller.unsaved_steps)
        self._saved_since = False
        tip = f"Undo the Apply of {edit}: bring back the run as it was at training step {step:,} ({KEY})"
        self._notify(f"Applied {edit}. {KEY} brings back the run as it was before.")
        self.available_changed.emit(True, tip)

    def _show_undone(self, message: Applied) -> None:
        before, step = self._before, message.summary.training_step
        if before is None:
            return
        self._curves.restore(before.curves, step)
        # A file that was saved in between holds the run that was given up.
        self._controller.unsaved_steps = step if self._saved_since else before.unsaved_steps
        self._notify(f"Undone: the run is as it was at training step {step:,}.")
        self.forget(UNDONE)

    def _on_saved(self, message: Saved) -> None:
        self._saved_since = self._saved_since or message.kind == "checkpoint"
