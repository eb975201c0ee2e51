"""The page of plots: side by side or below each other, with a plot that was just chosen kept in view."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.run.messages import RunState
from app.widgets.theme import set_role

_PLOT_WIDTH = 300


class PlotArea(QScrollArea):
    """Arranges plots on a page that scrolls up and down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty page, hidden until there is something to draw."""
        super().__init__(parent)
        self.page = QWidget()
        self.page.setObjectName("scrolled")
        self.page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._grid = QGridLayout(self.page)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        self._in_view: QWidget | None = None
        self.columns = 1
        """Plots side by side."""
        self.setWidget(self.page)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hide()
        bar = self.verticalScrollBar()
        if bar is not None:
            bar.rangeChanged.connect(self._scroll_to_it)
            bar.actionTriggered.connect(lambda _action: self.keep_in_view(None))

    def arrange(self, plots: Sequence[QWidget], others: Sequence[QWidget], width: int) -> None:
        """Show plots and hide the others, in as many columns as `width` pixels have room for."""
        columns = self.columns = max(1, min(len(plots), width // _PLOT_WIDTH))
        for plot in others:
            self._grid.removeWidget(plot)
            plot.hide()
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, int(column < columns))
        for index, plot in enumerate(plots):
            row, column = divmod(index, columns)
            self._grid.setColumnStretch(column, 1)
            self._grid.addWidget(plot, row, column)
            plot.show()

    def keep_in_view(self, plot: QWidget | None) -> None:
        """Have a plot that was just chosen in view, until somebody scrolls: in a low panel it would lie unseen."""
        self._in_view = plot
        self._scroll_to_it()

    def _scroll_to_it(self) -> None:
        """Scroll, also when legends that came to the plots have made the page longer."""
        if self._in_view is not None:
            self.ensureWidgetVisible(self._in_view, 0, 0)


def lay_out(panel: QWidget, tools: QWidget, *filling: QWidget) -> None:
    """Put tools in a line above what fills the rest of a panel, of which one is shown at a time."""
    column = QVBoxLayout(panel)
    column.setContentsMargins(8, 6, 8, 6)
    column.setSpacing(4)
    column.addWidget(tools)
    for widget in filling:
        column.addWidget(widget, 1)


def empty_text(state: RunState, *, trained: bool, chosen: bool) -> str:
    """Return what stands in the place of plots: why there are none; empty if there are some.

    Args:
        state: what the run does.
        trained: whether something was reported already.
        chosen: whether a plot is.
    """
    if trained:
        return "" if chosen else "No plot is chosen. Choose some in the line above."
    way = {
        "loading": "The run is being loaded.",
        "training": "The untrained cube is scored first: the status bar shows how far.",
    }
    return f"Losses and scores appear here with the first training step.\n{way.get(state, 'Press Start to train.')}"


def empty_hint() -> QLabel:
    """Return a label for what stands in the place of plots."""
    hint = QLabel(empty_text("empty", trained=False, chosen=False))
    hint.setWordWrap(True)
    hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
    hint.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    set_role(hint, "muted")
    return hint
