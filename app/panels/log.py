"""The log panel: the program's own log with a filter and a search."""

from __future__ import annotations

import logging
from collections import deque

from PyQt6.QtCore import QEvent, QSize, Qt
from PyQt6.QtGui import (
    QCloseEvent,
    QColor,
    QGuiApplication,
    QSyntaxHighlighter,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PyQt6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from app.monitoring.log_bridge import CAPACITY, LogBridge, LogEntry
from app.panels.panel import Panel
from app.widgets.flow_layout import FlowLayout
from app.widgets.icons import icon
from app.widgets.inputs import CalmCombo
from app.widgets.theme import monospace, set_role, theme_of

LEVELS = {"All": logging.NOTSET, "Info": logging.INFO, "Warnings": logging.WARNING, "Errors": logging.ERROR}


class LogPanel(Panel):
    """Shows the newest records of the project's logger from `attach` to `close`."""

    def __init__(self, bridge: LogBridge | None = None, parent: QWidget | None = None) -> None:
        """Create the panel; records arrive once `attach` was called."""
        super().__init__(parent)
        self._bridge = bridge or LogBridge()
        self._entries: deque[LogEntry] = deque(maxlen=CAPACITY)
        self._follows = True
        """Whether the newest line stays in view."""
        self._lay_out()
        self._highlighter = _Highlighter(self.view.document())
        self._bridge.notifier.arrived.connect(self._arrived)
        self._restyle()

    def attach(self) -> None:
        """Begin to show the log."""
        self._bridge.attach()

    def detach(self) -> None:
        """Stop showing the log; what is shown stays."""
        self._bridge.close()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Let go of the logger."""
        self.detach()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "_highlighter"):
            self._restyle()

    def text(self) -> str:
        """Return what is shown."""
        return self.view.toPlainText()

    def copy(self) -> None:
        """Copy the selection, or everything that is shown, to the clipboard."""
        clipboard = QGuiApplication.clipboard()
        if clipboard is not None:
            selected = self.view.textCursor().selectedText().replace("\N{PARAGRAPH SEPARATOR}", "\n")
            clipboard.setText(selected or self.text())

    def clear(self) -> None:
        """Forget all records."""
        self._bridge.drain()
        self._entries.clear()
        self._refill()

    def find_next(self, *, backwards: bool = False) -> bool:
        """Select the next match of the search, from the start again after the last; return whether there is one."""
        flags = QTextDocument.FindFlag.FindBackward if backwards else QTextDocument.FindFlag(0)
        if not self.search.text():
            return False
        if self.view.find(self.search.text(), flags):
            return True
        self.view.moveCursor(QTextCursor.MoveOperation.End if backwards else QTextCursor.MoveOperation.Start)
        return self.view.find(self.search.text(), flags)

    def sizeHint(self) -> QSize:
        """Show a few lines."""
        return QSize(500, 200)

    def minimumSizeHint(self) -> QSize:
        """Fit a narrow, low dock."""
        return QSize(220, 110)

    def _lay_out(self) -> None:
        self.level = CalmCombo()
        self.level.addItems(list(LEVELS))
        self.level.setCurrentText("Info")
        self.level.setToolTip("Least serious message that is shown")
        self.level.setAccessibleName("Level")
        self.level.currentIndexChanged.connect(self._refill)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(104)
        self.search.setAccessibleName("Search the log")
        self.search.setToolTip("Marks matches; Enter selects the next one")
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self.find_next)
        self.matches = QLabel()
        set_role(self.matches, "muted")
        self.copy_button = self._tool("copy", "Copy the selection, or all that is shown")
        self.copy_button.clicked.connect(self.copy)
        self.clear_button = self._tool("clear", "Clear the log")
        self.clear_button.clicked.connect(self.clear)
        tools = QWidget()
        flow = FlowLayout(tools, spacing=6)
        for widget in (self.level, self.search, self.copy_button, self.clear_button, self.matches):
            flow.addWidget(widget)
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setFont(monospace())
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.view.setMaximumBlockCount(CAPACITY)
        self.view.setPlaceholderText("Messages of the program appear here.")
        self.view.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.view.setAccessibleName("Log")
        bar = self.view.verticalScrollBar()
        assert bar is not None
        bar.rangeChanged.connect(self._follow)
        bar.valueChanged.connect(lambda value: self._look_at(value >= bar.maximum()))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(5)
        column.addWidget(tools)
        column.addWidget(self.view, 1)

    def _tool(self, name: str, text: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name))
        button.setToolTip(text)
        button.setAccessibleName(text)
        return button

    def _look_at(self, newest: bool) -> None:
        self._follows = newest

    def _follow(self) -> None:
        """Show the newest line, also of those that came while the panel was hidden, unless somebody scrolled up."""
        bar = self.view.verticalScrollBar()
        if self._follows and bar is not None:
            bar.setValue(bar.maximum())

    def _arrived(self) -> None:
        entries = self._bridge.drain()
        self._entries.extend(entries)
        self._add(entries)

    def _refill(self) -> None:
        self.view.clear()
        self._add(list(self._entries))

    def _add(self, entries: list[LogEntry]) -> None:
        least = LEVELS[self.level.currentText()]
        lines = [entry.line() for entry in entries if entry.level >= least]
        if lines:
            self.view.appendPlainText("\n".join(lines))  # scrolls along only where it was at the end already
        self._count_matches()

    def _searched(self) -> None:
        self._highlighter.set_needle(self.search.text())
        self._count_matches()

    def _count_matches(self) -> None:
        needle = self.search.text()
        count = self.text().lower().count(needle.lower()) if needle else 0
        self.matches.setText("" if not needle else "no match" if count == 0 else f"{count:,} found")

    def _restyle(self) -> None:
        colors = theme_of(self)
        self._highlighter.set_colors(colors.warning, colors.error, colors.muted, colors.highlight)


class _Highlighter(QSyntaxHighlighter):
    """Colours a line by its level and marks what the search found."""

    def __init__(self, document: QTextDocument | None) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._match = QTextCharFormat()
        self._needle = ""

    def set_colors(self, warning: str, error: str, debug: str, match: str) -> None:
        """Take a theme's colours."""
        self._formats = {"WARNING": _ink(warning), "ERROR": _ink(error), "CRITICAL": _ink(error), "DEBUG": _ink(debug)}
        self._match = QTextCharFormat()
        self._match.setBackground(QColor(match))
        self.rehighlight()

    def set_needle(self, needle: str) -> None:
        """Mark every occurrence of a text, whatever its case."""
        self._needle = needle.lower()
        self.rehighlight()

    def highlightBlock(self, text: str | None) -> None:
        """Colour one line."""
        line = text or ""
        level = line[10:18].strip()
        if level in self._formats:
            self.setFormat(0, len(line), self._formats[level])
        at = line.lower().find(self._needle) if self._needle else -1
        while at >= 0:
            marked = QTextCharFormat(self.format(at))
            marked.setBackground(self._match.background())
            self.setFormat(at, len(self._needle), marked)
            at = line.lower().find(self._needle, at + len(self._needle))


def _ink(color: str) -> QTextCharFormat:
    style = QTextCharFormat()
    style.setForeground(QColor(color))
    return style
