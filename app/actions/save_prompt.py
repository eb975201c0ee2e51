"""Offers to save the run before it is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PyQt6.QtWidgets import QWidget

from app.actions.dialogs import QuestionDialog
from app.run.commands import OpenRun
from app.run.controller import RunController
from app.run.pending import GaveUp
from app.run.summary import RunSummary
from lattice.units import plural


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
        self._questions: list[QuestionDialog] = []
        """Those that are open: a run that is opened may ask while the window asks, too."""

    def silence(self) -> None:
        """Ask nothing from now on, and close what is open: the run is not left by it."""
        self.asks = False
        for question in tuple(self._questions):
            question.reject()

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
        question = QuestionDialog(
            "Save the run?",
            f"{text} not saved{', and more by now' if self._controller.state == 'training' else ''}.",
            (
                ("Cancel", "cancel", stay),
                ("Don't save", "plain", then),
                ("Save", "primary", lambda: self.save(then, stay)),
            ),
            self._parent,
        )
        self._questions.append(question)
        question.finished.connect(lambda _code: self._questions.remove(question))
        question.show()

    def open_instead(
        self,
        request: OpenRun,
        reason: str,
        done: Callable[[RunSummary], None],
        failed: GaveUp,
        stay: Callable[[], None] | None = None,
    ) -> None:
        """Open another run in place of the present one; ask only once it is known that it can be opened.

        Args:
            request: what to open.
            reason: why the present run is left, one sentence.
            done: called once the other run is open.
            failed: called if it can't be opened: the present run was not touched, and nothing was asked.
            stay: called if the present run is not to be left after all, or could not be saved.
        """
        if not self.asks or self._controller.summary is None:
            self._controller.open(request, done, failed)
            return

        def keep() -> None:
            self._controller.drop_ready(held)
            if stay is not None:
                stay()

        def ask(summary: RunSummary) -> None:
            short = "" if summary.started_from is None else summary.started_from.shortfall()
            self.offer(f"{reason} {short}".rstrip(), lambda: self._controller.take_ready(held, done, failed), keep)

        held = self._controller.prepare(request, ask, failed)
