"""One cell in numbers: place, tiers, state, its course over the lattice steps, and the learning signal."""

from __future__ import annotations

import numpy as np
from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.panels.inspector.charts import StateBars, StepCourse
from app.panels.inspector.tier_table import Cell, TierTable, neighbour_counts
from app.widgets.icons import icon
from app.widgets.labels import ElidedLabel
from app.widgets.palette import PLACE_COLORS, SIGNAL_COLOR, TIER_COLORS
from lattice.config import LatticeSettings
from lattice.training.reports import Observation
from lattice.units import significant

PLACE_TIPS = {
    "surface": "The cell lies on one of the six faces",
    "volume": "The cell lies on none of the six faces",
}

ERASED_TIP = "it is erased in what is watched (Damage): its state is zero after every lattice step"


class CellPage(QWidget):
    """Shows what it is given; knows nothing of runs."""

    focus_clicked = pyqtSignal()
    close_clicked = pyqtSignal()
    channel_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the page without a cell."""
        super().__init__(parent)
        self.title, self.place = QLabel(), QLabel()
        self.tiers = TierTable()
        self.bars, self.course, self.signal = StateBars(), StepCourse(), StepCourse(SIGNAL_COLOR)
        self.bars.channel_clicked.connect(self.channel_clicked)
        self.state_title, self.course_title, self.signal_title = _heading(), _heading(), _heading()
        self.signal_title.setToolTip(
            "Norm of the gradient of the watched sample's training loss with respect to this cell's state, without unit"
        )
        self.scalars = QLabel()
        self.scalars.setProperty("role", "muted")
        self.scalars.setWordWrap(True)
        self.waiting = QLabel("Waiting for the first look at this cube.")
        self.waiting.setProperty("role", "muted")
        self.waiting.setWordWrap(True)
        self.values = QWidget()
        self._lay_out()

    def show_place(self, cell: Cell, lattice: LatticeSettings, *, erased: bool = False) -> None:
        """Show where a cell is, whether it is erased in what is watched, and whom it hears."""
        place = place_of(cell, lattice.dimensions)
        self.title.setText(f"Cell {cell_text(cell)}")
        self.place.setText(f"{place}, erased" if erased else place)
        self.place.setToolTip(PLACE_TIPS[place] + (f"; {ERASED_TIP}" if erased else ""))
        self.place.setStyleSheet(f"color: {PLACE_COLORS[place]}; font-weight: bold;")
        self.tiers.set_counts(neighbour_counts(cell, lattice.dimensions, lattice.get_distance_thresholds()))

    def show_values(self, cell: Cell, observation: Observation | None, step: int, channel: int | None) -> None:
        """Show the cell's values at a lattice step; without an observation, that one is waited for."""
        self.values.setVisible(observation is not None)
        self.waiting.setVisible(observation is None)
        if observation is None:
            self.tiers.set_shares({})
            return
        step = min(step, len(observation.states_TXYZC) - 1)
        erased = is_erased(observation, cell)
        for part in (self.bars, self.course_title, self.course, self.signal_title):
            part.setVisible(not erased)
        self._show_scalars(observation, cell)
        if erased:
            self.state_title.set_full_text("Erased: its state is zero")
            self.signal.hide()
            self.tiers.set_shares({})
            return
        self._show_state(observation, cell, step, channel)
        self._show_gates(observation, cell, step)
        self._show_signal(observation, cell, step)

    def _show_gates(self, observation: Observation, cell: Cell, step: int) -> None:
        """Show how much each tier decides, where the cell rule reports that."""
        gates = observation.trace.get("gates")
        if gates is None or not len(gates) or gates.shape[-1] != len(TIER_COLORS):
            self.tiers.set_shares({})
            return
        # The gate with index t makes state t+1, so the last state shows the gate that made it.
        shares = gates[(min(step, len(gates) - 1), *cell)]
        self.tiers.set_shares(dict(zip(TIER_COLORS, shares.tolist(), strict=True)))

    def _show_state(self, observation: Observation, cell: Cell, step: int, channel: int | None) -> None:
        states_TC = observation.states_TXYZC[(slice(None), *cell)]
        norms_T = np.linalg.norm(states_TC, axis=-1)
        self.bars.set_values(states_TC[step], float(np.abs(states_TC).max()))
        self.bars.set_channel(channel)
        if channel is not None and channel < states_TC.shape[1]:
            self.course_title.set_full_text(f"Channel {channel} over the lattice steps")
            self.course.set_values(states_TC[:, channel], step)
        else:
            self.course_title.set_full_text("Norm over the lattice steps")
            self.course.set_values(norms_T, step)
        when = f"after step {step}" if step else "as painted"
        self.state_title.set_full_text(f"State {when}, norm {significant(float(norms_T[step]))}")

    def _show_signal(self, observation: Observation, cell: Cell, step: int) -> None:
        signal = observation.signal_TXYZ
        self.signal.setVisible(signal is not None)
        if signal is None:
            self.signal_title.set_full_text("Gradient norm: not measured yet")
            return
        signal_T = signal[(slice(None), *cell)]
        self.signal_title.set_full_text(f"Gradient norm {significant(float(signal_T[step]), 2)}")
        self.signal.set_values(signal_T, step)

    def _show_scalars(self, observation: Observation, cell: Cell) -> None:
        lines = [
            f"{what}: " + ", ".join(significant(float(value), 2) for value in field[cell])
            for what, field in (
                ("painted here before step 1", observation.skin_XYZm),
                (f"read here after step {len(observation.states_TXYZC) - 1}", observation.readout_XYZm),
            )
            if np.isfinite(field[cell]).all()
        ]
        self.scalars.setText("\n".join(lines))
        self.scalars.setVisible(bool(lines))

    def _lay_out(self) -> None:
        font = self.title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self.title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.place)
        head.addStretch()
        for name, tip, signal in (
            ("focus", "Fly to this cell (F)", self.focus_clicked),
            ("close", "Let the cell go (Esc)", self.close_clicked),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked, told=signal: told.emit())
            head.addWidget(button)
        column = QVBoxLayout(self.values)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (
            self.state_title, self.bars, self.course_title, self.course, self.signal_title, self.signal, self.scalars,
        ):  # fmt: skip
            column.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.tiers)
        layout.addWidget(self.waiting)
        layout.addWidget(self.values)
        layout.addStretch()


def place_of(cell: Cell, dimensions: tuple[int, int, int]) -> str:
    """Return where a cell lies: `surface` or `volume`."""
    on_surface = any(at in (0, side - 1) for at, side in zip(cell, dimensions, strict=True))
    return "surface" if on_surface else "volume"


def is_erased(observation: Observation, cell: Cell) -> bool:
    """Return whether a cell is erased in what is watched."""
    return observation.erased_XYZ is not None and bool(observation.erased_XYZ[cell])


def cell_text(cell: Cell) -> str:
    """Return a cell's coordinates for people."""
    return f"({cell[0]}, {cell[1]}, {cell[2]})"


def _heading() -> ElidedLabel:
    label = ElidedLabel()
    label.setProperty("role", "heading")
    return label
