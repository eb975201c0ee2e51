"""The training panel: settings that act at once, and settings that ask first."""

from __future__ import annotations

from PyQt6.QtCore import QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QHideEvent
from PyQt6.QtWidgets import QWidget

from app.forms import SettingsForm
from app.panels.apply_bar import ApplyBar, refusal
from app.panels.panel import Panel
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.scroll_area import lay_out_form
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError

DEBOUNCE_MS = 250

GROUPS = {
    "": (
        "training_embedding.objective",
        "training_embedding.noise_sigma",
        "training_embedding.damage",
        "training_embedding.batch_size",
        "training_embedding.accumulation",
    ),
    "Optimizer": (
        "optimizer.learning_rate",
        "optimizer.schedule",
        "optimizer.warmup_fraction",
        "optimizer.weight_decay",
        "optimizer.clip_norm",
        "optimizer.frozen_cells",
    ),
    "Loss weights": tuple(
        f"training_embedding.loss_weights.{name}"
        for name in ("reconstruction", "similarity", "relation", "smoothness", "gate_balance")
    ),
    "Cell": ("model.update_scale",),
    "Run": (
        "training_embedding.training_steps",
        "training_embedding.evaluate_every",
        "training_embedding.evaluation_samples",
        "training_embedding.baseline_rank",
        "training_embedding.mlp_baseline",
    ),
    "Computing": ("device.precision", "device.recompute", "device.graphs"),
    "Data": (
        "training_embedding.data",
        "training_embedding.max_total_samples",
        "training_embedding.validation_fraction",
        "training_embedding.gpu_memory_reserve_gb",
        "training_embedding.seed",
    ),
}


class TrainingPanel(Panel):
    """Edits objective, optimizer, losses and data of a run.

    Live settings are applied by themselves a moment after the last change; the others wait for Apply.
    """

    apply_requested = pyqtSignal(object)
    """The `SimpleProjectConfig` that is wanted; the panel shows it as applied once `set_config` says so."""

    def __init__(self, config: SimpleProjectConfig | None = None, parent: QWidget | None = None) -> None:
        """Create the form for a config."""
        super().__init__(parent)
        self.form = SettingsForm(config or SimpleProjectConfig(), GROUPS)
        self.form.edited.connect(self._edited)
        self.bar = ApplyBar()
        self.bar.apply_clicked.connect(self.apply)
        self.bar.revert_clicked.connect(self.form.revert)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DEBOUNCE_MS)
        self._timer.timeout.connect(self._apply_live)
        self.area = lay_out_form(self, self.form, self.bar)
        self._show_state()

    def show_run(self, summary: RunSummary) -> None:
        """Show the settings of a run; a double click returns to the values that it was opened with."""
        self.set_config(summary.config)
        self.set_preset(summary.config)
        self.set_cuda(summary.cuda)

    def show_applied(self, message: Applied) -> None:
        """Show the settings now in force; edits that wait for Apply stay."""
        self.set_config(message.summary.config, keep_edits=True)
        self.set_cuda(message.summary.cuda)

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool = False) -> None:
        """Show the config in force; with `keep_edits`, what was changed and not yet applied stays as it is."""
        self.form.set_config(config, keep_edits=keep_edits)
        self._show_state()

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Set the values that a double click returns to."""
        self.form.set_preset(preset)

    def refresh_choices(self) -> None:
        """List objectives again, with their settings, after plugins were loaded, loaded again or unloaded."""
        self.form.refresh_choices()
        self._show_state()

    def set_cuda(self, cuda: bool) -> None:
        """Offer what only CUDA obeys if the run computes there, or say why it is not offered."""
        editor = self.form.editors["device.graphs"]
        editor.setEnabled(cuda)
        why = "" if cuda else "<br><b>No effect here: this run computes on the processor.</b>"
        editor.setToolTip(editor.spec.tooltip() + why)

    def apply(self) -> None:
        """Ask for all changes, live ones included."""
        self._timer.stop()
        if self.form.changes() and not self.form.problem:
            self.apply_requested.emit(self.form.candidate())

    def apply_live(self, key: str, value: object) -> None:
        """Ask at once for one live setting; other live edits go along as they would by themselves, the rest waits."""
        self.form.take({key: value})
        self._timer.stop()
        if not self._apply_live():
            self.apply_requested.emit(self.form.config.replaced({key: value}))

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Apply what was about to be applied."""
        self._flush()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Apply what was about to be applied."""
        self._flush()
        super().hideEvent(event)

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(290, 480)

    def minimumSizeHint(self) -> QSize:
        """Fit a low dock, and one just wide enough for every field: the page never scrolls sideways."""
        return QSize(self.area.minimumSizeHint().width(), 160)

    def _edited(self, _changes: dict[str, object]) -> None:
        self._show_state()
        if "live" in self.form.costs().values():
            self._timer.start()

    def _flush(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._apply_live()

    def _apply_live(self) -> bool:
        """Ask for all live changes; False if there are none, or they don't go together."""
        costs = self.form.costs()
        live = {key: value for key, value in self.form.changes().items() if costs[key] == "live"}
        if not live:
            return False
        try:
            wanted = self.form.config.replaced(live)
        except ConfigError:
            return False  # the form says why
        self.apply_requested.emit(wanted)
        return True

    def _show_state(self) -> None:
        editors = self.form.editors
        objective = editors["training_embedding.objective"].value()
        editors["training_embedding.noise_sigma"].setEnabled(objective == "denoise")
        schedule = editors["optimizer.schedule"].value()
        editors["optimizer.warmup_fraction"].setEnabled(schedule == "one_cycle")
        asked = {key: cost for key, cost in self.form.costs().items() if cost != "live"}
        self.bar.show_changes(asked, refusal(self.form))
        self.bar.setVisible(bool(asked or self.form.missing))
