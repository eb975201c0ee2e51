"""Undo of the last Apply: when there is something to undo, what it would bring back, and what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from app.actions.dialogs import QuestionDialog
from app.run.messages import Applied, Saved
from lattice.units import plural

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

NOTHING = "Nothing to undo: nothing was applied to this run yet that rebuilds the cube"
UNDONE = "Nothing to undo: the last Apply was undone already"


@dataclass(frozen=True)
class _Before:
    """What the window knew of the run just before an Apply."""

    edit: str
    training_step: int
    curves: Mapping[str, NDArray[Any]]
    unsaved_steps: int


class Undo:
    """The window's side of undo; the run itself is kept by the worker."""

    def __init__(self, window: MainWindow) -> None:
        """Serve a window's action `undo_apply`."""
        self._window = window
        self._action = window.actions_["undo_apply"]
        self._before: _Before | None = None
        self._saved_since = False
        window.controller.saved.connect(self._on_saved)
        self.forget()

    def act(self) -> None:
        """Undo, after a question if training steps would be lost."""
        before, controller = self._before, self._window.controller
        if before is None:
            return
        lost = controller.training_step - before.training_step
        if lost <= 0 or not self._window.asks:
            controller.undo_apply()
            return
        steps = plural(lost, "training step")
        text = (
            f"This brings back the run as it was at training step {before.training_step:,}, before the Apply of "
            f"{before.edit}. The {steps} done since then {'are' if lost > 1 else 'is'} lost."
        )
        answers = (("Cancel", "cancel", lambda: None), ("Undo", "primary", controller.undo_apply))
        QuestionDialog("Undo the last Apply?", text, answers, self._window).show()

    def forget(self, why: str = NOTHING) -> None:
        """Have nothing to undo, as after another run was opened."""
        self._before = None
        self._action.setEnabled(False)
        self._action.setToolTip(why)

    def show_applied(self, message: Applied) -> None:
        """Remember the run before an Apply, or show it again after an undo."""
        if message.undone:
            self._show_undone(message)
        elif message.not_kept:
            self.forget(f"Can't undo the last Apply: {message.not_kept}")
            self._window.status.notify(f"The last Apply can't be undone: {message.not_kept}")
        elif message.anew:
            self._remember(message)

    def _remember(self, message: Applied) -> None:
        from app.window.connections import edit_text

        window, step = self._window, message.summary.training_step
        edit = ("size " if message.changed[0] == "lattice.dimensions" else "") + edit_text(message)
        self._before = _Before(edit, step, window.curves.to_arrays(), unsaved_steps=window.controller.unsaved_steps)
        self._saved_since = False
        key = self._action.shortcut().toString()
        self._action.setToolTip(
            f"Undo the Apply of {self._before.edit}: bring back the run as it was at training step {step:,} ({key})"
        )
        self._action.setEnabled(True)
        window.status.notify(f"Applied {self._before.edit}. {key} brings back the run as it was before.")
        if window.lattice.panel is not None:
            window.lattice.panel.bar.offer(self._action)

    def _show_undone(self, message: Applied) -> None:
        before, window, summary = self._before, self._window, message.summary
        if before is None:
            return
        window.curves.restore(before.curves, summary.training_step)
        window.status.set_score(*window.curves.history.newest("cosine.validation", "cosine.t0"))
        # A file that was saved in between holds the run that was given up.
        window.controller.unsaved_steps = summary.training_step if self._saved_since else before.unsaved_steps
        window.status.notify(f"Undone: the run is as it was at training step {summary.training_step:,}.")
        self.forget(UNDONE)

    def _on_saved(self, message: Saved) -> None:
        self._saved_since = self._saved_since or message.kind == "checkpoint"
