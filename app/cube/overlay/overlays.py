"""Sharp text and small controls on top of the picture, drawn by Qt: the legend and the hovered cell's label."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QPointF, QRect, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QWidget

from app.cube.color.legend import Legend
from app.cube.color.looks import Look, look
from app.cube.overlay.legend_drag import EndDrag
from app.cube.overlay.legend_painting import LegendPainter, overlay_colors

_DRAG = "Drag an end of the bar to set it, or type it in the Cube panel."
_TIPS = {
    "auto": f"The range follows the data. Click to lock it. {_DRAG}",
    "locked": f"The range is locked. Click to let it follow the data. {_DRAG}",
    "fixed": f"The ends are fixed. Click to let them follow the data again. {_DRAG}",
}
_NUMBERS_MS = 250
"""Numbers change at most this often, so that they can be read."""


class LegendOverlay(QWidget):
    """Name, unit, range and colours of the present mode. Its ends can be dragged; a click locks or frees the range."""

    lock_clicked = pyqtSignal()
    """A click requests locking or unlocking the range."""
    reset_clicked = pyqtSignal()
    """A click requests that ends which a person set follow the data again."""
    ends_dragged = pyqtSignal(float, float)
    """The low and the high end as they should be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty legend; it is hidden until it has something to show."""
        super().__init__(parent)
        self._legend: Legend | None = None
        self._shown: Legend | None = None
        self._look: Look = look(dark=True)
        self._room: int | None = None
        self._drag: EndDrag | None = None
        self._dragging = False
        self.setMouseTracking(True)
        self._numbers = QTimer(self)
        self._numbers.setSingleShot(True)
        self._numbers.timeout.connect(self._show_newest)
        self.hide()

    @property
    def legend(self) -> Legend | None:
        """The newest legend."""
        return self._legend

    @property
    def shown(self) -> Legend | None:
        """The legend as it is drawn now: its numbers may be a little older."""
        return self._shown

    @property
    def folded(self) -> bool:
        """Whether it is one line."""
        return self._room is not None

    @property
    def full_size(self) -> QSize:
        """The size that it needs unless folded."""
        return QSize(0, 0) if self._shown is None else self._painter.size(self._shown)

    def fold(self, room: int | None) -> None:
        """Become one line of at most so many logical pixels, or nothing where they are too few; None: unfold."""
        self._room = room
        self._fit()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        self._look = new
        self.update()

    def set_legend(self, legend: Legend | None) -> None:
        """Show a legend. When only its numbers changed, they follow a few times per second."""
        self._legend = legend
        before = self._shown
        same = before is not None and legend is not None and before.caption == legend.caption
        if not same:
            self._show_newest()
        elif not self._numbers.isActive():
            self._numbers.start(_NUMBERS_MS)

    def stop(self) -> None:
        """Stop the timer."""
        self._numbers.stop()

    @property
    def _painter(self) -> LegendPainter:
        return LegendPainter(self.font(), self._look.dark)

    def _show_newest(self) -> None:
        self._shown = self._legend
        self._fit()

    def _fit(self) -> None:
        """Take the present legend's size; the lower right corner stays."""
        legend, size = self._shown, self.sizeHint()
        self.setVisible(legend is not None and not size.isEmpty())
        if legend is None:
            return
        tips = ([legend.words] if self.folded else []) + ([_TIPS[legend.hold]] if legend.has_range else [])
        self.setToolTip("\n".join(tips))
        if size != self.size():
            corner = self.geometry().bottomRight()
            self.resize(size)
            self.move(corner.x() - size.width() + 1, corner.y() - size.height() + 1)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that the present legend needs."""
        if self._shown is None:
            return QSize(10, 10)
        if self._room is None:
            return self.full_size
        return self._painter.folded_size(self._shown, self._room)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the legend."""
        if self._shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw = self._painter.paint_folded if self.folded else self._painter.paint
        draw(painter, QRectF(self.rect()), self._shown)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Take hold of the nearer end of the bar."""
        self._dragging = False
        if event is not None:
            self._drag = self._drag_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Move the end that is held, or show what can be done here."""
        if event is None or self._shown is None:
            return
        if event.buttons() & Qt.MouseButton.LeftButton and self._drag is not None:
            self._dragging = self._dragging or self._drag.begun(event.position().x())
            if self._dragging:
                self.ends_dragged.emit(*self._drag.ends(event.position().x()))
        elif self._drag_at(event.position()) is not None:
            self.setCursor(Qt.CursorShape.SizeHorCursor)
        else:
            hand, arrow = Qt.CursorShape.PointingHandCursor, Qt.CursorShape.ArrowCursor
            self.setCursor(hand if self._shown.has_range else arrow)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Let the end go; a press that moved nothing is a click."""
        dragged, self._dragging, self._drag = self._dragging, False, None
        if event is None or dragged or self._shown is None or not self._shown.has_range:
            return
        if self._shown.fixed:
            self.reset_clicked.emit()
        else:
            self.lock_clicked.emit()

    def _drag_at(self, position: QPointF) -> EndDrag | None:
        if self._shown is None or not self._shown.has_range:
            return None
        bar = self._painter.bar(self._shown, QRectF(self.rect()), folded=self.folded)
        return EndDrag.at(self._shown, bar, position)


class HoverLabel(QLabel):
    """A few words beside the mouse."""

    _OFFSET = QPointF(16.0, 18.0)

    def __init__(self, parent: QWidget) -> None:
        """Make a hidden label that the mouse passes through."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.set_look(look(dark=True))
        self.hide()

    def set_look(self, new: Look) -> None:
        """Use the dark or the light ground's colours."""
        panel, outline, text, _ = overlay_colors(new.dark)
        self.setStyleSheet(
            f"QLabel {{ background: rgba({panel.red()}, {panel.green()}, {panel.blue()}, {panel.alpha()});"
            f" color: {text.name()}; border: 1px solid rgba({outline.red()}, {outline.green()}, {outline.blue()},"
            f" {outline.alpha()}); border-radius: 5px; padding: 3px 7px; }}"
        )

    def show_at(self, mouse: QPointF, text: str, taken: Sequence[QRect] = ()) -> None:
        """Show text beside the mouse, inside the parent, off places that are taken; the first of those counts most."""
        self.setText(text)
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        width, height = self.width(), self.height()
        left, above = max(0.0, mouse.x() - width - 8), max(0.0, mouse.y() - height - 8)
        right, below = (mouse + self._OFFSET).x(), (mouse + self._OFFSET).y()
        tops = (below, above) if below + height <= parent.height() else (above,)
        lefts = (right, left) if right + width <= parent.width() else (left,)
        spots = [QRect(QPointF(x, y).toPoint(), self.size()) for y in tops for x in lefts]
        self.setGeometry(min(spots, key=lambda spot: [_area(spot & place) for place in taken]))
        self.show()


def _area(place: QRect) -> int:
    return 0 if place.isEmpty() else place.width() * place.height()
