"""The lattice panel: size, reach and tiers, with their consequences while a value is dragged."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from PyQt6.QtCore import QSize, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QHideEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from app.forms import SettingsForm
from app.panels.apply_bar import ApplyBar, refusal
from app.panels.lattice.facts import BuiltStencils
from app.panels.lattice.outlook import Estimator, Outlook
from app.run.estimator import Estimate
from app.widgets.scroll_area import lay_out_form
from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError

PREVIEW_MS = 30
ROWS_AT_ONCE = 4
"""Settings that are made in one step of `fill`: 4 to 5 ms each."""
_CALM_SECONDS = 1.0

REACH_KEYS = (
    "lattice.dimensions",
    "lattice.adaptive_radius_ratio",
    "lattice.local_distance_ratio",
    "lattice.functional_distance_ratio",
    "lattice.distant_distance_ratio",
    "lattice.lattice_steps",
)
OTHER_KEYS = ("model.state_size", "neighbors.engine")
PLACEMENT = "embedding_mapping.placement"
FLOW_KEYS = ("embedding_mapping.input_face", "embedding_mapping.output_face")
"""They matter to a `through` cube alone."""
GROUPS = {
    "": (*REACH_KEYS, *OTHER_KEYS),
    "Embedding on the cube": (PLACEMENT, *FLOW_KEYS, "embedding_mapping.start"),
    "Cell rule": ("model.rule",),
}


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
        filled: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Create the panel for a config.

        Args:
            config: the one in force.
            estimator: returns what a training step of any config would take; can be set later.
            device: where stencils would be built, for the warning that they do not fit.
            filled: whether the settings are there; without them call `fill`, then `set_config`.
            parent: owner.
        """
        super().__init__(parent)
        self.form = SettingsForm(config or SimpleProjectConfig(), ())
        self.outlook = Outlook(lambda: self.form.config, estimator, device, self)
        self.costs, self.bars = self.outlook.costs, self.outlook.bars
        self.warnings, self.facts = self.outlook.warnings, self.outlook.facts
        self.warnings.use_clicked.connect(self.form.take)
        self.bar = ApplyBar()
        self.bar.apply_clicked.connect(self.apply)
        self.bar.revert_clicked.connect(self.form.revert)
        self._refreshed = -math.inf
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PREVIEW_MS)
        self._timer.timeout.connect(self._preview)
        # Before there are settings: Qt styles a widget and all below it again whenever it gets another parent.
        lay_out_form(self, self.form, self.facts, self.bar)
        if filled:
            for _ in self.fill():
                pass
            self._show_consequences()

    def fill(self) -> Iterator[None]:
        """Make the settings, a few at each step, so that the window can do something else in between."""
        for heading, keys in GROUPS.items():
            for first in range(0, len(keys), ROWS_AT_ONCE):
                self.form.add_group("" if first else heading, keys[first : first + ROWS_AT_ONCE])
                yield
        consequences = QWidget()
        inside = QVBoxLayout(consequences)
        inside.setContentsMargins(14, 4, 0, 4)
        inside.setSpacing(8)
        inside.addWidget(self.bars)
        inside.addWidget(self.warnings)
        self.form.insert_below(REACH_KEYS[-1], consequences)
        self.form.edited.connect(self._edited)
        self._show_bar()
        yield

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool = False) -> None:
        """Show the config in force; with `keep_edits`, what was changed and not yet applied stays as it is."""
        self.form.set_config(config, keep_edits=keep_edits)
        self._show_bar()
        self._show_consequences()

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Set the values that a double click returns to."""
        self.form.set_preset(preset)

    def set_estimator(self, estimator: Estimator | None) -> None:
        """Set what estimates memory and time."""
        self.outlook.estimator = estimator
        self._refreshed = -math.inf
        self.refresh()

    def set_data(self, device: str, width: int) -> None:
        """Set where stencils would be built and how many floats an embedding has; shown with the next `set_config`."""
        self.outlook.device, self.outlook.width = device, width

    def set_engine(self, engine: BuiltStencils) -> None:
        """Set what computes the tier means of the config in force; shown with the next `set_config`."""
        self.outlook.engine = engine

    def refresh(self) -> None:
        """Ask the estimator again, as after training steps; numbers change at most once a second."""
        now = time.monotonic()
        candidate = self._candidate()
        if candidate is not None and now - self._refreshed >= _CALM_SECONDS:
            self._refreshed = now
            self.outlook.show_estimate(candidate)

    def refresh_choices(self) -> None:
        """List cell rules again, with their settings, after plugins were loaded, loaded again or unloaded."""
        self.form.refresh_choices()
        self._show_bar()
        self._show_consequences()

    def estimate(self, config: SimpleProjectConfig) -> Estimate | None:
        """Return what training with a config would take; None where that isn't known, or must be measured first."""
        return self.outlook.estimate(config)

    def apply(self) -> None:
        """Ask for all changes."""
        candidate = self._candidate()
        if candidate is not None and self.form.changes():
            self._timer.stop()
            self.apply_requested.emit(candidate)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Leave no timer and no thread behind."""
        self._timer.stop()
        self.outlook.close()
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

    def _edited(self) -> None:
        self._show_bar()
        if not self._timer.isActive():
            self._timer.start()

    def _preview(self) -> None:
        candidate = self._candidate()
        if candidate is not None:
            self._show_consequences()
            self.preview_changed.emit(candidate)

    def _candidate(self) -> SimpleProjectConfig | None:
        """Return the config as it is being edited; None if its values don't go together."""
        if self.form.problem:
            return None
        try:
            return self.form.candidate()
        except ConfigError:
            return None  # a plugin was unloaded since; `refresh_choices` says so

    def _show_bar(self) -> None:
        for key in FLOW_KEYS:
            self.form.editors[key].setEnabled(self.form.editors[PLACEMENT].value() == "through")
        self.bar.show_changes(self.form.costs(), refusal(self.form))

    def _show_consequences(self) -> None:
        candidate = self._candidate()
        if candidate is not None:
            self.outlook.show(candidate)
