"""The inspector: everything that is known about the picked cell, live and while paused."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.panels.inspector.cell_page import CellPage, cell_text, is_erased
from app.panels.inspector.tier_table import Cell
from app.panels.panel import Panel
from app.run.messages import Applied
from app.run.summary import RunSummary
from lattice.config import LatticeSettings
from lattice.training.reports import HeardTier, Observation

REFRESH_MILLISECONDS = 250


class InspectorPanel(Panel):
    """Shows one cell; `cell_wanted` requests another, None for none."""

    cell_wanted = pyqtSignal(object)
    focus_wanted = pyqtSignal()
    channel_wanted = pyqtSignal(int)
    messages_wanted = pyqtSignal(object, int, object)
    """Observation, lattice step and cell whose messages are to be computed; `show_heard` takes the answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with no cell picked."""
        super().__init__(parent)
        self._cell: Cell | None = None
        self._hovered: Cell | None = None
        self._observation: Observation | None = None
        self._step = 0
        self._channel: int | None = None
        self._listening = False
        self._heard_for: tuple[Observation, int, Cell] | None = None
        self._lattice = LatticeSettings()
        self._timer = QTimer(self)
        self._timer.setObjectName("inspector")
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        self.page = CellPage()
        self.page.focus_clicked.connect(self.focus_wanted)
        self.page.close_clicked.connect(lambda: self.cell_wanted.emit(None))
        self.page.channel_clicked.connect(self.channel_wanted)
        self.page.hide()
        self._empty = self._build_empty()
        layout = QVBoxLayout(
            self
        )  # no stack of pages, which would be as high as the highest, so that an empty one scrolls
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._empty)
        layout.addWidget(self.page)

    @property
    def cell(self) -> Cell | None:
        """The picked cell."""
        return self._cell

    @property
    def hovered(self) -> Cell | None:
        """The cell under the mouse."""
        return self._hovered

    def show_run(self, summary: RunSummary) -> None:
        """Count neighbours in the lattice of a run."""
        self.set_lattice(summary.config.lattice)

    def show_applied(self, message: Applied) -> None:
        """Count neighbours in the edited lattice."""
        self.set_lattice(message.summary.config.lattice)

    def set_lattice(self, lattice: LatticeSettings) -> None:
        """Take the lattice whose tiers the neighbours are counted in."""
        self._lattice = lattice
        if self._cell is not None and not _inside(self._cell, lattice.dimensions):
            self._cell = None
        self.refresh()

    def set_cell(self, cell: Cell | None) -> None:
        """Show another cell, or none."""
        self._cell, self._heard_for = cell, None  # what was heard is cleared: it is requested again
        if cell is not None:
            self.page.tiers.set_heard(cell, {})
        self.refresh()

    def set_hovered(self, cell: Cell | None) -> None:
        """Name the cell under the mouse while none is picked."""
        self._hovered = cell
        self._hint.setText("" if cell is None else f"Under the mouse: cell {cell_text(cell)}")

    def set_observation(self, observation: Observation, step: int) -> None:
        """Take a newer observation; shown at most four times a second."""
        self._observation, self._step = observation, step
        if not self._timer.isActive():
            self._timer.start()

    def set_step(self, step: int) -> None:
        """Show another lattice step, at once."""
        self._step = step
        self.refresh()

    def set_channel(self, channel: int | None) -> None:
        """Mark the channel that the cube shows."""
        self._channel = channel
        self.refresh()

    def refresh(self) -> None:
        """Show the newest values now."""
        cell, observation = self._cell, self._observation
        self._empty.setVisible(cell is None)
        self.page.setVisible(cell is not None)
        if cell is None:
            return
        shown = observation if observation is not None and _inside(cell, observation.dimensions) else None
        self.page.show_place(cell, self._lattice, erased=shown is not None and is_erased(shown, cell))
        self.page.show_values(cell, shown, self._step, self._channel)
        if shown is not None and not self._listening:
            step = min(self._step, len(shown.states_TXYZC) - 2)
            wanted = (shown, step, cell)
            if step >= 0 and wanted != self._heard_for:
                self._heard_for, self._listening = wanted, True
                self.messages_wanted.emit(shown, step, cell)

    def show_heard(self, cell: Cell, heard: Mapping[str, HeardTier] | None) -> None:
        """Show what a cell hears; an answer for another cell than the picked one only makes room for a request."""
        self._listening = False
        if cell == self._cell:
            self.page.tiers.set_heard(cell, heard or {})
        if not self._timer.isActive():
            self._timer.start()

    def _build_empty(self) -> QWidget:
        page = QWidget()
        text = QLabel(
            "Click a cell in the cube, or press C for the one in the middle of the picture, to look inside it: its "
            "state, its neighbours and what its rule traces. The arrow keys and Page Up and Down then walk to the next "
            "cell."
        )
        text.setWordWrap(True)
        text.setProperty("role", "muted")
        self._hint = QLabel()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(12, 10, 8, 10)
        layout.addWidget(text)
        layout.addWidget(self._hint)
        layout.addStretch()
        return page


def _inside(cell: Cell, dimensions: Cell) -> bool:
    return all(0 <= at < side for at, side in zip(cell, dimensions, strict=True))
