"""The camera's movement: at once, or along a short path in time."""

from __future__ import annotations

import time

from app.cube.camera.pose import Pose, between

_SECONDS = 0.45


class CameraFlight:
    """Where the camera stands, and where it is on its way to."""

    def __init__(self, pose: Pose) -> None:
        """Stand still at a pose."""
        self.pose = pose
        """Where the camera stands now."""
        self._path: tuple[Pose, Pose, float] | None = None

    @property
    def flying(self) -> bool:
        """Whether the camera is on its way."""
        return self._path is not None

    @property
    def destination(self) -> Pose:
        """Where the camera stands, or is on its way to."""
        return self._path[1] if self._path else self.pose

    def jump(self, pose: Pose) -> None:
        """Stand at a pose from now on."""
        self._path = None
        self.pose = pose

    def fly(self, pose: Pose) -> None:
        """Leave for a pose."""
        self._path = self.pose, pose, time.perf_counter()

    def stop(self) -> None:
        """Stay where the camera is."""
        self._path = None

    def advance(self) -> bool:
        """Go to where the camera should be at this time; return whether it was on its way."""
        if self._path is None:
            return False
        start, end, begun = self._path
        share = (time.perf_counter() - begun) / _SECONDS
        self.pose = between(start, end, share)
        if share >= 1.0:
            self._path = None
        return True
