"""The learning rate of a run: as it was, and, before it happens, as the settings in force or those being edited say."""

from __future__ import annotations

from PyQt6.QtCore import QPointF, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.widgets.palette import SERIES_COLORS
from app.widgets.theme import small, theme_of
from lattice.config import SimpleProjectConfig
from lattice.training.schedule import learning_rate
from lattice.units import significant

Line = list[tuple[float, float]]

HEIGHT = 86
_LEFT, _RIGHT, _TOP, _BOTTOM = 18.0, 10.0, 8.0, 20.0
POINTS = 160
"""Parts of a line, which is drawn through the first, last, lowest and highest value of each."""


class SchedulePreview(QWidget):
    """A faint line for what was and what the settings in force bring, a dotted one for what the planned ones bring."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty preview."""
        super().__init__(parent)
        self._present: SimpleProjectConfig | None = None
        self._planned: SimpleProjectConfig | None = None
        self._done = 0
        self._why = ""
        self._past: Line = []
        self._shown: tuple[object, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Learning rate to come")

    def show_plan(
        self,
        present: SimpleProjectConfig,
        planned: SimpleProjectConfig,
        done: int,
        why: str = "",
        past: Line | None = None,
    ) -> None:
        """Show what becomes of the learning rate.

        Args:
            present: settings in force.
            planned: settings that would be in force from now on.
            done: training steps of this schedule that are done.
            why: what brings `planned` into force, such as `after Apply`; empty if it is in force.
            past: (training step of the schedule from 0, learning rate) as they were, by rising step; None: unknown.
        """
        past = past or []
        shown = (present.optimizer, present.training_embedding.training_steps,
                 planned.optimizer, planned.training_embedding.training_steps, done, why, len(past))  # fmt: skip
        if shown == self._shown:
            return
        self._shown = shown
        self._present, self._planned, self._done, self._why, self._past = present, planned, done, why, past
        self.setToolTip(f"Learning rate over the training steps of this schedule. {self.caption()}.")
        self.update()

    def caption(self) -> str:
        """Return the learning rate of the next training step and of the last one, in words."""
        if self._planned is None:
            return ""
        steps, done = self._planned.training_embedding.training_steps, self._done
        last = max(steps - 1, 0)
        if done > last:
            return f"the schedule is over, at {_rate(self._planned, last)}"
        when = self._why or "now"
        return f"{_rate(self._planned, done)} {when}, {_rate(self._planned, last)} at step {steps:,}"

    def line(self, *, planned: bool) -> Line:
        """Return (training step of the schedule from 0, learning rate): to come if planned, else as it was and is set.

        What was is what the run reported, whatever the settings in force would have made of those training steps.
        """
        config = self._planned if planned else self._present
        if config is None:
            return []
        past = [] if planned else self._past
        first = round(past[-1][0]) + 1 if past else self._done
        last = max(config.training_embedding.training_steps - 1, 0)
        if first > last:
            return past
        count = min(last - first + 1, POINTS)
        steps = [first + round(index * (last - first) / max(count - 1, 1)) for index in range(count)]
        return [*past, *((step, learning_rate(step, last + 1, config.optimizer)) for step in steps)]

    def sizeHint(self) -> QSize:
        """Fit a side panel."""
        return QSize(220, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow one."""
        return QSize(120, HEIGHT)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw both lines, where the run stands, and the words below."""
        present, planned = self.line(planned=False), self.line(planned=True)
        if not present and not planned:
            return
        colors, painter = theme_of(self), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        highest = max(rate for _, rate in present + planned)
        last = max(step for step, _ in present + planned) or 1

        def at(step: float, rate: float) -> QPointF:
            return QPointF(area.left() + area.width() * step / last, area.bottom() - area.height() * rate / highest)

        painter.setPen(QPen(QColor(colors.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.setPen(QPen(QColor(colors.disabled), 1.4))
        painter.drawPolyline(QPolygonF([at(*point) for point in present]))
        if planned:
            painter.setPen(QPen(QColor(SERIES_COLORS["learning_rate"]), 2, Qt.PenStyle.DotLine))
            painter.drawPolyline(QPolygonF([at(*point) for point in planned]))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(SERIES_COLORS["learning_rate"]))
            painter.drawEllipse(at(*planned[0]), 3.5, 3.5)
        painter.setFont(small(self.font()))
        painter.setPen(QColor(colors.muted))
        words = QRectF(_LEFT - 4, self.height() - _BOTTOM + 3, self.width() - _LEFT, _BOTTOM - 3)
        text = painter.fontMetrics().elidedText(self.caption(), Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


def _rate(config: SimpleProjectConfig, step: int) -> str:
    return significant(learning_rate(step, config.training_embedding.training_steps, config.optimizer), 2)
