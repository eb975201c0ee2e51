"""How the window closes: pause, offer to save, let the worker end, then go. Nothing waits with the window frozen."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer

from app.actions.dialogs import QuestionDialog
from app.run.messages import Failed

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


class Phase(Enum):
    """How far closing is."""

    OPEN = auto()
    ASKING = auto()
    ENDING = auto()
    CLOSED = auto()


class Closing(QObject):
    """Carries one window from open to closed."""

    def __init__(self, window: MainWindow) -> None:
        """Watch a window's worker."""
        super().__init__(window)
        self._window = window
        self._phase = Phase.OPEN
        self._was_training = False
        window.controller.ended.connect(self._on_ended)
        window.controller.failed.connect(self._on_failed)

    @property
    def done(self) -> bool:
        """Whether the worker is gone, so that the window may go."""
        return self._phase is Phase.CLOSED

    def begin(self) -> None:
        """Pause, offer to save what was trained, then end."""
        if self._phase is not Phase.OPEN:
            return
        self._phase = Phase.ASKING
        self._was_training = self._window.controller.state == "training"
        self._window.controller.pause()
        self._window.offer_to_save("Training stops when the window closes.", self._end, self._stay)

    def _stay(self) -> None:
        self._phase = Phase.OPEN
        if self._was_training:
            self._window.controller.start()

    def _end(self) -> None:
        self._phase = Phase.ENDING
        self._window.status.notify("Closing after this training step")
        self._window.controller.stop()

    def _on_ended(self) -> None:
        if self._phase is not Phase.CLOSED:
            self._phase = Phase.CLOSED
            # Not from within the close event that began this: Qt would take no notice.
            QTimer.singleShot(0, self._window.close)

    def _on_failed(self, _failure: Failed) -> None:
        # Saving failed: the window stays, or the run would be lost.
        if self._phase is Phase.ASKING:
            self._stay()


def ask_to_save(window: MainWindow, reason: str, save: object, go_on: object, stay: object) -> QuestionDialog:
    """Ask whether to save the run first.

    Args:
        window: window that the question belongs to.
        reason: why it is asked, one sentence.
        save: called for "Save".
        go_on: called for "Don't save".
        stay: called for "Cancel".
    """
    steps = window.controller.unsaved_steps
    trained = f"{steps:,} training step{'s' if steps != 1 else ''} since the last save"
    question = QuestionDialog(
        "Save the run?",
        f"{reason} Save it first? There {'are' if steps != 1 else 'is'} {trained}.",
        (("Cancel", "cancel", stay), ("Don't save", "plain", go_on), ("Save", "primary", save)),  # type: ignore[arg-type]
        window,
    )
    question.show()
    return question
