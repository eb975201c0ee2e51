"""A sentence below an input, for what it could not take as it was typed; the input is marked meanwhile."""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PyQt6.QtWidgets import QAbstractScrollArea, QDockWidget, QLabel, QMainWindow, QWidget

from app.widgets.theme import set_marked

MILLISECONDS = 9000
WIDEST = 300
_GAP = 3


class InputBubble(QLabel):
    """Belongs to the page that holds the input, so that it scrolls along; there is one per page."""

    def __init__(self, page: QWidget) -> None:
        """Create it hidden."""
        super().__init__(page)
        self.setObjectName("input_bubble")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._input: QWidget | None = None
        self._timer = QTimer(self)
        self._timer.setObjectName("input bubble")
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.dismiss)
        self.hide()

    def say(self, text: str, input: QWidget) -> None:
        """Show a sentence below an input, and mark the input."""
        self.dismiss()
        self._input = input
        input.installEventFilter(self)
        set_marked(input, True)
        page = self.parentWidget()
        assert page is not None
        self.setText(text)
        width = min(WIDEST, max(page.width() - 2 * _GAP, 1))
        self.ensurePolished()  # the height depends on the style sheet
        self.setFixedWidth(width)
        self.adjustSize()
        at = input.mapTo(page, QPoint(input.width() - width, input.height() + _GAP))
        below = at.y() + self.height() <= page.height()
        y = at.y() if below else input.mapTo(page, QPoint(0, -self.height() - _GAP)).y()
        self.move(max(_GAP, min(at.x(), page.width() - width - _GAP)), max(0, y))
        self.show()
        self.raise_()
        self._timer.start(MILLISECONDS)

    def dismiss(self) -> None:
        """Hide the sentence and unmark the input."""
        self._timer.stop()
        self.hide()
        if self._input is not None:
            self._input.removeEventFilter(self)
            set_marked(self._input, False)
            self._input = None

    def eventFilter(self, _watched: QObject | None, event: QEvent | None) -> bool:
        """Go with the input."""
        if event is not None and event.type() in (QEvent.Type.Hide, QEvent.Type.DeferredDelete):
            self.dismiss()
        return False


def say_below(input: QWidget, text: str) -> None:
    """Show a sentence below an input for some seconds, in place of an earlier one on the same page."""
    page = _page(input)
    bubbles = _bubbles(page) or [InputBubble(page)]
    bubbles[0].say(text, input)


def dismiss_below(input: QWidget) -> None:
    """Hide the sentence below an input, because it is being edited again."""
    for bubble in _bubbles(_page(input)):
        bubble.dismiss()


def _bubbles(page: QWidget) -> list[InputBubble]:
    return page.findChildren(InputBubble, options=Qt.FindChildOption.FindDirectChildrenOnly)


def _page(input: QWidget) -> QWidget:
    """Return what a sentence about an input lies on: the page that scrolls, else the panel or the window."""
    page = input.parentWidget() or input
    while (parent := page.parentWidget()) is not None and not page.isWindow():
        if isinstance(parent, QDockWidget | QMainWindow) or isinstance(parent.parentWidget(), QAbstractScrollArea):
            break
        page = parent
    return page
