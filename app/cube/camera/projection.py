"""A pose seen through a picture of so many pixels: the numbers that the shader and the CPU pick share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.cube.camera.pose import Pose, half_view
from app.cube.state import Floats

_KEY_LIGHT = (-0.46, 0.66, 0.78)
"""Towards the key light, along the picture's right, up, and towards the viewer."""
_NEAR = 0.01
"""Cells in front of a perspective eye that are not drawn."""


@dataclass(frozen=True)
class Projection:
    """Maps voxel space to a picture of `width` x `height` pixels. Matrices act on row vectors, as in VisPy."""

    pose: Pose
    width: int
    height: int

    @cached_property
    def basis(self) -> tuple[Floats, Floats, Floats]:
        """Unit vectors to the picture's right, up, and into it."""
        return self.pose.axes()

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """Half extents of the picture at distance 1 (perspective) or anywhere (orthographic), in cells."""
        x, y = half_view(self.pose, self.width, self.height)
        return (x, y) if self.pose.orthographic else (x / self.pose.distance, y / self.pose.distance)

    @cached_property
    def eye(self) -> Floats:
        """Homogeneous eye: (position, 1), or (unit vector towards the viewer, 0) when orthographic."""
        if self.pose.orthographic:
            return np.array([*(-self.basis[2]), 0.0])
        return np.array([*self.pose.eye, 1.0])

    @cached_property
    def pixel(self) -> float:
        """Cell sides per pixel, at distance 1 when perspective."""
        return 2.0 * self.slopes[1] / self.height

    @cached_property
    def light(self) -> Floats:
        """Unit vector towards the key light, which rides with the camera."""
        right, up, forward = self.basis
        towards = _KEY_LIGHT[0] * right + _KEY_LIGHT[1] * up - _KEY_LIGHT[2] * forward
        return towards / np.linalg.norm(towards)

    @cached_property
    def clip(self) -> Floats:
        """4x4 matrix from voxel space to clip space. Depth serves only to clip what is behind the eye."""
        right, up, forward = self.basis
        x, y = self.slopes
        matrix = np.zeros((4, 4))
        matrix[:3, 0], matrix[:3, 1] = right / x, up / y
        origin = np.array(self.pose.target) if self.pose.orthographic else self.pose.eye
        if self.pose.orthographic:
            matrix[3, 3] = 1.0
        else:
            matrix[:3, 3], matrix[3, 3] = forward, -forward @ origin
            matrix[:, 2] = matrix[:, 3]
            matrix[3, 2] -= 2.0 * _NEAR
        matrix[3, 0], matrix[3, 1] = -origin @ matrix[:3, 0], -origin @ matrix[:3, 1]
        return matrix

    def ray(self, x: float, y: float) -> tuple[Floats, Floats]:
        """Return the origin and unit direction of the ray through a point of the picture.

        Args:
            x: Pixels from the left edge; the first pixel's centre is 0.5.
            y: Pixels from the top edge.
        """
        right, up, forward = self.basis
        aside = right * (2.0 * x / self.width - 1.0) * self.slopes[0]
        above = up * (1.0 - 2.0 * y / self.height) * self.slopes[1]
        if self.pose.orthographic:
            return np.array(self.pose.target) + aside + above, forward
        direction = forward + aside + above
        return self.pose.eye, direction / np.linalg.norm(direction)

    def project(self, points_P3: Floats) -> Floats:
        """Return where points of voxel space appear: pixels from the left and the top, and depth in cells, [P, 3].

        Depth is measured along the view from the eye (perspective) or from the target (orthographic).
        """
        points = np.atleast_2d(np.asarray(points_P3, float))
        clip = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ self.clip
        origin = np.array(self.pose.target) if self.pose.orthographic else self.pose.eye
        depth = (points - origin) @ self.basis[2]
        with np.errstate(divide="ignore", invalid="ignore"):
            ndc = clip[:, :2] / clip[:, 3:]
        left = (ndc[:, 0] + 1.0) * 0.5 * self.width
        top = (1.0 - ndc[:, 1]) * 0.5 * self.height
        return np.stack([left, top, depth], axis=1)
