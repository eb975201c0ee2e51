"""Run > Track with: which trackers also take the run's figures and pictures."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject

from app.run.commands import Track
from app.run.controller import RunController
from app.run.messages import Failed, input_failure
from lattice.errors import CellcubeError
from lattice.plugins import TRACKERS
from lattice.tracking.tracking import check_trackers


class TrackerActions(QObject):
    """Knows which trackers are chosen; the worker opens them, for this run and for those that come."""

    def __init__(
        self,
        controller: RunController,
        notify: Callable[[str], None],
        show_failure: Callable[[Failed], None],
        parent: QObject,
    ) -> None:
        """Choose none.

        Args:
            controller: of the run.
            notify: shows a sentence.
            show_failure: shows why a tracker can't be had.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._notify, self._show_failure = controller, notify, show_failure
        self.chosen: tuple[str, ...] = ()

    def toggle(self, name: str) -> None:
        """Choose a tracker, or no longer."""
        others = tuple(other for other in self.chosen if other != name and other in TRACKERS)
        self.choose(others if name in self.chosen else (*others, name))

    def drop_gone(self) -> None:
        """Track no longer with what a plugin brought that was unloaded since."""
        gone = [name for name in self.chosen if name not in TRACKERS]
        if gone:
            self.choose(tuple(name for name in self.chosen if name in TRACKERS))
            self._notify(f"Tracking no longer with {' and '.join(gone)}: its plugin was unloaded")

    def choose(self, names: tuple[str, ...]) -> None:
        """Track with these; where one can't be had, say why and leave all as they are."""
        try:
            chosen = check_trackers(names)
        except CellcubeError as error:
            self._show_failure(input_failure("The run can't be tracked so", error))
            chosen = self.chosen
        if chosen != self.chosen:
            added = [TRACKERS[name].title for name in chosen if name not in self.chosen]
            self.chosen = chosen
            self._controller.request(Track(chosen))
            if added:
                self._notify(f"Tracking with {' and '.join(added)}: the log says where to look")
