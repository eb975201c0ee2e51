"""Scroll areas for panels that must fit into low and narrow docks."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class PageArea(QScrollArea):
    """Scrolls a page up and down; as it never scrolls sideways, it is never narrower than its page."""

    def __init__(self) -> None:
        """Create an empty area."""
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def minimumSizeHint(self) -> QSize:
        """Leave room for the page and for the bar beside it."""
        least, page, bar = super().minimumSizeHint(), self.widget(), self.verticalScrollBar()
        if page is None or bar is None:
            return least
        return least.expandedTo(QSize(page.minimumSizeHint().width() + bar.sizeHint().width(), 0))


def scrolled(content: QWidget) -> PageArea:
    """Return a frameless area that scrolls `content` up and down, never sideways."""
    area = PageArea()
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    content.setObjectName("scrolled")
    area.setWidget(content)
    return area


def lay_out_form(panel: QWidget, form: QWidget, *below: QWidget) -> PageArea:
    """Lay a panel out as a form that scrolls, with widgets below it that stay in view; return the form's area."""
    # From the outside in: Qt styles a widget and all below it again whenever it gets another parent.
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    content = QWidget()
    area = scrolled(content)
    column.addWidget(area, 1)
    inner = QVBoxLayout(content)
    inner.setContentsMargins(4, 8, 8, 8)
    inner.addWidget(form)
    inner.addStretch(1)
    for widget in below:
        column.addWidget(widget)
    return area
