"""A form over some of a config's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.forms.editor import SettingEditor
from app.forms.fields import value_at
from app.widgets.theme import set_role
from lattice.config import EditCost, SimpleProjectConfig, cost_of_key, edit_cost
from lattice.errors import ConfigError


class SettingsForm(QWidget):
    """Editors for a list of dotted keys, compared with the config that is in force."""

    edited = pyqtSignal(object)
    """`changes()`, after every change by the user's hand."""

    def __init__(
        self,
        config: SimpleProjectConfig,
        keys: Sequence[str] | Mapping[str, Sequence[str]],
        *,
        preset: SimpleProjectConfig | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Create the rows; a mapping puts a heading above each group, an empty heading none."""
        super().__init__(parent)
        self._config = config
        self._preset = preset or SimpleProjectConfig()
        groups = keys if isinstance(keys, Mapping) else {"": keys}
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.editors: dict[str, SettingEditor] = {}
        for heading, group in groups.items():
            if heading:
                label = QLabel(heading)
                set_role(label, "heading")
                label.setContentsMargins(14, 8, 0, 0)
                column.addWidget(label)
            for key in group:
                editor = SettingEditor(key, applied=value_at(config, key), preset=value_at(self._preset, key))
                editor.edited.connect(self._edited)
                self.editors[key] = editor
                column.addWidget(editor)
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setContentsMargins(14, 0, 0, 0)
        set_role(self._problem, "error")
        self._problem.hide()
        column.addWidget(self._problem)

    @property
    def config(self) -> SimpleProjectConfig:
        """The config that is in force."""
        return self._config

    @property
    def problem(self) -> str:
        """Why the values shown do not fit together; empty if they do."""
        return self._problem.text()

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool = False) -> None:
        """Tell which config is in force, and show it, without a signal; `keep_edits` leaves changed rows alone."""
        self._config = config
        for key, editor in self.editors.items():
            editor.set_applied(value_at(config, key), keep_edit=keep_edits)
        self._check()

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Tell which config a double click returns to."""
        self._preset = preset
        for key, editor in self.editors.items():
            editor.set_preset(value_at(preset, key))

    def insert_below(self, key: str, widget: QWidget) -> None:
        """Put a widget of another kind below one of the rows."""
        self._column.insertWidget(self._column.indexOf(self.editors[key]) + 1, widget)

    def changes(self) -> dict[str, Any]:
        """Return the dotted keys whose values differ from the config in force, with the values shown."""
        return {key: editor.value() for key, editor in self.editors.items() if editor.changed}

    def cost(self) -> EditCost | None:
        """Return what applying the changes would cost; None if there are none."""
        return edit_cost({key: cost_of_key(key) for key in self.changes()})

    def candidate(self) -> SimpleProjectConfig:
        """Return the config in force with the changes applied; raise `ConfigError` if they do not fit together."""
        return self._config.replaced(self.changes())

    def take(self, changes: Mapping[str, Any]) -> None:
        """Show values as if the user had typed them, all at once; keys that the form lacks are left out."""
        known = {key: value for key, value in changes.items() if key in self.editors}
        for key, value in known.items():
            self.editors[key].set_value(value)
        if known:
            self._edited()

    def revert(self) -> None:
        """Return every row to the config in force."""
        if self.changes():
            self.take({key: value_at(self._config, key) for key in self.changes()})

    def _edited(self) -> None:
        self._check()
        self.edited.emit(self.changes())

    def _check(self) -> None:
        problem = ""
        try:
            self.candidate()
        except ConfigError as error:
            problem = _plain(str(error))
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))


def _plain(message: str) -> str:
    """Drop the config's own prefix, `edit: lattice: `, from a message shown beside the fields."""
    text = message.removeprefix("edit: ")
    head, separator, rest = text.partition(": ")
    text = rest if separator and " " not in head else text
    return text[:1].upper() + text[1:]
