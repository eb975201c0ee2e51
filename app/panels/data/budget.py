"""The memory that the samples may take, as a bar: what they take, what is left for more, and the reserve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPaintEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.widgets.palette import MEMORY_COLORS
from app.widgets.theme import set_role, theme_of
from lattice.units import bytes_text, count_text, plural

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.estimator import DatasetBudget

BAR_HEIGHT = 12
LEAST_USED = 3.0
"""Pixels that the samples get even where they are next to nothing."""


class BudgetBar(QWidget):
    """Samples, room for more, and the reserve, as parts of the memory that was free before the load."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create an empty bar."""
        super().__init__(parent)
        self.used, self.room, self.reserve = 0, 0, 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_parts(self, used: int, room: int, reserve: int) -> None:
        """Show bytes."""
        self.used, self.room, self.reserve = used, room, reserve
        self.update()

    def sizeHint(self) -> QSize:
        """Be as wide as there is room."""
        return QSize(200, BAR_HEIGHT)

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        """Draw the parts from left to right; the reserve is hatched."""
        colors = theme_of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(0, 0, self.width(), self.height())
        outline = QPainterPath()
        outline.addRoundedRect(frame, 4, 4)
        painter.setClipPath(outline)
        painter.fillRect(frame, QColor(colors.line))
        total = self.used + self.room + self.reserve
        if not total:
            return
        reserve = frame.width() * self.reserve / total
        kept = QRectF(frame.right() - reserve, 0, reserve, frame.height())
        painter.fillRect(kept, QColor(colors.hover))
        painter.fillRect(kept, QBrush(QColor(colors.muted), Qt.BrushStyle.BDiagPattern))
        width = max(frame.width() * self.used / total, LEAST_USED) if self.used else 0.0
        painter.fillRect(QRectF(0, 0, width, frame.height()), QColor(MEMORY_COLORS["dataset"]))


class BudgetView(QWidget):
    """The bar, its figures in words, and a warning where the reserve had to be lowered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start without figures."""
        super().__init__(parent)
        self.bar = BudgetBar()
        self.text, self.warning = QLabel(), QLabel()
        for label, role in ((self.text, ""), (self.warning, "warning")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            set_role(label, role)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        for part in (self.bar, self.text, self.warning):
            layout.addWidget(part)
        self.clear()

    def clear(self) -> None:
        """Show that nothing is known."""
        self.bar.hide()
        self.warning.hide()
        self.text.setText("How much memory the data takes, and how many samples would fit, is shown here.")
        set_role(self.text, "muted")

    def show_budget(self, dataset: EmbeddingDataset, budget: DatasetBudget | None) -> None:
        """Show what a data set takes of its budget; without one, what it takes."""
        used = dataset.memory_bytes
        set_role(self.text, "")
        self.bar.setVisible(budget is not None)
        self.warning.setVisible(budget is not None and bool(budget.warning))
        kind = f"{dataset.width}-D {str(dataset.embeddings.dtype).removeprefix('torch.')}"
        if dataset.partners is not None:
            kind = f"pairs of {kind}"
        if budget is None:
            self.text.setText(f"The samples take {bytes_text(used)} ({kind}).")
            return
        place = "GPU memory" if dataset.device.type == "cuda" else "main memory"
        if dataset.streamed:
            self.text.setText(
                f"{bytes_text(used)} in main memory ({kind}): too much for the GPU, where "
                f"{plural(budget.samples, 'sample')} would fit. Batches are streamed to it."
            )
            self.bar.set_parts(budget.bytes, 0, budget.reserve_bytes)
        else:
            self.text.setText(
                f"{bytes_text(used)} of {bytes_text(budget.bytes)} {place} for data. "
                f"{plural(budget.samples, 'sample')} would fit ({kind})."
            )
            self.bar.set_parts(used, max(budget.bytes - used, 0), budget.reserve_bytes)
        self.bar.setToolTip(_tooltip(dataset, budget, place))
        self.text.setToolTip(self.bar.toolTip())
        self.warning.setText(f"{budget.warning[:1].upper()}{budget.warning[1:]}." if budget.warning else "")


def _tooltip(dataset: EmbeddingDataset, budget: DatasetBudget, place: str) -> str:
    lines = [
        f"{bytes_text(budget.free_bytes, 3)} of {place} were free before the load",
        f"- {bytes_text(budget.reserve_bytes, 3)} kept in reserve for training",
        f"= {bytes_text(budget.bytes, 3)} for data",
        f"{budget.sample_bytes:,} bytes per sample: {count_text(budget.samples)} fit",
        f"{count_text(len(dataset))} samples take {bytes_text(dataset.memory_bytes, 3)}",
    ]
    return "\n".join(lines)
