"""The row above the plots: which are shown, following, fitting, the axis of training steps, and smoothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QSignalBlocker, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from app.curves.choices import CurveChoices
from app.curves.specs import PLOTS, PlotSpec
from app.curves.steps import StepScale
from app.widgets.icons import icon
from app.widgets.inputs import CalmSlider
from app.widgets.theme import set_role, small

SMOOTHING = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Windows of the smoothing slider, in training steps."""
_SPACING = 4
_LOG, _LOG_SHORT = "log steps", "log"


class CurvesToolbar(QWidget):
    """Always one line high: where it is too narrow for a button to each plot, they are in a menu.

    Where that is still too much, its texts get shorter; no tool is ever hidden or cut.
    """

    plots_changed = pyqtSignal()
    follow_toggled = pyqtSignal(bool)
    fit_clicked = pyqtSignal()
    smoothing_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the row with no plot chosen."""
        super().__init__(parent)
        self.plot_buttons = {spec.key: self._plot_button(spec) for spec in PLOTS}
        self.menu_button = self._menu_button()
        self.follow_button = self._tool("follow", "Follow the newest training step", checkable=True)
        self.follow_button.toggled.connect(self.follow_toggled)
        self.fit_button = self._tool("fit", "Show the whole run")
        self.fit_button.clicked.connect(self.fit_clicked)
        self.log_steps = QToolButton()
        self.log_steps.setProperty("small", True)
        self.log_steps.setFont(small(self.font()))
        self.log_steps.setCheckable(True)
        self.log_steps.setToolTip("Logarithmic axis of training steps, which gives the first ones as much room")
        self.smoothing = CalmSlider()
        self.smoothing.setRange(0, len(SMOOTHING) - 1)
        self.smoothing.setPageStep(1)
        self.smoothing.setFixedWidth(60)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.stepped.connect(lambda steps: self.smoothing.setValue(self.smoothing.value() + steps))
        self.smoothing.reset_requested.connect(lambda: self.smoothing.setValue(0))
        self.smoothing.valueChanged.connect(self._show_smoothing)
        self.smoothing.valueChanged.connect(self.smoothing_changed)
        self.smoothing_text = QLabel()
        set_role(self.smoothing_text, "muted")
        self._tools = (self.follow_button, self.fit_button, self.log_steps, self.smoothing, self.smoothing_text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACING)
        for widget in (*self.plot_buttons.values(), self.menu_button, *self._tools):
            row.addWidget(widget)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._show_smoothing()
        self._fold()

    @property
    def shown_plots(self) -> list[str]:
        """Keys of the plots that are shown, in their order on screen."""
        return [key for key, button in self.plot_buttons.items() if button.isChecked()]

    @property
    def window_steps(self) -> int:
        """Training steps that smoothing takes the mean of; 1 means none."""
        return SMOOTHING[self.smoothing.value()]

    @property
    def scale(self) -> StepScale:
        """How training steps lie on their axis."""
        return StepScale(self.log_steps.isChecked())

    def choices(self, logarithmic: Mapping[str, bool], curves: Mapping[str, bool]) -> CurveChoices:
        """Return what was chosen here, with what was chosen in the plots: their value axes, and their curves."""
        smoothing = self.smoothing.value()
        return CurveChoices(tuple(self.shown_plots), smoothing, self.scale.logarithmic, logarithmic, curves)

    def choose(self, choices: CurveChoices) -> None:
        """Take over what is chosen here."""
        self.smoothing.setValue(choices.smoothing)
        self.log_steps.setChecked(choices.log_steps)
        self.show_plots(choices.plots)

    def show_plots(self, keys: Sequence[str]) -> None:
        """Choose these plots and no others."""
        for key, button in self.plot_buttons.items():
            with QSignalBlocker(button):
                button.setChecked(key in keys)
        self._fold()
        self.plots_changed.emit()

    def show_following(self, following: bool) -> None:
        """Show whether the view follows, without a signal."""
        with QSignalBlocker(self.follow_button):
            self.follow_button.setChecked(following)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow dock."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fold the buttons into a menu, or unfold them."""
        super().resizeEvent(event)
        self._fold()

    def _fold(self) -> None:
        room = self.width()
        tools = [tool for tool in self._tools if tool is not self.smoothing_text]
        self.log_steps.setText(_LOG)
        used = _widths(*self.plot_buttons.values(), *tools)
        unfolded = used <= room
        for button in self.plot_buttons.values():
            button.setVisible(unfolded)
        self.menu_button.setVisible(not unfolded)
        if not unfolded:
            titles = [self.plot_buttons[key].text() for key in self.shown_plots]
            counted = "1 plot" if len(titles) == 1 else f"{len(titles)} plots"
            named = ", ".join(titles) if 0 < len(titles) < 3 else counted
            for plots, log in ((named, _LOG), (counted, _LOG), (counted, _LOG_SHORT)):
                self.menu_button.setText(f"{plots} \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
                self.log_steps.setText(log)
                used = _widths(self.menu_button, *tools)
                if used <= room:
                    break
        # What the slider stands for gives way first; its tooltip says it as well.
        self.smoothing_text.setVisible(used + _widths(self.smoothing_text) <= room)

    def _menu_button(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("small", True)
        button.setFont(small(self.font()))
        button.setToolTip("Choose which plots are shown")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(button)
        button.setMenu(menu)
        for plot in self.plot_buttons.values():
            action = menu.addAction(plot.text())
            assert action is not None
            action.setCheckable(True)
            action.triggered.connect(plot.setChecked)
            plot.toggled.connect(lambda _on: self._fold())
        menu.aboutToShow.connect(self._check_menu)
        return button

    def _check_menu(self) -> None:
        menu = self.menu_button.menu()
        assert menu is not None
        for action, plot in zip(menu.actions(), self.plot_buttons.values(), strict=True):
            action.setChecked(plot.isChecked())

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
        text = "no smoothing" if steps == 1 else f"mean of {steps:,}"
        self.smoothing_text.setText(text)
        self.smoothing.setToolTip(
            f"Smoothing, now {text}: mean over the last training steps; the samples stay behind it, faint"
        )


def _widths(*tools: QWidget) -> int:
    """Return how wide tools are beside each other, with the gap behind each, in logical pixels."""
    return sum(min(tool.sizeHint().width(), tool.maximumWidth()) + _SPACING for tool in tools)
