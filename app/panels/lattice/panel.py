"""The lattice panel: size, reach and tiers, with their consequences while a value is dragged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QHideEvent
from PyQt6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.forms import SettingsForm
from app.panels.apply_bar import ApplyBar
from app.panels.lattice.memory import compared, memory_text, shortage_advice
from app.panels.lattice.tier_bars import TierBar, TierBars
from app.panels.lattice.warning_list import WarningList
from app.platform.latest_job import Latest
from app.run.estimator import Estimate
from app.widgets.scroll_area import scrolled
from app.widgets.theme import set_role
from lattice.config import SimpleProjectConfig, cost_of_key
from lattice.feasibility.report import TierReport, feasibility_report
from lattice.training.editing import rebuilds_tiers
from lattice.units import bytes_text, seconds_text

Estimator = Callable[[SimpleProjectConfig], Estimate]

PREVIEW_MS = 30
_CALM_SECONDS = 1.0
_CELLS_AT_ONCE = 50**3
"""Larger lattices take longer to be counted than a drag may wait; they are counted in a thread."""

REACH_KEYS = (
    "lattice.dimensions",
    "lattice.adaptive_radius_ratio",
    "lattice.local_distance_ratio",
    "lattice.functional_distance_ratio",
    "lattice.distant_distance_ratio",
    "lattice.lattice_steps",
)
_ENGINE_TIP = "An estimate; Apply may measure which engine is quickest, and take another"
_MEMORY_TIP = "Weights, optimizer and one batch's rollout; libraries and data come on top"
OTHER_KEYS = ("model.state_size", "embedding_mapping.placement", "neighbors.engine")


@dataclass(frozen=True)
class BuiltStencils:
    """The stencils that a run has, and what computes tier means with them."""

    name: str
    """Of the engine, or of several joined by ' + '."""
    reason: str
    bytes: int


class LatticePanel(QWidget):
    """Edits the lattice; nothing acts before Apply, which says what it costs."""

    preview_changed = pyqtSignal(object)
    """The `SimpleProjectConfig` as it is being edited, a moment after each change, and the one in force on revert."""
    apply_requested = pyqtSignal(object)
    """The `SimpleProjectConfig` that is wanted; the panel shows it as applied once `set_config` says so."""

    def __init__(
        self,
        config: SimpleProjectConfig | None = None,
        *,
        estimator: Estimator | None = None,
        device: str = "cpu",
        parent: QWidget | None = None,
    ) -> None:
        """Create the panel for a config.

        Args:
            config: the one in force.
            estimator: tells what a training step of any config would take; can be set later.
            device: where stencils would be built, for the warning that they do not fit.
            parent: owner.
        """
        super().__init__(parent)
        self._estimator = estimator
        self._refreshed = -math.inf
        self._device = device
        self._engine: BuiltStencils | None = None
        self._rebuilds_tiers = False
        self._asked_engine = "auto"
        self.form = SettingsForm(config or SimpleProjectConfig(), (*REACH_KEYS, *OTHER_KEYS))
        self.form.edited.connect(self._edited)
        self.bars = TierBars()
        self.warnings = WarningList()
        self.warnings.use_clicked.connect(lambda key, value: self.form.take({key: value}))
        self.bar = ApplyBar()
        self.bar.apply_clicked.connect(self.apply)
        self.bar.revert_clicked.connect(self.form.revert)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_MS)
        self._timer.timeout.connect(self._preview)
        self._latest = Latest(self)
        self._latest.done.connect(self._show_report)
        self._lay_out()
        self._show_consequences(self.form.config)
        self._show_bar()

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool = False) -> None:
        """Show the config in force; with `keep_edits`, what was changed and not yet applied stays as it is."""
        self.form.set_config(config, keep_edits=keep_edits)
        self._show_bar()
        if not self.form.problem:
            self._show_consequences(self.form.candidate())

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Tell which values a double click returns to."""
        self.form.set_preset(preset)

    def set_estimator(self, estimator: Estimator | None) -> None:
        """Tell whom to ask for memory and time."""
        self._estimator = estimator
        self._refreshed = -math.inf
        self.refresh()

    def set_device(self, device: str) -> None:
        """Tell where stencils would be built."""
        self._device = device
        if not self.form.problem:
            self._show_consequences(self.form.candidate())

    def set_engine(self, engine: BuiltStencils) -> None:
        """Tell what computes the tier means of the config in force; shown with the next `set_config`."""
        self._engine = engine

    def refresh(self) -> None:
        """Ask the estimator again, as after training steps; numbers change at most once a second."""
        now = time.monotonic()
        if not self.form.problem and now - self._refreshed >= _CALM_SECONDS:
            self._refreshed = now
            self._show_estimate(self.form.candidate())

    def apply(self) -> None:
        """Ask for all changes."""
        if self.form.changes() and not self.form.problem:
            self._timer.stop()
            self.apply_requested.emit(self.form.candidate())

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no timer and no thread behind."""
        self._timer.stop()
        self._latest.close()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Show at once what was about to be shown."""
        if self._timer.isActive():
            self._timer.stop()
            self._preview()
        super().hideEvent(event)

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(290, 620)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow, low dock."""
        return QSize(240, 200)

    def _lay_out(self) -> None:
        consequences = QWidget()
        inside = QVBoxLayout(consequences)
        inside.setContentsMargins(14, 4, 0, 4)
        inside.setSpacing(8)
        inside.addWidget(self.bars)
        inside.addWidget(self.warnings)
        self.form.insert_below(REACH_KEYS[-1], consequences)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(4, 8, 8, 8)
        inner.addWidget(self.form)
        inner.addStretch(1)
        self._facts: dict[str, QLabel] = {}
        facts = QGridLayout()
        facts.setContentsMargins(18, 6, 12, 0)
        facts.setHorizontalSpacing(8)
        facts.setVerticalSpacing(1)
        facts.setColumnStretch(1, 1)
        for row, (name, tip) in enumerate(
            {
                "Training step": "Scaled from the training steps measured so far",
                "Memory": _MEMORY_TIP,
                "Stencils": "Memory of the neighbour stencils, and the engine that computes tier means",
            }.items()
        ):
            title, value = QLabel(name), QLabel()
            set_role(title, "muted")
            title.setToolTip(tip)
            value.setToolTip(tip)
            value.setWordWrap(True)
            self._facts[name] = value
            facts.addWidget(title, row, 0)
            facts.addWidget(value, row, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(scrolled(content), 1)
        column.addLayout(facts)
        column.addWidget(self.bar)

    def _edited(self) -> None:
        self._show_bar()
        if not self._timer.isActive():
            self._timer.start()

    def _preview(self) -> None:
        if self.form.problem:
            return
        candidate = self.form.candidate()
        self._show_consequences(candidate)
        self.preview_changed.emit(candidate)

    def _show_bar(self) -> None:
        changes = {key: cost_of_key(key) for key in self.form.changes()}
        self.bar.show_changes(changes, fits=not self.form.problem)

    def _show_consequences(self, config: SimpleProjectConfig) -> None:
        self._show_estimate(config)
        self._rebuilds_tiers = rebuilds_tiers(self.form.config.changes_to(config))
        self._asked_engine = config.neighbors.engine
        if config.lattice.cells <= _CELLS_AT_ONCE:
            self._latest.forget()
            self._show_report(feasibility_report(config, self._device))
        else:
            self._latest.ask(lambda: feasibility_report(config, self._device))

    def _show_report(self, report: TierReport) -> None:
        self.bars.show_tiers(
            [
                TierBar(tier.tier, tier.threshold, tier.interior, tier.mean, empty=tier.edges == 0)
                for tier in report.tiers
            ]
        )
        self.warnings.show_warnings(report.warnings)
        stencils, built = self._facts["Stencils"], self._engine
        if built is not None and not self._rebuilds_tiers:
            stencils.setText(f"{bytes_text(built.bytes)}, engine '{built.name}'")
            stencils.setToolTip(built.reason)
        elif self._asked_engine == "auto":
            stencils.setText(f"{bytes_text(report.stencil_bytes)}, probably engine '{report.engine}'")
            stencils.setToolTip(f"{_ENGINE_TIP}: {report.engine_reason}")
        else:
            stencils.setText(f"{bytes_text(report.stencil_bytes)}, engine '{report.engine}'")
            stencils.setToolTip(report.engine_reason)

    def _show_estimate(self, config: SimpleProjectConfig) -> None:
        wanted = self._estimator(config) if self._estimator is not None else Estimate(None, None)
        now = self._estimator(self.form.config) if self._estimator is not None else wanted
        step, memory = self._facts["Training step"], self._facts["Memory"]
        step.setText(compared(wanted.seconds, now.seconds, seconds_text) or "known after the first one")
        memory.setText(memory_text(wanted, now))
        memory.setToolTip(_MEMORY_TIP if wanted.fits else shortage_advice(wanted))
        set_role(memory, "" if wanted.fits else "warning")
