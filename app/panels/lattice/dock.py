"""The lattice panel's place in the window: filled once torch is there, because the panel counts tiers with it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent
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
    built = pyqtSignal()
    """The panel is there."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the empty place."""
        super().__init__(parent)
        self.panel: LatticePanel | None = None
        self._estimator: RunEstimator | None = None
        self._config: SimpleProjectConfig | None = None
        self._awaited: RunSummary | None = None
        self._building: Generator[None, None, None] | None = None
        self._turn = QTimer(self)
        self._turn.setObjectName("lattice panel")
        self._turn.setSingleShot(True)
        self._turn.timeout.connect(self._build_on)
        self._waiting = QLabel("The lattice can be edited as soon as the run is loaded.")
        self._waiting.setProperty("role", "muted")
        self._waiting.setWordWrap(True)
        self._waiting.setContentsMargins(14, 10, 14, 0)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._waiting)
        self._layout.addStretch()

    def show_run(self, summary: RunSummary) -> None:
        """Show the lattice of another run; of the first one a few turns of the event loop later.

        Making the panel takes a fifth of a second, in which the picture would stand still.
        """
        self._config = summary.config
        if self.panel is None or self._estimator is None:
            self._awaited = summary
            if self._building is not None:
                self._building.close()
            self._building = self._build(summary)
            self._turn.start(0)
            return
        self._show(summary, self.panel, self._estimator)

    def _show(self, summary: RunSummary, panel: LatticePanel, estimator: RunEstimator) -> None:
        estimator.width, estimator.device = summary.dataset.width, summary.dataset.device
        estimator.forget()
        estimator.follow(summary.config, recompute=summary.recompute)
        panel.set_data(str(summary.dataset.device), summary.dataset.width)
        panel.set_preset(summary.config)
        panel.set_engine(_built(summary))
        panel.set_config(summary.config)

    def show_applied(self, message: Applied) -> None:
        """Show the settings now in force; edits that wait for Apply stay."""
        summary = message.summary
        self._config = summary.config
        if self.panel is None or self._estimator is None:
            self.show_run(summary)
            return
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
        elif self._awaited is not None:
            self.show_run(self._awaited)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no timer and no thread behind, and make no panel any more."""
        self._turn.stop()
        if self._building is not None:
            self._building.close()
        if self.panel is not None:
            self.panel.close()
        super().closeEvent(event)

    def _build_on(self) -> None:
        """Do the next part of making the panel, and come back for the one after it."""
        if self._building is None:
            return
        try:
            next(self._building)
        except StopIteration:
            return
        self._turn.start(0)

    def _build(self, summary: RunSummary) -> Generator[None, None, None]:
        """Make the panel in parts of about equal length; the last one shows the run."""
        from app.panels.lattice.panel import LatticePanel
        from app.run.estimator import RunEstimator

        yield
        estimator = RunEstimator(summary.dataset.width)
        panel = LatticePanel(summary.config, estimator=estimator, filled=False, parent=self)
        try:
            for _ in panel.fill():
                yield
            panel.apply_requested.connect(self.apply_requested)
            panel.preview_changed.connect(self.preview_changed)
            self._show(summary, panel, estimator)
            yield
        except GeneratorExit:  # another run came first
            panel.close()
            panel.deleteLater()
            raise
        while (item := self._layout.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._layout.addWidget(panel)
        self.panel, self._estimator, self._awaited = panel, estimator, None
        self.built.emit()


def _built(summary: RunSummary) -> BuiltStencils:
    from app.panels.lattice.facts import BuiltStencils

    return BuiltStencils(summary.engine, summary.engine_reason, summary.memory_bytes.get("stencils", 0))
