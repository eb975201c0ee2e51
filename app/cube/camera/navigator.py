"""Turns mouse movement into camera movement, and distinguishes a click from a drag."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from app.cube.camera.pose import Pose, half_view

_DEGREES_PER_SCREEN = 240.0
_ZOOM_PER_NOTCH = 0.86
_CLICK_RADIUS = 4.0
"""Logical pixels that the mouse may move in a click."""
NEAREST = 1.2
"""Cells from the eye to the target below which zooming flies ahead instead."""


class Drag(Enum):
    """What moving the mouse with a button down does."""

    ORBIT = "orbit"
    PAN = "pan"


@dataclass
class Navigator:
    """One gesture at a time. Positions are logical pixels."""

    width: int = 1
    height: int = 1
    _drag: Drag | None = None
    _last: tuple[float, float] = (0.0, 0.0)
    _travelled: float = 0.0

    @property
    def dragging(self) -> bool:
        """Whether a button is down and the mouse has moved too far for a click."""
        return self._drag is not None and self._travelled > _CLICK_RADIUS

    def press(self, x: float, y: float, drag: Drag) -> None:
        """Begin a gesture."""
        self._drag, self._last, self._travelled = drag, (x, y), 0.0

    def move(self, x: float, y: float, pose: Pose) -> Pose:
        """Return the pose after the mouse moved here; the same pose while it may still be a click."""
        if self._drag is None:
            return pose
        dx, dy = x - self._last[0], y - self._last[1]
        self._travelled += math.hypot(dx, dy)
        if not self.dragging:
            return pose
        self._last = (x, y)
        if self._drag is Drag.ORBIT:
            rate = _DEGREES_PER_SCREEN / min(self.width, self.height)
            return pose.orbited(-rate * dx, rate * dy)
        half_x, half_y = half_view(pose, self.width, self.height)
        return pose.panned(-2.0 * half_x * dx / self.width, 2.0 * half_y * dy / self.height)

    def release(self) -> bool:
        """End the gesture; returns whether it was a click."""
        clicked = self._drag is not None and not self.dragging
        self._drag = None
        return clicked

    @staticmethod
    def zoom(notches: float, pose: Pose) -> Pose:
        """Return the pose nearer by so many notches of the wheel; goes on through the cube when close."""
        return pose.dollied(_ZOOM_PER_NOTCH**notches, NEAREST)
