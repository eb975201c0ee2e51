"""When training diverges: a notice that stands, the way back to the last state whose loss was sound, and going on."""

from __future__ import annotations

from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from app.run.controller import RunController
from app.run.messages import Applied, Failed, StepsDone
from app.widgets.banner import Banner
from lattice.training.divergence import is_diverged, pauses
from lattice.training.reports import StepReport
from lattice.units import plural

NOTHING = "No earlier state of this run is kept: one is written after the first second of training, and now and then"


class DivergenceActions(QObject):
    """Serves one window: its own strip above the cube, which no other notice takes the place of."""

    available_changed = pyqtSignal(bool, str)
    """Whether there is a state to go back to, and what going back would do, or why it can't be done."""

    def __init__(self, controller: RunController, banner: Banner, parent: QObject) -> None:
        """Follow a controller's run.

        Args:
            controller: of the run.
            banner: where the notice stands.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._banner = controller, banner
        self._what = self._ending = ""
        controller.stepped.connect(self._on_stepped)
        controller.sound_changed.connect(self._tell)
        controller.opened.connect(lambda _summary: self._forget())
        controller.applied.connect(self._on_applied)

    def go_back(self) -> None:
        """Bring back the last state whose loss was sound, and pause; the notice stands again if that fails."""
        self._go_to(self._controller.sound_step)

    def _go_to(self, step: int | None) -> None:
        def failed(_failure: Failed | None) -> None:
            if self._what:
                self._banner.show()

        self._banner.hide()
        self._controller.go_back(step, failed)

    def way_back(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the button that goes back, if there is a state to go back to."""
        step = self._controller.sound_step
        return [] if step is None else [(f"Go back to step {step:,}", lambda: self._go_to(step))]

    def offer(self, what: str) -> None:
        """Say something after which a person may want to go back, unless a divergence stands there."""
        if not self._what and (back := self.way_back()):
            self._banner.say(what, [*back, ("Leave it so", lambda: None)])

    def _on_stepped(self, message: StepsDone) -> None:
        for report in message.reports:
            if report.diverged:
                self._say(report)
        if self._what:
            last = message.reports[-1]
            if not any(report.diverged for report in message.reports):
                self._ending = ""  # training goes on
            if not is_diverged(last):
                self._ending = f" The loss is back below that at training step {last.training_step:,}."
            self._banner.label.setText(self._text())

    def _say(self, report: StepReport) -> None:
        summary = self._controller.summary
        paused = summary is not None and pauses(report, summary.config)
        self._what = f"Training step {report.training_step:,} {report.diverged}."
        self._ending = " Training is paused, as the settings request." if paused else ""
        self._banner.say(self._text(), [*self.way_back(), ("Go on", self._go_on)], closed=self._go_on)

    def _text(self) -> str:
        step, present = self._controller.sound_step, self._controller.training_step
        if step is None:
            back = " No state from before it is kept: lower the learning rate, then reset the run or open a checkpoint."
        else:
            lost = plural(present - step, "training step")
            back = f" Going back to step {step:,} gives up {lost}; Undo brings them back."
        return self._what + self._ending + back

    def _go_on(self) -> None:
        self._forget()
        self._controller.go_on()

    def _forget(self) -> None:
        self._what = self._ending = ""
        self._banner.hide()

    def _on_applied(self, message: Applied) -> None:
        if message.restarts_scores:
            self._forget()

    def _tell(self) -> None:
        if not self._what:
            self._banner.hide()  # what is offered there is another state than the one that is kept now
        step = self._controller.sound_step
        if step is None:
            self.available_changed.emit(False, NOTHING)
            return
        self.available_changed.emit(
            True,
            f"Bring back the run as it was at training step {step:,}, the last that is kept with a sound loss,\n"
            "with its settings, and pause; Undo brings back the run that is left",
        )
