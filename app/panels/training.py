"""The training panel: objective, optimizer, losses and data, with what becomes of the learning rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QWidget

from app.curves.pyramid import Series
from app.forms import SettingsForm
from app.panels.apply_bar import ApplyBar, refusal
from app.panels.panel import Panel
from app.panels.schedule_preview import POINTS, Line, SchedulePreview
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.scroll_area import lay_out_form
from lattice.config import SimpleProjectConfig

GROUPS = {
    "": (
        "training_embedding.objective",
        "training_embedding.noise_sigma",
        "training_embedding.damage",
        "training_embedding.damaged_cells",
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
    """Edits objective, optimizer, losses and data of a run; nothing acts before Apply, which says what it costs."""

    apply_requested = pyqtSignal(object)
    """The `SimpleProjectConfig` that is wanted; the panel shows it as applied once `set_config` says so."""

    def __init__(self, config: SimpleProjectConfig | None = None, parent: QWidget | None = None) -> None:
        """Create the form for a config."""
        super().__init__(parent)
        self.form = SettingsForm(config or SimpleProjectConfig(), GROUPS)
        self.form.edited.connect(lambda _changes: self._show_state())
        self.schedule = SchedulePreview()
        self.form.insert_below("optimizer.warmup_fraction", self.schedule)
        self._summary: RunSummary | None = None
        self._step = 0
        self._next: tuple[SimpleProjectConfig, str] | None = None
        self.reported: Callable[[], Series | None] = lambda: None
        """Gives the learning rates that the run reported, by training step from 1; None without any."""
        self.bar = ApplyBar()
        self.bar.apply_clicked.connect(self.apply)
        self.bar.revert_clicked.connect(self.form.revert)
        self.area = lay_out_form(self, self.form, self.bar)
        self._show_state()

    def show_run(self, summary: RunSummary) -> None:
        """Show the settings of a run; a double click returns to the values that it was opened with."""
        self._take_summary(summary)
        self.set_config(summary.config)
        self.set_preset(summary.config)
        self.set_cuda(summary.cuda)

    def show_applied(self, message: Applied) -> None:
        """Show the settings now in force; edits that wait for Apply stay."""
        self._take_summary(message.summary)
        self.set_config(message.summary.config, keep_edits=True)
        self.set_cuda(message.summary.cuda)

    def set_step(self, training_step: int) -> None:
        """Set how many training steps the run has done, for the learning rate to come."""
        self._step = training_step
        if self.isVisible():
            self._show_schedule()

    def set_next(self, config: SimpleProjectConfig | None, why: str = "") -> None:
        """Set what a press of the Start button would bring into force, and what that is called; None for nothing."""
        self._next = None if config is None else (config, why)
        self._show_schedule()

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
        """Ask for all changes."""
        if self.form.changes() and not self.form.problem:
            self.apply_requested.emit(self.form.candidate())

    def showEvent(self, event: QShowEvent | None) -> None:
        """Catch up with the training steps that were done while hidden."""
        super().showEvent(event)
        self._show_schedule()

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(290, 480)

    def minimumSizeHint(self) -> QSize:
        """Fit a low dock, and one just wide enough for every field: the page never scrolls sideways."""
        return QSize(self.area.minimumSizeHint().width(), 160)

    def _show_state(self) -> None:
        editors = self.form.editors
        objective = editors["training_embedding.objective"].value()
        editors["training_embedding.noise_sigma"].setEnabled(objective == "denoise")
        schedule = editors["optimizer.schedule"].value()
        editors["optimizer.warmup_fraction"].setEnabled(schedule == "one_cycle")
        self.bar.show_changes(self.form.costs(), refusal(self.form))
        self._show_schedule()

    def _take_summary(self, summary: RunSummary) -> None:
        self._summary, self._step = summary, summary.training_step

    def _show_schedule(self) -> None:
        """Draw the learning rate as it would be after Apply, after a press of the Start button, or as it will be."""
        present = self.form.config
        begun = 0 if self._summary is None else self._summary.total_steps - present.training_embedding.training_steps
        planned, why = self._next or (present, "")
        if self.form.changes() and not self.form.problem:
            planned, why = self.form.candidate(), "after Apply"
        begins = self.form.cost() == "rebuild"
        done = max(self._step - begun, 0)
        self.schedule.show_plan(present, planned, 0 if begins else done, why, self._past(begun, begun + done))

    def _past(self, begun: int, last: int) -> Line:
        """Return the learning rates of the schedule's training steps so far, as the run reported them."""
        reported = self.reported()
        if reported is None:
            return []
        steps, rates = reported.outline(begun + 1, last, POINTS)
        inside = (steps > begun) & (steps <= last) & np.isfinite(rates)
        return [(float(step) - begun - 1, float(rate)) for step, rate in zip(steps[inside], rates[inside], strict=True)]
