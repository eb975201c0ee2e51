"""What a picture of the cube taken now says: which run, moment and sample are on screen, and which cells are erased."""

from __future__ import annotations

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QWidget

from app.cube.view import CubeView
from app.pictures.caption import Caption
from app.run.controller import RunController
from app.run.messages import Saved
from app.run.summary import RunSummary
from app.session.display import Display
from app.widgets.labels import one_line
from app.widgets.theme import ThemeController
from lattice.training.reports import Observation


class ShownMoment(QObject):
    """Follows what is on screen: a run that was opened is named only once it is seen."""

    def __init__(
        self, controller: RunController, display: Display, cube: CubeView, theme: ThemeController, parent: QWidget
    ) -> None:
        """Begin with nothing on screen.

        Args:
            controller: of the run.
            display: says which observation and lattice step are on screen.
            cube: has the legend.
            theme: the application's look, which captions follow.
            parent: owner; its font is the captions'.
        """
        super().__init__(parent)
        self._controller, self._display, self._cube, self._theme = controller, display, cube, theme
        self._parent = parent
        self._shown: tuple[Observation, int] | None = None
        self._name = self._training = self._erased = ""
        self._other_run_shown = False
        controller.opened.connect(self._note_opened)
        controller.saved.connect(self._note_saved)
        display.observation_shown.connect(self._note)

    def caption(self, *, newest: bool = True) -> Caption | None:
        """Return what a picture of this moment says; None while nothing is on screen.

        `newest`: with the legend's numbers of this very moment; else with those on the screen, which can be read.
        """
        if self._shown is None:
            return None
        observation, lattice_step = self._shown
        return Caption(
            name=self._name,
            moment=(self._training, f"lattice step {lattice_step} of {len(observation.states_TXYZC) - 1}"),
            legend=self._cube.legend.legend if newest else self._cube.legend.shown,
            dark=self._theme.theme.dark,
            font=self._parent.font(),
            sample=one_line(observation.text),
            erased=self._erased,
        )

    def _note_opened(self, _summary: RunSummary) -> None:
        """Keep the name of the run that was left until the new one is shown."""
        self._other_run_shown = True

    def _note_saved(self, _message: Saved) -> None:
        """Take the name that a save gave to the run that is shown."""
        summary = self._controller.summary
        if summary is not None and not self._other_run_shown:
            self._name = summary.name

    def _note(self, observation: Observation, lattice_step: int) -> None:
        summary = self._controller.summary
        if summary is None:
            return
        self._training = f"training step {observation.training_step:,} of {summary.total_steps:,}"
        erased_XYZ = observation.erased_XYZ
        self._erased = "" if erased_XYZ is None else self._display.erased.text(erased_XYZ)
        self._shown, self._name, self._other_run_shown = (observation, lattice_step), summary.name, False
