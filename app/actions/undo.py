"""Undo and redo of applied edits: what each would do, how far back they reach, and the curves that belong to a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.panels.curves import CurvesPanel
from app.run.controller import RunController
from app.run.edit_text import edit_text
from app.run.messages import Applied, Saved
from app.run.undo_history import Way
from lattice.log import logger
from lattice.units import bytes_text, plural

KEY = "Ctrl+Z"
REDO_KEYS = "Ctrl+Shift+Z Ctrl+Y"
NOTHING = "Nothing to undo: no edit was applied to this run yet"
NOTHING_TO_REDO = "Nothing to apply again: nothing was undone since the last Apply"
MOST_CURVE_BYTES = 256_000_000
"""Most memory for the curves of all runs that are kept; those nearest to be undone or applied again always stay."""
_IDS: dict[Way, str] = {"undo": "undo_apply", "redo": "redo_apply"}


@dataclass(frozen=True)
class _Run:
    """What the window knows of a run that is kept."""

    training_step: int
    curves: Mapping[str, NDArray[Any]] | None
    """None once they were let go, to keep what all take within `MOST_CURVE_BYTES`."""
    unsaved_steps: int


@dataclass(frozen=True)
class _Edit:
    """One edit, as the worker keeps it too."""

    text: str
    run: _Run | None
    """On the side that is not in force; None for an edit that acts at once."""
    training_step: int
    """At which it was applied, undone or applied again, newest of these."""
    went_back: bool = False
    """Whether it was no Apply: the run went back to its last sound state."""

    @property
    def name(self) -> str:
        """What was done, as after "Undo"."""
        return self.text if self.went_back else f"the Apply of {self.text}"

    @property
    def again(self) -> str:
        """What doing it again is called."""
        return f"Redo {self.text}" if self.went_back else f"Apply {self.text} again"

    @property
    def redone(self) -> str:
        """That it was done again."""
        return "Done again" if self.went_back else "Applied again"


class UndoActions(QObject):
    """The window's side of undo and redo; the edits and the runs themselves are kept by the worker."""

    available_changed = pyqtSignal(str, bool, str)
    """An action's id, whether there is something for it to do, and its tooltip."""

    def __init__(
        self,
        controller: RunController,
        curves: CurvesPanel,
        notify: Callable[[str], None],
        offer_way_back: Callable[[str], None],
        parent: QObject,
        budget: int = MOST_CURVE_BYTES,
    ) -> None:
        """Begin with nothing to undo.

        Args:
            controller: of the run.
            curves: panel whose curves come back with a run.
            notify: shows a sentence.
            offer_way_back: shows a sentence with the offer to bring back the weights of an earlier training step, if
                some are kept.
            parent: owner.
            budget: most memory for the curves of kept runs, in bytes.
        """
        super().__init__(parent)
        self._controller, self._curves, self._notify, self._budget = controller, curves, notify, budget
        self._offer_way_back = offer_way_back
        self._edits: dict[Way, list[_Edit]] = {"undo": [], "redo": []}
        controller.saved.connect(self._on_saved)

    def undo(self) -> None:
        """Undo the newest edit."""
        if self._edits["undo"]:
            self._controller.undo_apply()

    def redo(self) -> None:
        """Apply the edit again that was undone last."""
        if self._edits["redo"]:
            self._controller.redo_apply()

    def forget(self, why: str = NOTHING) -> None:
        """Have nothing to undo, as after another run was opened."""
        for edits in self._edits.values():
            edits.clear()
        self._tell(why)

    def show_applied(self, message: Applied) -> None:
        """Follow the worker: remember an edit, or bring back what belongs to an edit that was undone."""
        if message.way == "back":
            self._go_back(message)
        if message.not_kept:
            what = "going back" if message.way == "back" else "the last Apply"
            self.forget(f"Can't undo {what}: {message.not_kept}")
            self._notify(f"{what[0].upper()}{what[1:]} can't be undone: {message.not_kept}")
            return
        if message.way == "apply":
            self._remember(message)
        elif message.way != "back":
            self._pass_on(message.way, message)
        levels: dict[Way, int] = {"undo": message.undo_levels, "redo": message.redo_levels}
        for way, edits in self._edits.items():
            if gone := len(edits) - levels[way]:
                del edits[:gone]
                what = "be undone" if way == "undo" else "be applied again"
                self._notify(f"{plural(gone, 'older edit')} can no longer {what}: keeping more takes too much room.")
        self._fit()
        self._tell()

    def _remember(self, message: Applied) -> None:
        if message.cost is None:
            return
        step = message.summary.training_step
        text = ("size " if message.changed[0] == "lattice.dimensions" else "") + edit_text(message)
        run = None
        if message.restarts_scores:
            run = _Run(step, self._curves.to_arrays(), self._controller.unsaved_steps)
        self._push(_Edit(text, run, step))
        total = message.summary.total_steps
        again = f" The schedule begins again and ends at training step {total:,}." if message.cost == "rebuild" else ""
        self._notify(f"Applied {text}. {KEY} undoes it.{again}")

    def _push(self, edit: _Edit) -> None:
        self._edits["undo"].append(edit)
        self._edits["redo"].clear()

    def _go_back(self, message: Applied) -> None:
        """Let the curves end where the run stands again; the run that was left comes back by an undo."""
        step, left, unsaved = message.summary.training_step, message.step_left, self._controller.unsaved_steps
        curves = self._curves.to_arrays()
        self._push(_Edit(f"going back from training step {left:,}", _Run(left, curves, unsaved), step, went_back=True))
        self._curves.restore(curves, step, before_edit=bool(message.changed))
        given_up = left - step
        # A file that was saved since holds none of the run as it is now.
        self._controller.unsaved_steps = unsaved - given_up if unsaved >= given_up else step
        self._notify(
            f"The run is as it was at training step {step:,}, with the settings of then, and paused. "
            f"{KEY} brings back the one that was left at {left:,}."
        )

    def _pass_on(self, way: Way, message: Applied) -> None:
        edit = self._edits[way].pop()
        other: Way = "redo" if way == "undo" else "undo"
        left = None
        words = f"Undone: {edit.text}" if way == "undo" else f"{edit.redone}: {edit.text}"
        if edit.run is not None and message.brought_back:
            left = _Run(message.step_left, self._curves.to_arrays(), self._controller.unsaved_steps)
            step = message.summary.training_step
            self._curves.restore(edit.run.curves or {}, step)
            self._controller.unsaved_steps = edit.run.unsaved_steps
            words += f". The run is as it was at training step {step:,}"
            if edit.run.curves is None:
                words += f", but for its curves: those of all kept runs would take more than {bytes_text(self._budget)}"
            if message.step_left > step:
                back = "Redo brings" if way == "undo" else "Undo brings"
                words += f"; {back} back the one that was left at {message.step_left:,}"
        present = message.summary.training_step
        self._edits[other].append(replace(edit, run=left, training_step=present))
        if way == "undo" and edit.run is None and (trained := present - edit.training_step) > 0:
            since = plural(trained, "training step")
            words += f". The setting is back, not the weights: they stay as trained in {since} since"
            sound = self._controller.sound_step
            if sound is not None and sound <= edit.training_step:
                self._offer_way_back(f"{words}. Those of training step {sound:,} are kept.")
        self._notify(f"{words}.")

    def _fit(self) -> None:
        """Let go of the curves farthest away until the rest is within the limit; the log says so."""
        held = [
            (len(edits) - place, way, edit)
            for way, edits in self._edits.items()
            for place, edit in enumerate(edits)
            if edit.run is not None and edit.run.curves is not None
        ]
        held.sort(key=lambda entry: -entry[0])
        total, gone = sum(_bytes(edit) for _, _, edit in held), 0
        for distance, way, edit in held:
            if total <= self._budget or distance == 1:
                break
            assert edit.run is not None, "only edits with a run have curves"
            total, gone = total - _bytes(edit), gone + 1
            self._edits[way][-distance] = replace(edit, run=replace(edit.run, curves=None))
        if gone:
            text = "The curves of %s are no longer kept for Undo: all would take more than %s; the runs stay"
            logger.warning(text, plural(gone, "older run"), bytes_text(self._budget))

    def _tell(self, nothing: str = NOTHING) -> None:
        """Say of both actions what they would do."""
        for way, edits in self._edits.items():
            empty = nothing if way == "undo" else NOTHING_TO_REDO
            self.available_changed.emit(_IDS[way], bool(edits), _tip(way, edits) if edits else empty)

    def _on_saved(self, message: Saved) -> None:
        """Count all of a kept run as unsaved once a file holds another one."""
        if message.kind != "checkpoint":
            return
        for way, edits in self._edits.items():
            self._edits[way] = [
                replace(edit, run=edit.run and replace(edit.run, unsaved_steps=edit.run.training_step))
                for edit in edits
            ]


def _bytes(edit: _Edit) -> int:
    """Return the memory of an edit's curves, in bytes."""
    curves = None if edit.run is None else edit.run.curves
    return sum(array.nbytes for array in (curves or {}).values())


def _tip(way: Way, edits: list[_Edit]) -> str:
    edit = edits[-1]
    what = f"Undo {edit.name}" if way == "undo" else edit.again
    if edit.run is not None:
        what += f": bring back the run as it was at training step {edit.run.training_step:,}"
    key = KEY if way == "undo" else REDO_KEYS.split(maxsplit=1)[0]
    more = f"\n{plural(len(edits) - 1, 'edit')} before it can be undone as well" if len(edits) > 1 else ""
    return f"{what} ({key}){more if way == 'undo' else ''}"
