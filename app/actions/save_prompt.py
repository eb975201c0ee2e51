"""Offers to save the run before it is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtWidgets import QWidget

from app.actions.dialogs import QuestionDialog
from app.run.controller import RunController
from app.widgets.units import plural


class Save(Protocol):
    """Saves the run; calls the first function once it is saved, the second if it is not."""

    def __call__(self, then: Callable[[], None] | None = None, stay: Callable[[], None] | None = None) -> None:
        """Save, or ask for a file first."""


class SavePrompt:
    """Knows whether the user may be asked at all, as not while a picture is taken or after Ctrl-C."""

    def __init__(self, controller: RunController, save: Save, parent: QWidget, *, asks: bool = True) -> None:
        """Prepare to ask.

        Args:
            controller: of the run that may be left.
            save: saves it.
            parent: window that the question belongs to.
            asks: whether the user may be asked.
        """
        self._controller, self._parent = controller, parent
        self.save = save
        self.asks = asks

    def offer(self, reason: str, then: Callable[[], None], stay: Callable[[], None] | None = None) -> None:
        """Ask whether to save the run before it is left, if it moved on since the last save.

        Args:
            reason: why it is left, one sentence.
            then: called once the run is saved, or is not to be.
            stay: called if the run is not to be left after all, or could not be saved.
        """
        steps = self._controller.unsaved_steps
        if not self.asks or not steps:
            then()
            return
        stay = stay or (lambda: None)
        text = f"{reason} Save it first? There {'is' if steps == 1 else 'are'} {plural(steps, 'training step')}"
        QuestionDialog(
            "Save the run?",
            f"{text} since the last save.",
            (
                ("Cancel", "cancel", stay),
                ("Don't save", "plain", then),
                ("Save", "primary", lambda: self.save(then, stay)),
            ),
            self._parent,
        ).show()
