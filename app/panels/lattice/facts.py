"""What a lattice takes: the time of a training step, memory, and the stencils with their engine."""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from app.panels.lattice.memory import compared, memory_text, shortage_advice
from app.run.estimator import Estimate
from app.widgets.theme import set_role
from lattice.feasibility.report import TierReport
from lattice.units import bytes_text, seconds_text

_ENGINE_TIP = "An estimate; Apply may measure which engine is quickest, and take another"
_MEMORY_TIP = "Weights, optimizer and one batch's rollout; libraries and data come on top"
_TIPS = {
    "Training step": "Scaled from the training steps measured so far",
    "Memory": _MEMORY_TIP,
    "Stencils": "Memory of the neighbour stencils, and the engine that computes tier means",
}


@dataclass(frozen=True)
class BuiltStencils:
    """The stencils that a run has, and what computes tier means with them."""

    name: str
    """Of the engine, or of several joined by ' + '."""
    reason: str
    bytes: int


class Facts(QWidget):
    """Three lines below the form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the lines without numbers."""
        super().__init__(parent)
        self.labels: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(18, 6, 12, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        for row, (name, tip) in enumerate(_TIPS.items()):
            title, value = QLabel(name), QLabel()
            set_role(title, "muted")
            title.setToolTip(tip)
            value.setToolTip(tip)
            value.setWordWrap(True)
            self.labels[name] = value
            grid.addWidget(title, row, 0)
            grid.addWidget(value, row, 1)

    def show_estimate(self, wanted: Estimate, now: Estimate) -> None:
        """Show what a training step would take, beside what it takes now."""
        step, memory = self.labels["Training step"], self.labels["Memory"]
        step.setToolTip(_TIPS["Training step"])
        step.setText(compared(wanted.seconds, now.seconds, seconds_text) or "known after the first one")
        memory.setText(memory_text(wanted, now))
        memory.setToolTip(_MEMORY_TIP if wanted.fits else shortage_advice(wanted))
        set_role(memory, "" if wanted.fits else "warning")

    def show_built(self, built: BuiltStencils) -> None:
        """Show the stencils that the run has."""
        self._show_stencils(f"{bytes_text(built.bytes)}, engine '{built.name}'", built.reason)

    def show_expected(self, report: TierReport, *, chosen: bool) -> None:
        """Show the stencils that would be built; `chosen` says that the program, not the settings, names the engine."""
        size = bytes_text(report.stencil_bytes)
        if chosen:
            tip = f"{_ENGINE_TIP}: {report.engine_reason}"
            self._show_stencils(f"{size}, probably engine '{report.engine}'", tip)
        else:
            self._show_stencils(f"{size}, engine '{report.engine}'", report.engine_reason)

    def show_no_estimate(self, problem: str) -> None:
        """Show that time and memory can't be estimated, and why in the tooltips."""
        for name in ("Training step", "Memory"):
            self.labels[name].setText("unknown")
            self.labels[name].setToolTip(problem)
            set_role(self.labels[name], "")

    def show_no_stencils(self, problem: str) -> None:
        """Show that it can't be said which stencils would be built, and why in the tooltip."""
        self._show_stencils("unknown", problem)

    def _show_stencils(self, text: str, tip: str) -> None:
        self.labels["Stencils"].setText(text)
        self.labels["Stencils"].setToolTip(tip)
