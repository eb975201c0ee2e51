"""The selection: one place that knows the picked cell, and reports it to the cube and the inspector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QObject, pyqtSignal

from app.cube.state import Cell
from app.cube.view import CubeView


class Selection(QObject):
    """Holds the picked cell; None while there is none."""

    changed = pyqtSignal(object)

    def __init__(self, cube: CubeView, parent: QObject | None = None) -> None:
        """Follow clicks in the cube."""
        super().__init__(parent)
        self._cube = cube
        self._cell: Cell | None = None
        cube.picked.connect(self.set)

    @property
    def cell(self) -> Cell | None:
        """The picked cell."""
        return self._cell

    def set(self, cell: Cell | None) -> None:
        """Pick a cell, or let it go; a cell outside the lattice counts as none."""
        if cell is not None and not self._cube.state.contains(cell):
            cell = None
        self._cell = cell
        self._cube.set_picked(cell)
        self.changed.emit(cell)

    def walk(self, right: int, up: int, into: int) -> None:
        """Go to the neighbour that lies in a direction of the picture.

        Args:
            right: +1 to the picture's right, -1 to its left.
            up: +1 up, -1 down.
            into: +1 away from the viewer, -1 towards them.
        """
        if self._cell is None:
            return
        directions = np.array(self._cube.pose.axes())
        x, y, z = (int(step) for step in lattice_step(directions, (right, up, into)))
        cell = (self._cell[0] + x, self._cell[1] + y, self._cell[2] + z)
        if self._cube.state.contains(cell):
            self.set(cell)

    def focus(self) -> None:
        """Fly to the picked cell."""
        if self._cell is not None:
            self._cube.focus_on(self._cell)


def lattice_step(directions: NDArray[np.float64], way: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return the unit step along a lattice axis that belongs to a direction of the picture, int [3].

    Each of the picture's three directions gets a lattice axis of its own, the best fitting pair first, so that
    right, up and into never mean the same axis.

    Args:
        directions: [3, 3]; rows are the picture's right, up and into, as vectors in the lattice.
        way: which of the three, with its sign; the others are 0.
    """
    fit = np.abs(directions).astype(float)
    axis_of = [0, 0, 0]
    for _ in range(3):
        row, axis = (int(index) for index in np.unravel_index(int(fit.argmax()), fit.shape))
        axis_of[row] = axis
        fit[row, :] = fit[:, axis] = -1.0
    step = np.zeros(3, dtype=np.int64)
    for row, sign in enumerate(way):
        if sign:
            step[axis_of[row]] = sign * (1 if directions[row, axis_of[row]] >= 0 else -1)
    return step
