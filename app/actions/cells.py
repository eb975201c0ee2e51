"""What can be done with a cell: pick it without a mouse, walk on from it, look inside, and copy its state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, QPoint, Qt
from PyQt6.QtGui import QAction, QGuiApplication
from PyQt6.QtWidgets import QMenu, QWidget

from app.actions.cell_record import as_json, as_text, cell_record
from app.cube.state import Cell
from app.cube.view import CubeView
from app.panels.appearance import AppearancePanel
from app.panels.inspector.cell_page import cell_text
from app.session.display import Display
from app.session.selection import Selection
from app.widgets.icons import icon

NO_CELL = "Pick a cell first: click it in the cube, or press C for the one in the middle of the picture."


class CellActions(QObject):
    """Serves the keys, the Cube menu, and the context menu of the picture."""

    def __init__(
        self,
        cube: CubeView,
        display: Display,
        picked: Selection,
        appearance: AppearancePanel,
        raise_panel: Callable[[str], None],
        notify: Callable[[str], None],
        parent: QWidget,
    ) -> None:
        """Work for a window.

        Args:
            cube: picture of the cube.
            display: knows what is on screen.
            picked: the picked cell.
            appearance: panel that isolates the picked cell's shells.
            raise_panel: shows a panel by name.
            notify: shows a sentence.
            parent: window that the context menu belongs to.
        """
        super().__init__(parent)
        self._cube, self._display, self._picked, self._appearance = cube, display, picked, appearance
        self._raise_panel, self._notify, self._parent = raise_panel, notify, parent
        cube.menu_requested.connect(self.show_menu)

    def pick_middle(self) -> None:
        """Pick the first visible cell in the middle of the picture."""
        cell = self._cube.middle_cell
        if cell is None:
            self._notify("There is no cell in the middle of the picture. R shows the whole cube.")
        else:
            self._picked.set(cell)

    def walk(self, way: tuple[int, int, int]) -> None:
        """Pick the neighbour to the right, up, or farther away; the walk begins in the middle of the picture."""
        if self._picked.cell is None:
            self.pick_middle()
        else:
            self._picked.walk(*way)

    def focus(self) -> None:
        """Fly to the picked cell."""
        if self._picked.cell is None:
            self._notify(NO_CELL)
        else:
            self._picked.focus()

    def isolate(self, on: bool) -> None:
        """Show only the picked cell's shells, or all cells; say so where that waits for a cell to be picked."""
        self._appearance.set_isolate(on)
        if on and self._picked.cell is None:
            self._notify(f"Nothing is hidden yet. {NO_CELL}")

    def copy_text(self) -> None:
        """Copy the picked cell's values as text."""
        self._copy(self._picked.cell, as_text)

    def copy_json(self) -> None:
        """Copy the picked cell's values as JSON."""
        self._copy(self._picked.cell, as_json)

    def show_menu(self, cell: Cell | None, at: QPoint) -> None:
        """Open the context menu of a cell, or of the ground, at a place of the screen."""
        menu = QMenu(self._parent)
        menu.setObjectName("cell_menu")
        menu.setToolTipsVisible(True)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if cell is None:
            self._add(menu, "Reset camera", "home", "Show the whole cube from the usual side (R)", self._cube.home)
            self._add(menu, "Show all cells", "cube", "Undo all slices and planes (Backspace)",
                      self._appearance.reset_slices)  # fmt: skip
            self._add(
                menu,
                "Pick the cell in the middle of the picture",
                "pick",
                "The first visible one (C)",
                self.pick_middle,
            )
        else:
            title = self._add(menu, f"Cell {cell_text(cell)}", "cube", "What the entries below are about", lambda: None)
            title.setEnabled(False)
            menu.addSeparator()
            self._add(menu, "Look inside", "search", "Show its state in the Inspector", lambda: self._look_inside(cell))
            self._add(menu, "Fly to it", "focus", "Pick it and move the camera to it (F)", lambda: self._fly_to(cell))
            self._add(menu, "Only its shells", "filter", "Hide everything but it and its neighbours (I)",
                      lambda: self._isolate(cell))  # fmt: skip
            menu.addSeparator()
            tip = "Its place, its state after the shown lattice step, and what its rule traces"
            self._add(menu, "Copy state as text", "copy", tip, lambda: self._copy(cell, as_text))
            self._add(menu, "Copy state as JSON", "copy", tip, lambda: self._copy(cell, as_json))
            menu.addSeparator()
            let_go = self._add(menu, "Let it go", "close", "Unpick the cell (Esc)", lambda: self._picked.set(None))
            let_go.setEnabled(cell == self._picked.cell)
        menu.popup(at)

    def _add(self, menu: QMenu, text: str, icon_name: str, tip: str, act: Callable[[], object]) -> QAction:
        action = QAction(icon(icon_name), text, menu)
        action.setToolTip(tip)
        action.triggered.connect(lambda _checked: act())
        menu.addAction(action)
        return action

    def _look_inside(self, cell: Cell) -> None:
        self._picked.set(cell)
        self._raise_panel("inspector")

    def _fly_to(self, cell: Cell) -> None:
        self._picked.set(cell)
        self._picked.focus()

    def _isolate(self, cell: Cell) -> None:
        self._picked.set(cell)
        self._appearance.set_isolate(True)

    def _copy(self, cell: Cell | None, form: Callable[[dict[str, Any]], str]) -> None:
        observation, clipboard = self._display.observation, QGuiApplication.clipboard()
        if cell is None:
            self._notify(NO_CELL)
        elif observation is None or not all(at < side for at, side in zip(cell, observation.dimensions, strict=True)):
            self._notify("Nothing was copied: this cube was not looked at yet. Wait for its first picture.")
        elif clipboard is not None:
            clipboard.setText(form(cell_record(observation, cell, self._display.step)))
            self._notify(f"Copied the state of cell {cell_text(cell)}.")
