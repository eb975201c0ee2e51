"""The free plane of the cube panel: its switch, its angles, and its handle in the picture."""

from __future__ import annotations

import math

from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QCheckBox, QFormLayout

from app.cube.state import Plane, Vector
from app.cube.view import CubeView
from app.widgets.form_rows import free_slider, with_value

ASIDE = 18
"""Degrees by which the first plane is turned out of the picture's own plane, so that its cut still looks solid."""


class CuttingPlane(QObject):
    """Cuts the cube by one plane; the widgets hold the state, the cube and the handle follow them."""

    def __init__(self, cube: CubeView, parent: QObject | None = None) -> None:
        """Make the widgets, without a cut."""
        super().__init__(parent)
        self._cube = cube
        self._aimed = False
        self._grabbed = (0, 0, 0)
        self.on = QCheckBox("Cut by a plane")
        self.on.setToolTip("Hide the cells on one side of a plane; drag its handle in the picture to move it (K)")
        self.through = QCheckBox("Through cells")
        self.through.setToolTip("Cut cells in two at the plane; off hides whole cells by their centre")
        self.turn, self.tilt, self.shift = free_slider(0, 359, 35), free_slider(-90, 90, 20), free_slider(-100, 100, 0)
        self.turn.setToolTip("Direction of the plane's normal around z, in degrees")
        self.tilt.setToolTip("Direction of the plane's normal above the horizon, in degrees")
        self.shift.setToolTip("Place of the plane along its normal, in percent of the way from the middle to the end")
        self.dials = (self.turn, self.tilt, self.shift)
        self._parts = (self.through, *self.dials)
        self.on.toggled.connect(self._aim)
        for box in (self.on, self.through):
            box.toggled.connect(self._apply)
        for dial in self.dials:
            dial.valueChanged.connect(self._apply)
        for part in self._parts:
            part.setEnabled(False)
        handle = cube.plane_handle
        handle.grabbed.connect(self._grab)
        handle.moved.connect(self._move)
        handle.turned.connect(self._turn)

    def add_rows(self, form: QFormLayout) -> None:
        """Put the widgets into a form."""
        form.addRow("", self.on)
        form.addRow("", self.through)
        form.addRow("Turn", with_value(self.turn, "\N{DEGREE SIGN}"))
        form.addRow("Tilt", with_value(self.tilt, "\N{DEGREE SIGN}"))
        form.addRow("Shift", with_value(self.shift, " %"))

    def _aim(self, on: bool) -> None:
        """Turn the first plane so that its cut looks at the viewer; later ones stay where they were left."""
        if on and not self._aimed:
            self._aimed = True
            pose = self._cube.pose
            self.turn.setValue(round(pose.azimuth + 180.0 + ASIDE) % 360)
            self.tilt.setValue(round(-pose.elevation))

    def _apply(self) -> None:
        on = self.on.isChecked()
        for part in self._parts:
            part.setEnabled(on)
        if not on:
            self._cube.set_planes(())
            return
        normal, dimensions = self._normal, self._cube.state.dimensions
        shift = self.shift.value() / 100 * self._reach
        x, y, z = ((side - 1) / 2 + shift * part for side, part in zip(dimensions, normal, strict=True))
        self._cube.set_planes((Plane((x, y, z), normal),), cut=self.through.isChecked())

    @property
    def _normal(self) -> Vector:
        turn, tilt = math.radians(self.turn.value()), math.radians(self.tilt.value())
        return math.cos(tilt) * math.cos(turn), math.cos(tilt) * math.sin(turn), math.sin(tilt)

    @property
    def _reach(self) -> float:
        """Cells from the lattice's middle to where the plane just leaves the box: the ends of the slider."""
        sides = self._cube.state.dimensions
        return sum(abs(part) * side / 2 for part, side in zip(self._normal, sides, strict=True))

    def _grab(self) -> None:
        self._grabbed = self.turn.value(), self.tilt.value(), self.shift.value()

    def _move(self, cells: float) -> None:
        self.shift.setValue(round(self._grabbed[2] + 100 * cells / self._reach))

    def _turn(self, around: float, up: float) -> None:
        self.turn.setValue(round(self._grabbed[0] + around) % 360)
        self.tilt.setValue(round(self._grabbed[1] + up))
