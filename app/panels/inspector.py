"""The inspector: everything that is known about the picked cell, live and while paused."""

from __future__ import annotations

import math

import numpy as np
from PyQt6.QtCore import QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from app.icons import icon
from app.palette import PLACE_COLORS, TIER_COLORS
from app.panels.cell_charts import GateBar, StateBars, StepCourse
from app.units import count_text, significant
from lattice.config import DistanceThresholds, LatticeSettings
from lattice.training.reports import Observation

REFRESH_MILLISECONDS = 250
Cell = tuple[int, int, int]


class InspectorPanel(QWidget):
    """Shows one cell; `cell_wanted` asks for another, None for none."""

    cell_wanted = pyqtSignal(object)
    focus_wanted = pyqtSignal()
    channel_wanted = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start with no cell picked."""
        super().__init__(parent)
        self._cell: Cell | None = None
        self._hovered: Cell | None = None
        self._observation: Observation | None = None
        self._step = 0
        self._channel: int | None = None
        self._lattice = LatticeSettings()
        self._timer = QTimer(self)
        self._timer.setObjectName("inspector")
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._build_empty())
        self._stack.addWidget(self._build_cell())

    @property
    def cell(self) -> Cell | None:
        """The picked cell."""
        return self._cell

    @property
    def hovered(self) -> Cell | None:
        """The cell under the mouse."""
        return self._hovered

    def set_lattice(self, lattice: LatticeSettings) -> None:
        """Take the lattice whose tiers the neighbours are counted in."""
        self._lattice = lattice
        if self._cell is not None and not _inside(self._cell, lattice.dimensions):
            self._cell = None
        self.refresh()

    def set_cell(self, cell: Cell | None) -> None:
        """Show another cell, or none."""
        self._cell = cell
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
        self._stack.setCurrentIndex(0 if cell is None else 1)
        if cell is None:
            return
        on_surface = any(at in (0, side - 1) for at, side in zip(cell, self._lattice.dimensions, strict=True))
        self.title.setText(f"Cell {cell_text(cell)}")
        place = "surface" if on_surface else "volume"
        self.place.setText(place)
        self.place.setStyleSheet(f"color: {PLACE_COLORS[place]}; font-weight: bold;")
        self._show_neighbours(cell)
        known = observation is not None and _inside(cell, observation.dimensions)
        self._values.setVisible(known)
        self._waiting.setVisible(not known)
        if observation is not None and known:
            self._show_values(observation, cell)

    def _show_neighbours(self, cell: Cell) -> None:
        counts = neighbour_counts(cell, self._lattice.dimensions, self._lattice.get_distance_thresholds())
        for tier, label in self.neighbours.items():
            label.setText(
                f"<span style='color:{TIER_COLORS[tier]}'>\N{BLACK SQUARE}</span> {tier} "
                f"<b>{count_text(counts[tier])}</b>"
            )

    def _show_values(self, observation: Observation, cell: Cell) -> None:
        step = min(self._step, len(observation.states_TXYZC) - 1)
        states_TC = observation.states_TXYZC[(slice(None), *cell)]
        norms_T = np.linalg.norm(states_TC, axis=-1)
        self.bars.set_values(states_TC[step], float(np.abs(states_TC).max()))
        self.bars.set_channel(self._channel)
        if self._channel is not None and self._channel < states_TC.shape[1]:
            self._course_title.setText(f"Channel {self._channel} over the lattice steps")
            self.course.set_values(states_TC[:, self._channel], step)
        else:
            self._course_title.setText("State norm over the lattice steps")
            self.course.set_values(norms_T, step)
        self._state_title.setText(
            f"State after lattice step {step}, norm {significant(float(norms_T[step]))}"
            if step
            else f"State as painted, norm {significant(float(norms_T[0]))}"
        )
        last_gate = len(observation.gates_TXYZ3) - 1
        # The gate with index t makes state t+1, so the last state shows the gate that made it.
        gates = observation.gates_TXYZ3[(min(step, last_gate), *cell)] if last_gate >= 0 else np.zeros(3)
        self.gates.set_shares(dict(zip(TIER_COLORS, gates.tolist(), strict=True)))
        self._show_signal(observation, cell, step)
        painted, read = observation.skin_XYZm[cell], observation.readout_XYZm[cell]
        lines = []
        if np.isfinite(painted).all():
            lines.append("painted here: " + ", ".join(significant(float(value), 2) for value in painted))
        if np.isfinite(read).all():
            lines.append("read here: " + ", ".join(significant(float(value), 2) for value in read))
        self.scalars.setText("\n".join(lines))
        self.scalars.setVisible(bool(lines))

    def _show_signal(self, observation: Observation, cell: Cell, step: int) -> None:
        signal = observation.signal_TXYZ
        self.signal.setVisible(signal is not None)
        if signal is None:
            self._signal_title.setText("Learning signal: not measured yet")
            return
        signal_T = signal[(slice(None), *cell)]
        self._signal_title.setText(f"Learning signal: gradient norm {significant(float(signal_T[step]), 2)}")
        self.signal.set_values(signal_T, step)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        text = QLabel(
            "Click a cell in the cube to look inside it: its state, its gates and its neighbours. "
            "The arrow keys and Page Up and Down then walk to the next cell."
        )
        text.setWordWrap(True)
        text.setProperty("role", "muted")
        self._hint = QLabel()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 10, 12, 10)
        layout.addWidget(text)
        layout.addWidget(self._hint)
        layout.addStretch()
        return page

    def _build_cell(self) -> QWidget:
        page = QWidget()
        self.title, self.place = QLabel(), QLabel()
        font = self.title.font()
        font.setBold(True)
        font.setPointSizeF(font.pointSizeF() * 1.15)
        self.title.setFont(font)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addWidget(self.place)
        head.addStretch()
        for name, tip, signal in (
            ("focus", "Fly to this cell (F)", self.focus_wanted.emit),
            ("close", "Let the cell go (Esc)", lambda: self.cell_wanted.emit(None)),
        ):
            button = QToolButton()
            button.setIcon(icon(name))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _checked, act=signal: act())
            head.addWidget(button)
        self._values = QWidget()
        self.bars, self.course = StateBars(), StepCourse()
        self.gates, self.signal = GateBar(), StepCourse("#DF7216")
        self.bars.channel_clicked.connect(self.channel_wanted)
        self._state_title, self._course_title, self._signal_title = _heading(), _heading(), _heading()
        gate_title = _heading("Gates")
        gate_title.setToolTip("How much each tier's expert decides about this cell's next change")
        self.scalars = QLabel()
        self.scalars.setProperty("role", "muted")
        self.scalars.setWordWrap(True)
        column = QVBoxLayout(self._values)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (
            self._state_title, self.bars, self._course_title, self.course, gate_title, self.gates,
            self._signal_title, self.signal, self.scalars,
        ):  # fmt: skip
            column.addWidget(part)
        self._waiting = QLabel("Waiting for the first look at this cube.")
        self._waiting.setProperty("role", "muted")
        self.neighbours = {tier: QLabel() for tier in TIER_COLORS}
        row = QHBoxLayout()
        row.setSpacing(10)
        for label in self.neighbours.values():
            label.setTextFormat(Qt.TextFormat.RichText)
            row.addWidget(label)
        row.addStretch()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(14, 8, 12, 10)
        layout.setSpacing(6)
        layout.addLayout(head)
        layout.addWidget(_heading("Neighbours"))
        layout.addLayout(row)
        layout.addWidget(self._waiting)
        layout.addWidget(self._values)
        layout.addStretch()
        return page


def cell_text(cell: Cell) -> str:
    """Return a cell's coordinates for people."""
    return f"({cell[0]}, {cell[1]}, {cell[2]})"


def neighbour_counts(cell: Cell, dimensions: Cell, thresholds: DistanceThresholds) -> dict[str, int]:
    """Return how many neighbours one cell has in each tier, borders taken into account."""
    # The same tolerance as in the tiers themselves: a distance that equals a threshold is inside.
    limits = [0, *(math.floor(threshold**2 * (1 + 1e-9)) for threshold in thresholds)]
    reach = math.isqrt(limits[-1])
    axes = [
        np.arange(max(0, at - reach), min(side, at + reach + 1)) - at for at, side in zip(cell, dimensions, strict=True)
    ]
    squared = axes[0][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[2][None, None, :] ** 2
    return {
        tier: int(np.count_nonzero((squared > low) & (squared <= high)))
        for tier, low, high in zip(TIER_COLORS, limits[:-1], limits[1:], strict=True)
    }


def _inside(cell: Cell, dimensions: Cell) -> bool:
    return all(0 <= at < side for at, side in zip(cell, dimensions, strict=True))


def _heading(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    # Numbers in it must not widen the panel.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return label
