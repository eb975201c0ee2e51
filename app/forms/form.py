"""A form over some of a config's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.forms.editor import SettingEditor
from app.forms.fields import field_spec, value_at
from app.forms.own_rows import OwnRows
from app.widgets.theme import set_role
from lattice.config import EditCost, SimpleProjectConfig, edit_cost, naming_keys, registry_named_by
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
        self._problem_text = ""
        groups = keys if isinstance(keys, Mapping) else {"": keys}
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._rows: dict[str, SettingEditor] = {}
        self._own: dict[str, OwnRows] = {}
        self._problem = QLabel()
        self._problem.setWordWrap(True)
        self._problem.setContentsMargins(14, 0, 0, 0)
        set_role(self._problem, "error")
        self._problem.hide()
        column.addWidget(self._problem)
        for heading, group in groups.items():
            self._add_group(heading, group)
        self._check()

    @property
    def config(self) -> SimpleProjectConfig:
        """The config that is in force."""
        return self._config

    @property
    def editors(self) -> dict[str, SettingEditor]:
        """The rows that are shown, by dotted key; below a choice of a registered class, those of its own settings."""
        shown: dict[str, SettingEditor] = {}
        for key, editor in self._rows.items():
            shown[key] = editor
            if key in self._own:
                shown |= self._own[key].editors
        return shown

    @property
    def problem(self) -> str:
        """Why the values shown do not fit together; empty if they do."""
        return self._problem_text

    @property
    def missing(self) -> str:
        """Which cell rule or objective, chosen here or in force, is not registered, and what to do; empty if none."""
        words = []
        for key in naming_keys():
            name = self._rows[key].value() if key in self._rows else value_at(self._config, key)
            words.append(registry_named_by(key).missing(name))
        return " ".join(filter(None, words))

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool = False) -> None:
        """Set the config that is in force, and show it, without a signal; `keep_edits` leaves changed rows alone."""
        self._config = config
        for key, editor in self._rows.items():
            editor.set_applied(value_at(config, key), keep_edit=keep_edits)
        for own in self._own.values():
            own.set_config(config, keep_edits=keep_edits)
        self._check()

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Set the config that a double click returns to."""
        self._preset = preset
        for key, editor in self._rows.items():
            editor.set_preset(value_at(preset, key))
        for own in self._own.values():
            own.set_preset(preset)

    def refresh_choices(self) -> None:
        """Show what is registered now, after plugins were loaded, loaded again or unloaded, without a signal.

        Lists of registered classes and the rows of their settings follow. What was edited and not applied stays where
        its row is still there and takes it; a chosen class that is gone stays chosen, as missing, and is a `problem`.
        """
        for key in self._own:
            self._rows[key].refresh_choices()
        self._check()

    def add_group(self, heading: str, keys: Sequence[str]) -> None:
        """Add rows below the others, under a heading unless it is empty, so that a long form can be made in parts."""
        self._add_group(heading, keys)
        self._check()

    def insert_below(self, key: str, widget: QWidget) -> None:
        """Put a widget of another kind below one of the rows."""
        self._column.insertWidget(self._column.indexOf(self._rows[key]) + 1, widget)

    def changes(self) -> dict[str, Any]:
        """Return the dotted keys whose values differ from the config in force, with the values shown."""
        return {key: editor.value() for key, editor in self.editors.items() if editor.changed}

    def costs(self) -> dict[str, EditCost]:
        """Return what applying each of `changes()` would cost."""
        return {key: editor.spec.cost for key, editor in self.editors.items() if editor.changed}

    def cost(self) -> EditCost | None:
        """Return what applying the changes would cost; None if there are none."""
        return edit_cost(self.costs())

    def candidate(self) -> SimpleProjectConfig:
        """Return the config in force with the changes applied; raise `ConfigError` if they do not fit together."""
        return self._config.replaced(self.changes())

    def take(self, changes: Mapping[str, Any]) -> None:
        """Show values as if the user had typed them, all at once; keys that the form lacks are left out."""
        known = False
        for choices_first in (True, False):  # they decide which rows there are
            for key, value in changes.items():
                if key in self.editors and (key in self._own) == choices_first:
                    self.editors[key].set_value(value)
                    known = True
            self._show_own_rows()
        if known:
            self._edited()

    def revert(self) -> None:
        """Return every row to the config in force, those of classes that are not chosen too."""
        if self.changes():
            for key, editor in self._rows.items():
                editor.set_value(value_at(self._config, key))
            for own in self._own.values():
                own.set_config(self._config, keep_edits=False)
            self._edited()

    def _add_group(self, heading: str, keys: Sequence[str]) -> None:
        if heading and heading != field_spec(keys[0]).title:
            label = QLabel(heading)
            set_role(label, "heading")
            label.setContentsMargins(14, 8, 0, 0)
            self._add(label)
        for key in keys:
            self._add_row(key, heading)

    def _add(self, widget: QWidget) -> None:
        """Put a widget below all rows; what is wrong with them stands last."""
        self._column.insertWidget(self._column.indexOf(self._problem), widget)

    def _add_row(self, key: str, heading: str) -> None:
        is_heading = bool(heading) and heading == field_spec(key).title
        applied, preset = value_at(self._config, key), value_at(self._preset, key)
        editor = SettingEditor(key, applied=applied, preset=preset, heading=is_heading)
        editor.edited.connect(self._edited)
        self._rows[key] = editor
        self._add(editor)
        if editor.spec.entries:
            self._own[key] = OwnRows(key, self._config, self._preset)
            self._own[key].edited.connect(self._edited)
            self._add(self._own[key])

    def _edited(self) -> None:
        self._check()
        self.edited.emit(self.changes())

    def _show_own_rows(self) -> str:
        """Show the rows of the classes that are chosen; return what to say of those that are missing."""
        words = []
        for key, own in self._own.items():
            name = self._rows[key].value()
            missing = registry_named_by(key).missing(name)
            own.show_for(name, missing)
            words.append(missing)
        return " ".join(filter(None, words))

    def _check(self) -> None:
        missing = problem = self._show_own_rows()
        if not missing:
            try:
                self.candidate()
            except ConfigError as error:
                problem = _plain(str(error))
        self._problem_text = problem
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem) and not missing)  # what is missing is said where it was chosen


def _plain(message: str) -> str:
    """Drop the config's own prefix, `edit: lattice: `, from a message shown beside the fields."""
    text = message.removeprefix("edit: ")
    head, separator, rest = text.partition(": ")
    text = rest if separator and " " not in head else text
    return text[:1].upper() + text[1:]
