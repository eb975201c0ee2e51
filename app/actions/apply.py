"""Asks before an edit takes more memory than there is, or throws trained weights away for good."""

from __future__ import annotations

from PyQt6.QtWidgets import QWidget

from app.actions.dialogs import QuestionDialog
from app.actions.save_prompt import SavePrompt
from app.panels.lattice.dock import LatticeDock
from app.run.controller import RunController
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.units import plural


class ApplyActions:
    """Applies settings to the run, and resets it."""

    def __init__(self, controller: RunController, lattice: LatticeDock, prompt: SavePrompt, parent: QWidget) -> None:
        """Prepare to ask.

        Args:
            controller: of the run.
            lattice: panel that estimates what settings take.
            prompt: offers to save what would be lost, and knows whether the user may be asked.
            parent: window that questions belong to.
        """
        self._controller, self._lattice, self._prompt, self._parent = controller, lattice, prompt, parent

    def apply(self, config: SimpleProjectConfig) -> None:
        """Apply settings, after a question where their memory is not there or trained weights are lost."""
        estimate = self._lattice.estimate(config)
        if not self._prompt.asks or estimate is None or estimate.fits:
            self._apply_trained(config)
            return
        from app.panels.lattice.memory import shortage_text  # brings torch, so not before there is a run

        def apply() -> None:
            self._controller.apply(config)

        parts, steps = [shortage_text(estimate)], self._controller.unsaved_steps
        loss = self._loss_text(config) if steps else ""
        answers = [("Apply anyway", "plain", apply)]
        if loss:
            parts.append(f"{loss} There {'is' if steps == 1 else 'are'} {plural(steps, 'training step')} not saved.")
            answers.append(("Save, then apply", "plain", lambda: self._prompt.save(apply)))
        parts.append("A smaller cube, a smaller state size or a smaller batch needs less.")
        answers.append(("Don't apply", "primary", lambda: None))
        QuestionDialog("Not enough memory", "\n\n".join(parts), answers, self._parent).show()

    def _apply_trained(self, config: SimpleProjectConfig) -> None:
        """Apply settings; offer to save first what they would throw away without a way back by Undo."""
        loss = self._loss_text(config)
        if not loss or not self._prompt.asks:
            self._controller.apply(config)
            return

        def ask(why: str) -> None:
            reason = f"{loss} This can't be undone here: {why.rstrip('.')}."
            self._prompt.offer(reason, lambda: self._controller.apply(config))

        self._controller.apply(config, ask)

    def reset(self) -> None:
        """Begin the run again with fresh weights, after an offer to save."""
        self._prompt.offer("Resetting throws the trained weights away.", self._controller.reset)

    def _loss_text(self, config: SimpleProjectConfig) -> str:
        """Return which trained weights applying settings would throw away, in a sentence; nothing if it keeps all."""
        summary = self._controller.summary
        changes = {} if summary is None else summary.config.changes_to(config)
        if edit_cost(changes) != "rebuild":
            return ""
        from lattice.training.editing import keeps_cell_weights  # brings torch, so not before there is a run

        if keeps_cell_weights(changes):
            return "The trained input and output maps start again; the cells' weights stay."
        return "All trained weights start again."
