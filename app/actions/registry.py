"""The table of actions come alive: a QAction for each entry, for menus, toolbar and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtGui import QAction, QActionGroup, QKeySequence
from PyQt6.QtWidgets import QWidget

from app.actions.availability import set_available
from app.actions.spec import ActionSpec
from app.widgets.icons import icon

NO_RUN = "there is no run. Open one from the File menu"
LOADING = "the run is being loaded. Wait until it is open"


class Actions:
    """The actions of one window, by id."""

    def __init__(self, window: QWidget, specs: tuple[ActionSpec, ...]) -> None:
        """Make a QAction for each spec."""
        self.specs = {spec.id: spec for spec in specs}
        self._window = window
        self._groups: dict[str, QActionGroup] = {}
        self._actions = {spec.id: self._make(spec) for spec in specs}
        window.addActions(list(self._actions.values()))

    def __getitem__(self, id: str) -> QAction:
        """Return one action."""
        return self._actions[id]

    def __iter__(self) -> Any:
        """Iterate over ids."""
        return iter(self._actions)

    def check(self, id: str, on: bool) -> None:
        """Show a checkable action as on or off, without doing what it does."""
        self._actions[id].setChecked(on)

    def group(self, name: str) -> QActionGroup:
        """Return the group of checkable actions that exclude each other."""
        return self._groups[name]

    def set_run_available(self, available: bool, why: str = NO_RUN) -> None:
        """Grey out what needs a run, with the reason, or not."""
        for id_, spec in self.specs.items():
            if spec.needs_run:
                self.set_available(id_, available, why)

    def set_available(self, id: str, available: bool, why: str) -> None:
        """Grey out an action, with the reason for the search over all commands, or not."""
        set_available(self._actions[id], available, why)

    def shortcut_groups(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return (heading, [(key, what it does)]) for the sheet of shortcuts."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for spec in self.specs.values():
            if spec.shortcuts:
                key = QKeySequence(spec.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
                groups.setdefault(spec.menu.replace("/", ": "), []).append((key, spec.text.rstrip(".")))
        return list(groups.items())

    def _make(self, spec: ActionSpec) -> QAction:
        action = QAction(spec.text, self._window)
        action.setObjectName(spec.id)
        if spec.icon:
            action.setIcon(icon(spec.icon))
        sequences = [QKeySequence(key) for key in spec.shortcuts]
        action.setShortcuts(sequences)
        action.setToolTip(f"{spec.tooltip} ({sequences[0].toString()})" if sequences else spec.tooltip)
        action.setStatusTip("")
        action.setMenuRole(QAction.MenuRole.NoRole)
        if spec.checkable:
            action.setCheckable(True)
            action.setChecked(spec.checked)
        if spec.group:
            if spec.group not in self._groups:
                self._groups[spec.group] = QActionGroup(self._window)
            self._groups[spec.group].addAction(action)
        action.triggered.connect(self._caller(spec))
        return action

    def _caller(self, spec: ActionSpec) -> Callable[[bool], None]:
        def call(checked: bool) -> None:
            if spec.argument is not None:
                spec.handler(spec.argument)
            elif spec.checkable:
                spec.handler(checked)
            else:
                spec.handler()

        return call
