"""The row above the plots: which are shown, following, fitting and smoothing."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QLabel, QToolButton, QWidget

from app.curves.specs import PLOTS, PlotSpec
from app.widgets.flow_layout import FlowLayout
from app.widgets.icons import icon
from app.widgets.inputs import CalmSlider
from app.widgets.theme import set_role, small

SMOOTHING = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Windows of the smoothing slider, in training steps."""


class CurvesToolbar(QWidget):
    """Wraps into as many lines as its width needs."""

    plots_changed = pyqtSignal()
    follow_toggled = pyqtSignal(bool)
    fit_clicked = pyqtSignal()
    smoothing_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the row with no plot chosen."""
        super().__init__(parent)
        self.plot_buttons = {spec.key: self._plot_button(spec) for spec in PLOTS}
        self.follow_button = self._tool("follow", "Follow the newest training step", checkable=True)
        self.follow_button.toggled.connect(self.follow_toggled)
        self.fit_button = self._tool("fit", "Show the whole run")
        self.fit_button.clicked.connect(self.fit_clicked)
        self.smoothing = CalmSlider()
        self.smoothing.setRange(0, len(SMOOTHING) - 1)
        self.smoothing.setPageStep(1)
        self.smoothing.setFixedWidth(80)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("Smoothing: mean over the last training steps; the samples stay behind it, faint")
        self.smoothing.stepped.connect(lambda steps: self.smoothing.setValue(self.smoothing.value() + steps))
        self.smoothing.reset_requested.connect(lambda: self.smoothing.setValue(0))
        self.smoothing.valueChanged.connect(self._show_smoothing)
        self.smoothing.valueChanged.connect(self.smoothing_changed)
        self.smoothing_text = QLabel()
        set_role(self.smoothing_text, "muted")
        flow = FlowLayout(self)
        for widget in (*self.plot_buttons.values(), self.follow_button, self.fit_button):
            flow.addWidget(widget)
        flow.addWidget(self.smoothing)
        flow.addWidget(self.smoothing_text)
        self._show_smoothing()

    @property
    def shown_plots(self) -> list[str]:
        """Keys of the plots that are shown, in their order on screen."""
        return [key for key, button in self.plot_buttons.items() if button.isChecked()]

    @property
    def window_steps(self) -> int:
        """Training steps that smoothing takes the mean of; 1 means none."""
        return SMOOTHING[self.smoothing.value()]

    def show_plots(self, keys: Sequence[str]) -> None:
        """Choose these plots and no others."""
        for key, button in self.plot_buttons.items():
            with QSignalBlocker(button):
                button.setChecked(key in keys)
        self.plots_changed.emit()

    def show_following(self, following: bool) -> None:
        """Show whether the view follows, without a signal."""
        with QSignalBlocker(self.follow_button):
            self.follow_button.setChecked(following)

    def _plot_button(self, spec: PlotSpec) -> QToolButton:
        button = QToolButton()
        button.setText(spec.title)
        button.setProperty("small", True)
        button.setFont(small(self.font()))
        button.setCheckable(True)
        button.setToolTip(f"Show or hide the plot of: {spec.title.lower()}")
        button.toggled.connect(self.plots_changed)
        return button

    def _tool(self, name: str, text: str, *, checkable: bool = False) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setCheckable(checkable)
        return button

    def _show_smoothing(self) -> None:
        steps = self.window_steps
        self.smoothing_text.setText("no smoothing" if steps == 1 else f"mean of {steps:,} training steps")
