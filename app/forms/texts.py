"""Inputs for texts, files and lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QLineEdit, QToolButton, QWidget

from app.forms.base import SettingInput
from app.forms.fields import FieldSpec
from app.widgets.bubble import say_below
from app.widgets.icons import icon
from app.widgets.transient import transient

_ITEMS = {int: "whole numbers", float: "numbers", str: "texts"}


class TextInput(SettingInput):
    """A text or a file's path; empty means none."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the line; files get a button that opens the dialog."""
        super().__init__(spec, parent)
        self.line = QLineEdit()
        self.line.setPlaceholderText(spec.none_word)
        self.line.setMinimumWidth(60)
        self.line.editingFinished.connect(self._finished)
        self._row.addWidget(self.line, 1)
        self._shown = ""
        self.browse = QToolButton()
        self.browse.setIcon(icon("open"))
        self.browse.setToolTip(f"Choose a file for {spec.title.lower()}")
        self.browse.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.browse.clicked.connect(self._choose)
        self._row.addWidget(self.browse)
        self.browse.setVisible(spec.names_file)

    def value(self) -> str | Path | None:
        """Return the text, as a path if the setting is one; None if it is empty."""
        text = self.line.text().strip()
        if not text:
            return None if self.spec.optional else ""
        return Path(text) if self.spec.kind == "path" else text

    def set_value(self, value: Any) -> None:
        """Show a text or nothing."""
        self._shown = "" if value is None else str(value)
        self.line.setText(self._shown)

    def _finished(self) -> None:
        if self.line.text() != self._shown:
            self._shown = self.line.text()
            self._emit()

    def _choose(self) -> None:
        dialog = transient(QFileDialog(self, self.spec.title, self.line.text()))
        written = self.spec.kind == "path"  # such as the log's file, which need not exist
        dialog.setFileMode(QFileDialog.FileMode.AnyFile if written else QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, chosen: str) -> None:
        self.line.setText(chosen)
        self._finished()


class ListInput(TextInput):
    """Several texts or numbers, separated by commas."""

    def __init__(self, spec: FieldSpec, parent: QWidget | None = None) -> None:
        """Create the line."""
        super().__init__(spec, parent)
        self.line.setPlaceholderText("separated by commas")

    def value(self) -> Any:
        """Return the items as a tuple; None for an empty optional one, and what was there for what can't be read."""
        items = [item.strip() for item in self.line.text().split(",") if item.strip()]
        if not items and self.spec.optional:
            return None
        try:
            return tuple(self.spec.item_type(item) for item in items)
        except ValueError:
            return self._last

    def set_value(self, value: Any) -> None:
        """Show the items."""
        self._last = value
        super().set_value(", ".join(str(item) for item in value or ()))

    def _finished(self) -> None:
        value = self.value()
        if value is self._last:  # unreadable, or not touched
            typed = self.line.text()
            self.set_value(value)
            if typed != self._shown:
                kept = self._shown or self.spec.none_word or "the empty list"
                say_below(self.line, f"'{typed}' is not a list of {_ITEMS[self.spec.item_type]}: {kept} stays.")
        else:
            super()._finished()
