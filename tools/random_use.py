"""What a person might do in the window, one thing at random after another: the soak and a test share it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QDialog, QMenu

if TYPE_CHECKING:
    from app.window.main_window import MainWindow

KEYS = (
    Qt.Key.Key_Space,
    Qt.Key.Key_Right,
    Qt.Key.Key_Left,
    Qt.Key.Key_Up,
    Qt.Key.Key_Escape,
    Qt.Key.Key_P,
    Qt.Key.Key_O,
    Qt.Key.Key_X,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_BracketLeft,
    Qt.Key.Key_BracketRight,
)
LEFT_OUT = frozenset({"quit", "full_screen"})
"""Actions that end the use, or that need a window manager."""


class RandomUse:
    """Uses one window at random: the same seed does the same things, though training goes on beside them."""

    def __init__(self, window: MainWindow, seed: int, left_out: frozenset[str] = LEFT_OUT) -> None:
        """Use `window`; `left_out` are the ids of the actions that are never triggered."""
        self.window, self.rng = window, random.Random(seed)
        self._ids = [id_ for id_ in window.actions_ if id_ not in left_out]
        self.doings: list[Callable[[], None]] = [
            self.trigger,
            self.trigger,
            self.trigger,
            self.pick,
            self.edit,
            self.scrub,
            self.watch,
            self.click,
            self.appearance,
            self.key,
        ]

    def act(self) -> str:
        """Do one thing; return its name."""
        doing = self.rng.choice(self.doings)
        doing()
        return doing.__name__

    def trigger(self) -> None:
        """Trigger an action of the menus."""
        self.window.actions_[self.rng.choice(self._ids)].trigger()

    def pick(self) -> None:
        """Pick a cell, or one beside the cube."""
        sides = self.window.cube.state.dimensions
        self.window.picked.set(tuple(self.rng.randrange(-1, side + 1) for side in sides))

    def edit(self) -> None:
        """Apply another value of a setting."""
        rng, summary = self.rng, self.window.controller.summary
        if summary is None:
            return
        side = rng.randrange(1, 6)
        changes = rng.choice(
            [
                {"lattice.dimensions": (side, rng.randrange(1, 6), side)},
                {"lattice.lattice_steps": rng.randrange(1, 7)},
                {"lattice.adaptive_radius_ratio": rng.uniform(0.1, 1.0)},
                {"model.state_size": rng.randrange(2, 9)},
                {"optimizer.learning_rate": rng.uniform(1e-4, 1e-2)},
            ]
        )
        self.window.controller.apply(summary.config.replaced(changes))

    def scrub(self) -> None:
        """Show another lattice step."""
        self.window.timeline.set_step(self.rng.randrange(8))

    def watch(self) -> None:
        """Watch another sample."""
        self.window.sample_panel.sample_wanted.emit(self.rng.randrange(40))

    def click(self) -> None:
        """Click into the cube or onto what lies over it."""
        cube = self.window.cube
        point = QPoint(self.rng.randrange(cube.width()), self.rng.randrange(cube.height()))
        target = cube.childAt(point) or cube
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=target.mapFrom(cube, point))

    def appearance(self) -> None:
        """Move a slider and switch something in the panel of the cube's looks."""
        panel, rng = self.window.appearance, self.rng
        rng.choice([panel.surface, panel.interior, panel.gap, *panel.cutting.dials]).setValue(rng.randrange(0, 60))
        rng.choice([panel.cutting.on, panel.cutting.through, panel.spheres, panel.isolate, panel.lock]).toggle()
        rng.choice(panel.slices).set_range(rng.randrange(6), rng.randrange(6))

    def key(self) -> None:
        """Press a key in the cube."""
        self.window.cube.setFocus()
        QTest.keyClick(self.window.cube, self.rng.choice(KEYS))


def close_dialogs() -> None:
    """Close every dialog and menu that is open, as by Escape."""
    for widget in QApplication.topLevelWidgets():
        if isinstance(widget, QDialog) and widget.isVisible():
            widget.reject()
        elif isinstance(widget, QMenu) and widget.isVisible():
            widget.close()
