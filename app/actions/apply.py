"""Asks before an edit takes more memory than there is, or throws trained weights away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.actions.dialogs import QuestionDialog
from lattice.config import SimpleProjectConfig, edit_cost
from lattice.units import plural

if TYPE_CHECKING:
    from app.window.main_window import MainWindow


def apply_lattice(window: MainWindow, config: SimpleProjectConfig) -> None:
    """Apply settings of the lattice panel, after a question where their memory is not there or weights are lost."""
    estimate = window.lattice.estimate(config)
    if not window.asks or estimate is None or estimate.fits:
        apply_trained(window, config)
        return
    from app.panels.lattice.memory import shortage_text

    parts, steps = [shortage_text(estimate)], window.controller.unsaved_steps
    loss = loss_text(window, config) if steps else ""
    anyway = "Apply anyway"
    answers = [(anyway, "plain", lambda: window.controller.apply(config))]
    if loss:
        parts.append(f"{loss} There {'is' if steps == 1 else 'are'} {plural(steps, 'training step')} not saved.")
        answers.append(
            ("Save, then apply", "plain", lambda: window.files.save(lambda: window.controller.apply(config)))
        )
    parts.append("A smaller cube, a smaller state size or a smaller batch needs less.")
    answers.append(("Don't apply", "primary", lambda: None))
    QuestionDialog("Not enough memory", "\n\n".join(parts), answers, window).show()


def apply_trained(window: MainWindow, config: SimpleProjectConfig) -> None:
    """Apply settings; offer to save first what was trained, if they throw it away."""
    loss = loss_text(window, config)
    if loss:
        window.offer_to_save(loss, lambda: window.controller.apply(config))
    else:
        window.controller.apply(config)


def loss_text(window: MainWindow, config: SimpleProjectConfig) -> str:
    """Return which trained weights applying settings would throw away, in a sentence; nothing if it keeps all."""
    summary = window.controller.summary
    changes = {} if summary is None else summary.config.changes_to(config)
    if edit_cost(changes) != "rebuild":
        return ""
    from lattice.training.editing import keeps_cell_weights  # brings torch, so not before there is a run

    if keeps_cell_weights(changes):
        return "The trained input and output maps start anew; the cells' weights stay."
    return "All trained weights start anew."
