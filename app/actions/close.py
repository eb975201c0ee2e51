"""How the window closes: pause, offer to save, let the worker end, then go. Nothing waits with the window frozen."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PyQt6.QtCore import QObject, QTimer
from PyQt6.QtGui import QCloseEvent

from app.actions.save_prompt import SavePrompt
from app.run.controller import RunController


class Phase(Enum):
    """How far closing is."""

    OPEN = auto()
    ASKING = auto()
    ENDING = auto()
    CLOSED = auto()


class Closing(QObject):
    """Carries one window from open to closed."""

    def __init__(
        self,
        controller: RunController,
        prompt: SavePrompt,
        close: Callable[[], object],
        notify: Callable[[str], None],
        parent: QObject,
    ) -> None:
        """Watch a worker.

        Args:
            controller: of the worker that has to end first.
            prompt: offers to save the run.
            close: closes the window, once the worker is gone.
            notify: shows a sentence.
            parent: owner.
        """
        super().__init__(parent)
        self._controller, self._prompt, self._close, self._notify = controller, prompt, close, notify
        self._phase = Phase.OPEN
        self._was_training = False
        controller.ended.connect(self._on_ended)

    @property
    def done(self) -> bool:
        """Whether the worker is gone, so that the window may go."""
        return self._phase is Phase.CLOSED

    def holds_open(self, event: QCloseEvent) -> bool:
        """Refuse to close while the worker is there, and see to it that it goes; return whether it was refused."""
        if self.done:
            return False
        event.ignore()
        self.begin()
        return True

    def begin(self) -> None:
        """Pause, offer to save what was trained, then end."""
        if self._phase is Phase.ASKING and not self._prompt.asks:
            self._end()  # a signal came while the question was open
        if self._phase is not Phase.OPEN:
            return
        self._phase = Phase.ASKING
        self._was_training = self._controller.state == "training"
        self._controller.pause()
        self._prompt.offer("Training stops when the window closes.", self._end, self._stay)

    def _stay(self) -> None:
        """Leave the window open: it was cancelled, or saving failed and the run would be lost."""
        if self._phase is not Phase.ASKING or not self._prompt.asks:
            return
        self._phase = Phase.OPEN
        if self._was_training:
            self._controller.start()

    def _end(self) -> None:
        if self._phase is not Phase.ASKING:
            return
        self._phase = Phase.ENDING
        self._notify("Closing after this training step")
        self._controller.stop()

    def _on_ended(self) -> None:
        if self._phase is not Phase.CLOSED:
            self._phase = Phase.CLOSED
            # Not from within the close event that began this: Qt would take no notice.
            QTimer.singleShot(0, self._close)
