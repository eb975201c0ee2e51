"""Answers the Help menu: the search over all commands, keys and gestures, the guide, and about."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtWidgets import QMenuBar, QWidget

from app.actions.command_search import CommandSearch, commands_of
from app.actions.guide_dialog import GuideDialog
from app.actions.help_dialogs import AboutDialog, KeyGroup, ShortcutSheet
from app.widgets.transient import transient

GESTURES: tuple[KeyGroup, ...] = (
    (
        "Mouse: the cube",
        (
            ("Drag", "Orbit"),
            ("Right drag", "Pan"),
            ("Wheel", "Zoom, up to the cells"),
            ("Move", "Name the cell and its value"),
            ("Click", "Pick a cell, or let it go"),
            ("Right click", "Menu of the cell or the ground"),
            ("Double click", "Fly to the cell, or home"),
            ("Drag handle", "Move the cutting plane"),
            ("Shift+drag handle", "Turn the cutting plane"),
            ("Click axis", "Look along the axis"),
        ),
    ),
    (
        "Mouse: panels",
        (
            ("Double click title", "Back to the preset's value"),
            ("Wheel", "Step the value with the focus"),
            ("Drop a file", "Open it"),
        ),
    ),
    (
        "Fields and buttons",
        (
            ("Tab, Shift+Tab", "Next, previous field"),
            ("Return", "Press the button, open the choices"),
            ("Esc", "Back to the applied value, or the cube"),
            ("Menu, Shift+F10", "Menu of the picked cell"),
        ),
    ),
)
"""What the mouse and the general keys do, for the sheet beside the keys of the table."""


class HelpActions:
    """Opens what helps; nothing of it is modal."""

    def __init__(
        self, shortcuts: Callable[[], Sequence[KeyGroup]], menu_bar: Callable[[], QMenuBar | None], parent: QWidget
    ) -> None:
        """Work for a window.

        Args:
            shortcuts: gives the keys of the table of actions.
            menu_bar: gives the menus, which hold every command.
            parent: window that the dialogs belong to.
        """
        self._shortcuts, self._menu_bar, self._parent = shortcuts, menu_bar, parent

    def find_command(self) -> None:
        """Search the commands."""
        bar = self._menu_bar()
        if bar is not None:
            transient(CommandSearch(lambda: commands_of(bar), self._parent)).show()

    def show_keys(self) -> None:
        """Show the sheet of keys and gestures."""
        transient(ShortcutSheet((*self._shortcuts(), *GESTURES), self._parent)).show()

    def show_guide(self) -> None:
        """Show the guide."""
        transient(GuideDialog(self._parent)).show()

    def show_about(self) -> None:
        """Show version and licence."""
        transient(AboutDialog(self._parent)).show()
