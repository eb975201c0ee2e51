"""What long work says in the status bar: what it does, how far it is, how long it will take, and Cancel."""

from __future__ import annotations

import time

from PyQt6.QtCore import Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from app.run.messages import WorkProgress
from lattice.units import percent_text, seconds_text

WORK_WIDTH = 260
"""Most that long work's name and how far it is take together, in pixels; only the name is cut."""
WIDEST_SHARE = ", 100 %, 59 min 59 s left"
SHORT_WORK_SECONDS = 0.4
"""Work that is over sooner shows no bar, so that nothing flickers."""
ESTIMATE_SECONDS = 1.0
"""Nothing is estimated before so much time has passed."""


class WorkBar(QWidget):
    """What long work is doing, how far it is, how long it will take, and Cancel."""

    cancelled = pyqtSignal()
    shown_changed = pyqtSignal()
    """It appeared, or is gone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the bar hidden."""
        super().__init__(parent)
        self.label = QLabel()
        self.bar = QProgressBar()
        self.bar.setFixedSize(120, 8)
        self.bar.setTextVisible(False)
        self.button = QPushButton("Cancel")
        self.button.setToolTip("Stop this work; the run stays as it is")
        self.button.setProperty("link", True)
        self.button.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self.label, self.bar, self.button):
            layout.addWidget(part)
        self.work = ""
        """What the work under way was called first, such as `Exporting`; its parts may have names of their own."""
        self.began = 0.0
        """When the work under way began, on the monotonic clock."""
        self._what = ""
        self._began = 0.0
        self._timer = QTimer(self)
        self._timer.setObjectName("work bar")
        self._timer.setSingleShot(True)
        self._timer.setInterval(int(SHORT_WORK_SECONDS * 1000))
        self._timer.timeout.connect(self._appear)
        self.hide()

    def show_progress(self, progress: WorkProgress) -> None:
        """Show how far the work is; it appears only if it takes a moment."""
        now = time.monotonic()
        metrics = self.label.fontMetrics()
        if progress.what != self._what:
            self._what, self._began = progress.what, now
            # All the room at once: the bar repaints before a label that grows has been laid out, which would cut it.
            widest = metrics.horizontalAdvance(progress.what + WIDEST_SHARE)
            self.label.setMinimumWidth(min(widest, WORK_WIDTH))
            self._lay_out_now()
        if not self.work:
            self.work, self.began = progress.what.partition(":")[0], now
        if not self.isVisible() and not self._timer.isActive():
            self._timer.start()
        total, done = progress.total or 0, progress.done
        how_far = ""
        if total:
            done = min(done, total)
            if done:
                how_far += f", {percent_text(done / total)}"
            spent = now - self._began
            left = spent * (total - done) / done if done else 0.0
            if left >= 1 and spent > ESTIMATE_SECONDS:
                how_far += f", {seconds_text(left)} left"
        elif done:
            how_far += f", {done:,}"
        room = WORK_WIDTH - metrics.horizontalAdvance(how_far)
        what = metrics.elidedText(progress.what, Qt.TextElideMode.ElideRight, room)
        self.label.setText(what + how_far)
        self.label.setToolTip(progress.what + how_far if what != progress.what else "")
        # Last: the bar repaints at once, and with it what else is due. Before the text it would contradict it.
        self.bar.setRange(0, total)
        self.bar.setValue(done if total else 0)

    def _lay_out_now(self) -> None:
        """Take the room before the next repaint, which comes at once, not with the next turn of the event loop."""
        for widget in (self, self.parentWidget()):
            layout = None if widget is None else widget.layout()
            if layout is not None:
                layout.activate()

    def finish(self) -> None:
        """Hide the bar."""
        self._timer.stop()
        self._what = self.work = ""
        self.hide()
        self.shown_changed.emit()

    def _appear(self) -> None:
        self.show()
        self.shown_changed.emit()
