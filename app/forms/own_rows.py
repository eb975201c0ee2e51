"""Rows of the settings that belong to what a choice names, such as those of a cell rule."""

from __future__ import annotations

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.forms.editor import SettingEditor
from app.forms.fields import field_spec, takes, value_at
from app.widgets.theme import set_role
from lattice.config import SimpleProjectConfig, own_keys

_LEFT = 14
"""Pixels left of a text, so that it stands below the titles of the rows."""


class OwnRows(QWidget):
    """Shows the rows of one registered class; those of the others are kept, hidden, with what was edited in them."""

    edited = pyqtSignal()

    def __init__(
        self, choice: str, config: SimpleProjectConfig, preset: SimpleProjectConfig, parent: QWidget | None = None
    ) -> None:
        """Create an empty place.

        Args:
            choice: dotted key of the setting that names a registered class.
            config: the one in force.
            preset: the one that a double click returns to.
            parent: owner.
        """
        super().__init__(parent)
        self._choice, self._config, self._preset = choice, config, preset
        self._name = ""
        self._pages: dict[str, dict[str, SettingEditor]] = {}
        self._missing = QLabel()
        self._missing.setWordWrap(True)
        self._missing.setContentsMargins(_LEFT, 0, 0, 0)
        set_role(self._missing, "error")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._column.addWidget(self._missing)

    @property
    def editors(self) -> dict[str, SettingEditor]:
        """The rows that are shown, by dotted key."""
        return self._pages.get(self._name, {}) if not self._missing.text() else {}

    def show_for(self, name: str, missing: str) -> None:
        """Show the rows of a registered class as it is now.

        Args:
            name: under which it is registered.
            missing: what to say in place of rows, because there is none of that name; empty if there is one.
        """
        self._name = name
        self._missing.setText(missing)
        self._missing.setVisible(bool(missing))
        if not missing:
            self._follow_class(name)
        for other, page in self._pages.items():
            for editor in page.values():
                editor.setVisible(other == name and not missing)
        self.setVisible(bool(missing or self.editors))

    def set_config(self, config: SimpleProjectConfig, *, keep_edits: bool) -> None:
        """Set the config that is in force; with `keep_edits`, rows being edited stay as they are, hidden ones too."""
        self._config = config
        for name, page in self._pages.items():
            for key in self._keys(name):
                if key in page:
                    page[key].set_applied(value_at(config, key), keep_edit=keep_edits)

    def set_preset(self, preset: SimpleProjectConfig) -> None:
        """Set the config that a double click returns to."""
        self._preset = preset
        for name, page in self._pages.items():
            for key in self._keys(name):
                if key in page:
                    page[key].set_preset(value_at(preset, key))

    def _keys(self, name: str) -> tuple[str, ...]:
        return own_keys(self._choice, name)

    def _follow_class(self, name: str) -> None:
        """Make the rows those of the class's settings: rows that are still right stay, with the focus in them."""
        before = self._pages.get(name, {})
        page: dict[str, SettingEditor] = {}
        try:
            for key in self._keys(name):
                page[key] = self._row(key, before.get(key))
        except Exception:  # of a plugin's settings: no row of a page that failed may stay behind
            for key, editor in page.items():
                if editor is not before.get(key):
                    editor.setParent(None)
                    editor.deleteLater()
            raise
        self._pages[name] = page
        if list(page.values()) == list(before.values()):
            return
        for key, editor in before.items():
            if page.get(key) is not editor:
                self._column.removeWidget(editor)
                editor.hide()
                editor.deleteLater()
        for editor in page.values():
            self._column.addWidget(editor)

    def _row(self, key: str, before: SettingEditor | None) -> SettingEditor:
        if before is not None and before.spec == field_spec(key):
            return before
        editor = SettingEditor(
            key, applied=value_at(self._config, key), preset=value_at(self._preset, key), parent=self
        )
        editor.edited.connect(self.edited)
        if before is not None and before.changed and takes(key, before.value()):
            editor.set_value(before.value())
        return editor
