"""When numbers stop being finite: says where, shows the cell and what came before, and offers the last good state."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PyQt6.QtCore import QObject, QTimer

from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.messages import Applied, Failed, Observed, Saved
from app.run.summary import KeptIn, RunSummary
from app.session.display import Display
from app.session.selection import Selection
from app.widgets.banner import Banner
from lattice.training.reports import Observation

KEPT = 3
"""Observations from before that can be played."""
PLAY_MILLISECONDS = 700
"""Time for which each of them is shown."""


class GoodState(NamedTuple):
    """A file with an earlier state of the run."""

    path: Path
    autosave: bool
    kept: KeptIn | None = None
    """Of an autosave: the user's file that holds the run as it was before."""


class BadNumberActions(QObject):
    """Serves one window; `show` takes the failures that are about numbers that are not finite."""

    def __init__(
        self,
        controller: RunController,
        display: Display,
        picked: Selection,
        banner: Banner,
        set_step: Callable[[int], object],
        good_states: Callable[[], list[GoodState]],
        way_back: Callable[[], list[tuple[str, Callable[[], None]]]],
        parent: QObject,
    ) -> None:
        """Keep the newest observations from now on.

        Args:
            controller: of the run.
            display: shows what was kept.
            picked: the picked cell.
            banner: where the offer is made.
            set_step: shows a lattice step.
            good_states: gives the files with earlier states of the run, offered where there is no `way_back`.
            way_back: gives the button that goes back to the last state whose loss was sound, if one is kept.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._display, self._picked, self._banner = controller, display, picked, banner
        self._set_step, self._good_states, self._way_back = set_step, good_states, way_back
        self._seen: deque[Observation] = deque(maxlen=KEPT)
        self.kept: tuple[Observation, ...] = ()
        """The last observations before the numbers went bad, oldest first."""
        self._autosaved = False
        """Whether the autosave holds this run, and not one that was there before it."""
        self._playing: list[Observation] = []
        self._timer = QTimer(self)
        self._timer.setObjectName("play what came before")
        self._timer.timeout.connect(self._show_next)
        controller.observed.connect(self._on_observed)
        controller.opened.connect(self._on_opened)
        controller.applied.connect(self._on_applied)
        controller.saved.connect(self._on_saved)
        controller.ended.connect(self._timer.stop)

    def show(self, failure: Failed) -> bool:
        """Offer what helps if a failure is of this kind; False for any other."""
        if not failure.non_finite:
            return False
        self.kept = tuple(self._seen)
        answers = self._way_back()
        states = [state for state in self._good_states() if self._autosaved or not state.autosave]
        states = [state for state in states if state.path.is_file()]
        if states and not answers:
            newest = max(states, key=lambda state: state.path.stat().st_mtime)
            answers.append(("Back to the last good state", lambda: self._go_back(newest)))
        if failure.cell is not None:
            cell, step = failure.cell, failure.lattice_step or 0
            answers.append(("Show the cell", lambda: self._show_cell(cell, step)))
        if self.kept:
            answers.append(("Play what came before", self.play))
        self._banner.say(f"{failure.title}: {failure.what}", answers)
        return True

    def play(self) -> None:
        """Show the observations from before the failure, one after another; the last one stays."""
        self._playing = list(self.kept)
        self._show_next()
        self._timer.start(PLAY_MILLISECONDS)

    def _show_next(self) -> None:
        if self._playing:
            self._display.show(self._playing.pop(0))
        if not self._playing:
            self._timer.stop()

    def _show_cell(self, cell: tuple[int, int, int], lattice_step: int) -> None:
        self._set_step(lattice_step)
        self._picked.set(cell)
        self._picked.focus()

    def _go_back(self, state: GoodState) -> None:
        summary = self._controller.summary
        name = state.path.name if summary is None else summary.name
        self._controller.open(OpenRun(name, checkpoint=state.path, recovered=state.autosave, kept=state.kept))

    def _on_observed(self, message: Observed) -> None:
        self._seen.append(message.observation)

    def _on_saved(self, message: Saved) -> None:
        self._autosaved = self._autosaved or message.kind == "autosave"

    def _on_applied(self, message: Applied) -> None:
        if message.brought_back:
            self._autosaved = False
        if message.restarts_scores:
            self._forget()

    def _on_opened(self, summary: RunSummary) -> None:
        own = [state.path for state in self._good_states() if state.autosave]
        self._autosaved = summary.recovered and summary.checkpoint in own
        self._forget()

    def _forget(self) -> None:
        """Another student's observations would be shown in this one's cube."""
        self._seen.clear()
        self.kept, self._playing = (), []
        self._timer.stop()
