"""The rows that a load dropped: where each was and why, as a list that never holds them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo
from app.widgets.transient import transient
from lattice.units import count_text, plural

if TYPE_CHECKING:
    from lattice.data.report import LoadReport

MOST_COPIED = 100_000
"""Rows that a copy takes at most: more is no text that anybody pastes."""
ROW_PADDING = 8
HEADINGS = ("File and row", "Reason")
_ROOT = QModelIndex()


class BadRowModel(QAbstractTableModel):
    """Dropped rows, of one reason or of all; each is looked up when it is drawn."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Start without rows."""
        super().__init__(parent)
        self._report: LoadReport | None = None
        self._spans: list[range] = []

    def show_report(self, report: LoadReport, reason: str = "") -> None:
        """Show the rows of one reason, or all."""
        self.beginResetModel()
        self._report, self._spans = report, _spans(report, reason)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else sum(map(len, self._spans))

    def columnCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return the number of columns: where, and why."""
        return 0 if parent.isValid() else len(HEADINGS)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return where a row was, or why it was dropped."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        return self.line(index.row())[index.column()]

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the columns' headings."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def line(self, row: int) -> tuple[str, str]:
        """Return (where, why) of one row."""
        assert self._report is not None
        for span in self._spans:
            if row < len(span):
                bad = self._report.bad_row(span[row])
                return bad.origin, bad.reason
            row -= len(span)
        raise IndexError(row)


class BadRowsDialog(QDialog):
    """Lists dropped rows beside the window, which it doesn't block."""

    def __init__(self, report: LoadReport, parent: QWidget | None = None) -> None:
        """Show the rows of a load."""
        super().__init__(parent)
        self.setWindowTitle("Dropped rows")
        transient(self)
        self._report = report
        told = QLabel(f"{plural(report.dropped_count, 'row')} of {count_text(report.rows_read)} could not be used.")
        self.reason = CalmCombo()
        self.reason.setToolTip("Which rows are listed, by the reason why they were dropped")
        self.reason.addItem(f"All reasons ({count_text(report.dropped_count)})", "")
        for reason, count in report.dropped.items():
            self.reason.addItem(f"{reason} ({count_text(count)})", reason)
        self.reason.currentIndexChanged.connect(lambda _index: self._show())
        self.model = BadRowModel(self)
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.view.setTabKeyNavigation(False)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        rows, columns = self.view.verticalHeader(), self.view.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.view.fontMetrics().height() + ROW_PADDING)
        columns.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        columns.setSectionResizeMode(1, QHeaderView.ResizeMode.Interactive)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.copy_button = QPushButton(icon("copy"), "Copy")
        self.copy_button.setToolTip("Copy the listed rows as text, one per line: file and row, a tab, the reason")
        self.copy_button.clicked.connect(self.copy)
        close = QPushButton("Close")
        close.setToolTip("Close this list")
        close.setProperty("primary", True)
        close.setDefault(True)
        close.clicked.connect(self.close)
        top = QHBoxLayout()
        top.addWidget(told, 1)
        top.addWidget(self.reason)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 14)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)
        self.resize(560, 420)
        self._show()
        self.view.setColumnWidth(1, 150)

    def copy(self) -> None:
        """Put the listed rows on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            count = min(self.model.rowCount(), MOST_COPIED)
            clipboard.setText("\n".join("\t".join(self.model.line(row)) for row in range(count)))

    def _show(self) -> None:
        self.model.show_report(self._report, self.reason.currentData())


def _spans(report: LoadReport, reason: str) -> list[range]:
    """Return the numbers of the dropped rows of a reason, as ranges; all without one."""
    if not reason:
        return [range(report.dropped_count)]
    spans = [range(at, at + 1) for at, bad in enumerate(report.dropped_texts) if bad.reason == reason]
    start = len(report.dropped_texts)
    for name, rows in report.dropped_rows.items():
        if name == reason:
            spans.append(range(start, start + len(rows)))
        start += len(rows)
    return spans
