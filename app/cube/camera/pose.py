"""Where the camera stands: a frozen value, presets, and motion between two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from app.cube.state import Floats

FIELD_OF_VIEW = 32.0
"""Degrees across the shorter side of the picture."""
HOME_AZIMUTH, HOME_ELEVATION = -56.0, 24.0
_MOST_ELEVATION = 90.0
_FILL = 0.80
"""Share of the picture's shorter side that the cube takes in a preset."""


@dataclass(frozen=True)
class Pose:
    """A turntable camera in voxel space (cell i spans i to i+1), z up."""

    target: tuple[float, float, float]
    azimuth: float
    """Degrees around z, counter-clockwise from the +x side as seen from above."""
    elevation: float
    """Degrees above the horizon, -90 to 90."""
    distance: float
    """From the eye to the target, in cells. Sets the scale of an orthographic picture, too."""
    orthographic: bool = False

    def axes(self) -> tuple[Floats, Floats, Floats]:
        """Return the unit vectors to the picture's right, up, and into it."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        forward = -np.array([math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)])
        right = np.array([-math.sin(a), math.cos(a), 0.0])
        return right, np.cross(right, forward), forward

    def orbited(self, azimuth: float, elevation: float) -> Pose:
        """Turn by degrees, without tipping over the poles."""
        tilt = min(max(self.elevation + elevation, -_MOST_ELEVATION), _MOST_ELEVATION)
        return replace(self, azimuth=(self.azimuth + azimuth + 180.0) % 360.0 - 180.0, elevation=tilt)

    def panned(self, right: float, up: float) -> Pose:
        """Move eye and target by cells along the picture's axes."""
        right_axis, up_axis, _ = self.axes()
        return replace(self, target=_triple(np.array(self.target) + right * right_axis + up * up_axis))

    def dollied(self, factor: float, nearest: float) -> Pose:
        """Multiply the distance; closer than `nearest` the target moves on instead, so the eye flies through."""
        distance = self.distance * factor
        if distance >= nearest or self.orthographic:
            return replace(self, distance=max(distance, 0.05))
        forward = self.axes()[2]
        ahead = np.array(self.target) + forward * (self.distance - distance)
        return replace(self, target=_triple(ahead), distance=max(self.distance, nearest))

    @property
    def eye(self) -> Floats:
        """Where the perspective eye stands."""
        return np.array(self.target) - self.distance * self.axes()[2]


def _triple(vector: Floats) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in vector)
    return x, y, z


def half_view(pose: Pose, width: int, height: int) -> tuple[float, float]:
    """Return the half extents of the picture, in cells, at the target's distance."""
    half = pose.distance * math.tan(math.radians(FIELD_OF_VIEW / 2))
    shorter = min(width, height)
    return half * width / shorter, half * height / shorter


def fitted(pose: Pose, dimensions: tuple[int, int, int], width: int, height: int) -> Pose:
    """Return the pose moved to where the whole lattice fills most of the picture, centred."""
    corners = np.array(np.meshgrid(*((0.0, float(side)) for side in dimensions))).reshape(3, 8).T
    centre = np.array(dimensions) / 2.0
    right, up, forward = pose.axes()
    seen = (corners - centre) @ np.stack([right, up, forward], axis=1)
    slope_x, slope_y = half_view(replace(pose, distance=1.0), width, height)
    across = np.maximum(np.abs(seen[:, 0]) / slope_x, np.abs(seen[:, 1]) / slope_y) / _FILL
    away = 0.0 if pose.orthographic else seen[:, 2]
    return replace(pose, target=_triple(centre), distance=float(np.max(across - away)))


def home(dimensions: tuple[int, int, int], width: int, height: int, *, orthographic: bool = False) -> Pose:
    """Return the pose that the program starts with."""
    start = Pose((0.0, 0.0, 0.0), HOME_AZIMUTH, HOME_ELEVATION, 1.0, orthographic)
    return fitted(start, dimensions, width, height)


def facing(axis: int, sign: int) -> tuple[float, float]:
    """Return azimuth and elevation for looking at the face on the + or - side of axis 0, 1 or 2."""
    if axis == 2:
        return -90.0, math.copysign(90.0, sign)
    return (0.0 if axis == 0 else 90.0) + (0.0 if sign > 0 else 180.0), 0.0


def between(start: Pose, end: Pose, share: float) -> Pose:
    """Return the pose at `share` (0 to 1) of the way, easing in and out, turning the short way round."""
    s = min(max(share, 0.0), 1.0)
    s = s * s * s * (s * (6.0 * s - 15.0) + 10.0)
    turn = (end.azimuth - start.azimuth + 180.0) % 360.0 - 180.0
    return Pose(
        _triple((1.0 - s) * np.array(start.target) + s * np.array(end.target)),
        start.azimuth + s * turn,
        start.elevation + s * (end.elevation - start.elevation),
        start.distance ** (1.0 - s) * end.distance**s,
        end.orthographic,
    )
