"""The lattice panel's place in the window: filled once torch is there, because the panel counts tiers with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.panels.panel import Panel
from app.run.messages import Applied, StepsDone
from app.run.summary import RunSummary
from lattice.config import SimpleProjectConfig

if TYPE_CHECKING:
    from app.panels.lattice.facts import BuiltStencils
    from app.panels.lattice.panel import LatticePanel
    from app.run.estimator import Estimate, RunEstimator


class LatticeDock(Panel):
    """An empty place that becomes the lattice panel with the first run."""

    apply_requested = pyqtSignal(object)
    """The `SimpleProjectConfig` that is wanted."""
    preview_changed = pyqtSignal(object)
    """The `SimpleProjectConfig` as it is being edited."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the empty place."""
        super().__init__(parent)
        self.panel: LatticePanel | None = None
        self._estimator: RunEstimator | None = None
        self._config: SimpleProjectConfig | None = None
        self._waiting = QLabel("The lattice can be edited as soon as the run is loaded.")
        self._waiting.setProperty("role", "muted")
        self._waiting.setWordWrap(True)
        self._waiting.setContentsMargins(14, 10, 14, 0)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._waiting)
        self._layout.addStretch()

    def show_run(self, summary: RunSummary) -> None:
        """Show the lattice of another run."""
        panel, estimator = self._ready(summary)
        estimator.width, estimator.device = summary.dataset.width, summary.dataset.device
        estimator.forget()
        estimator.follow(summary.config, recompute=summary.recompute)
        panel.set_data(str(summary.dataset.device), summary.dataset.width)
        panel.set_preset(summary.config)
        panel.set_engine(_built(summary))
        self._config = summary.config
        panel.set_config(summary.config)

    def show_applied(self, message: Applied) -> None:
        """Show the settings now in force; edits that wait for Apply stay."""
        summary = message.summary
        self._config = summary.config
        if self.panel is not None and self._estimator is not None:
            self._estimator.follow(summary.config, recompute=summary.recompute)
            self.panel.set_engine(_built(summary))
            self.panel.set_config(summary.config, keep_edits=True)

    def learn(self, message: StepsDone) -> None:
        """Learn from training steps how long one takes."""
        if self._estimator is None or self._config is None or self.panel is None:
            return
        if self.panel.costs.problem(self._config) != "":
            return  # a plugin's rule that is gone, or loaded again since
        for report in message.reports:
            self._estimator.observe(self._config, report.seconds)
        if self.panel.isVisible():
            self.panel.refresh()

    def estimate(self, config: SimpleProjectConfig) -> Estimate | None:
        """Return what training with a config would take, with the memory free now; None where that isn't known yet."""
        if self._estimator is None or self.panel is None:
            return None
        self._estimator.look_again()
        return self.panel.estimate(config)

    def refresh_choices(self) -> None:
        """List cell rules again, with their settings, after plugins were loaded, loaded again or unloaded."""
        if self.panel is not None:
            self.panel.refresh_choices()

    def close_panel(self) -> None:
        """Leave no timer and no thread behind."""
        if self.panel is not None:
            self.panel.close()

    def _ready(self, summary: RunSummary) -> tuple[LatticePanel, RunEstimator]:
        if self.panel is None or self._estimator is None:
            from app.panels.lattice.panel import LatticePanel
            from app.run.estimator import RunEstimator

            self._estimator = RunEstimator(summary.dataset.width)
            self.panel = LatticePanel(summary.config, estimator=self._estimator)
            self.panel.apply_requested.connect(self.apply_requested)
            self.panel.preview_changed.connect(self.preview_changed)
            while (item := self._layout.takeAt(0)) is not None:
                if (old := item.widget()) is not None:
                    old.deleteLater()
            self._layout.addWidget(self.panel)
        return self.panel, self._estimator


def _built(summary: RunSummary) -> BuiltStencils:
    from app.panels.lattice.facts import BuiltStencils

    return BuiltStencils(summary.engine, summary.engine_reason, summary.memory_bytes.get("stencils", 0))
