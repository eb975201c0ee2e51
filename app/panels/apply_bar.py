"""What an edit costs, in words, with the buttons that apply and revert it."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.forms.fields import COST_TEXTS
from app.forms.form import SettingsForm
from app.widgets.theme import set_role
from lattice.config import EditCost, edit_cost
from lattice.units import plural

NOT_TOGETHER = "These values do not go together."


def refusal(form: SettingsForm) -> str:
    """Return why the values of a form can't be applied; empty if they can."""
    return form.missing or (form.problem and NOT_TOGETHER)


class ApplyBar(QWidget):
    """Price, Apply and Revert; disabled while there is nothing to apply."""

    apply_clicked = pyqtSignal()
    revert_clicked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the bar without an edit."""
        super().__init__(parent)
        self.price = QLabel()
        self.price.setWordWrap(True)
        self.apply_button = QPushButton("Apply")
        self.apply_button.setProperty("primary", True)
        self.apply_button.clicked.connect(self.apply_clicked)
        self.revert_button = QPushButton("Revert")
        self.revert_button.setToolTip("Back to the values in force")
        self.revert_button.clicked.connect(self.revert_clicked)
        self.undo_button = QPushButton()
        self.undo_button.setProperty("link", True)
        self.undo_button.hide()
        self._undo: QAction | None = None
        self._changed = False
        words = QHBoxLayout()
        words.setSpacing(6)
        words.addWidget(self.price, 1)
        words.addWidget(self.undo_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.apply_button, 1)
        buttons.addWidget(self.revert_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 6, 12, 8)
        column.setSpacing(5)
        column.addLayout(words)
        column.addLayout(buttons)
        self.show_changes({})

    def offer(self, undo: QAction) -> None:
        """Offer to undo what was applied, while the action can and no other changes wait."""
        if self._undo is None:
            self._undo = undo
            self.undo_button.clicked.connect(undo.trigger)
            undo.changed.connect(self._show_undo)
        self._show_undo()

    def show_changes(self, changes: Mapping[str, EditCost], problem: str = "") -> None:
        """Show what is about to be applied.

        Args:
            changes: dotted keys with what editing each costs.
            problem: why they can't be applied, in a sentence; empty if they can.
        """
        self.apply_button.setEnabled(bool(changes) and not problem)
        self.revert_button.setEnabled(bool(changes))
        if problem:
            text, role = problem, "error"
        elif not changes:
            text, role = "No changes.", "muted"
        else:
            price = price_text(changes)
            text = f"{plural(len(changes), 'change')}. {price[:1].upper()}{price[1:]}."
            role = "warning" if edit_cost(changes) == "rebuild" else "muted"
        self.price.setText(text)
        set_role(self.price, role)
        self.apply_button.setToolTip(text)
        self._changed = bool(changes)
        self._show_undo()

    def _show_undo(self) -> None:
        if self._undo is not None:
            self.undo_button.setText(self._undo.text())
            self.undo_button.setToolTip(self._undo.toolTip())
            self.undo_button.setVisible(self._undo.isEnabled() and not self._changed)


def price_text(changes: Mapping[str, EditCost]) -> str:
    """Return what applying an edit costs, in words."""
    cost = edit_cost(changes)
    if cost is None:
        return "nothing to do"
    if cost != "rebuild":
        return COST_TEXTS[cost]
    from lattice.training.editing import DATA_KEYS, keeps_cell_weights  # brings torch, so not before it is needed

    if DATA_KEYS & changes.keys():
        return "data loaded again, new student: weights and schedule restarted"
    if keeps_cell_weights(dict(changes)):
        return "new size: only cell weights that fit are kept, see the log; maps and schedule restarted"
    return COST_TEXTS[cost]
