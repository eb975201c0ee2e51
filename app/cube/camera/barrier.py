"""Keeps the wheel from taking the eye into a cell: from inside one there is nothing to see but its walls."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from app.cube.camera.navigator import NEAREST, Navigator
from app.cube.camera.picking import OwnAlpha, opacity
from app.cube.camera.pose import Pose
from app.cube.state import CubeState, Floats

BLOCKING_ALPHA = 0.5
"""Opacity from which a cell stops the eye; fainter ones are mist, which one may stand in."""
_AHEAD = 0.3
"""Cells that stay free between the eye and the cell that stopped it."""
_SAMPLES_PER_CELL = 12


def zoomed(state: CubeState, own_alpha: OwnAlpha, pose: Pose, notches: float) -> tuple[Pose, bool]:
    """Return the pose nearer by so many notches of the wheel, and whether a cell stopped it on the way.

    Backwards nothing is in the way, nor is anything for an eye that is inside a cell already, or in an orthographic
    picture, which has no eye.

    Args:
        state: what is drawn.
        own_alpha: alpha of each cell's colour.
        pose: where the camera stands.
        notches: of the wheel; positive brings it nearer.
    """
    wanted = Navigator.zoom(notches, pose)
    if pose.orthographic or notches <= 0.0 or blocked(state, own_alpha, pose.eye):
        return wanted, False
    forward = pose.axes()[2]
    travel = float((wanted.eye - pose.eye) @ forward)
    samples = math.ceil((travel + _AHEAD) * _SAMPLES_PER_CELL)
    for number in range(1, samples + 1):
        reach = number / _SAMPLES_PER_CELL
        if blocked(state, own_alpha, pose.eye + reach * forward):
            free = max(0.0, reach - 1.0 / _SAMPLES_PER_CELL - _AHEAD)
            return (_advanced(pose, free), True) if free < travel else (wanted, False)
    return wanted, False


def blocked(state: CubeState, own_alpha: OwnAlpha, point: Floats) -> bool:
    """Say whether a point of voxel space lies in a cell that hides what is behind it."""
    x, y, z = (math.floor(at) for at in point)
    if any(not low <= at < high for at, low, high in zip((x, y, z), state.low, state.high, strict=True)):
        return False
    if state.cut and any(np.dot(plane.equation(), [*point, 1.0]) < 0.0 for plane in state.planes):
        return False
    return opacity(state, own_alpha(x, y, z), (x, y, z), first=False) >= BLOCKING_ALPHA


def inside(state: CubeState, pose: Pose) -> bool:
    """Say whether the eye stands between the cells that are shown."""
    bounds = zip(pose.eye, state.low, state.high, strict=True)
    return not pose.orthographic and all(low < at < high for at, low, high in bounds)


def near_side(state: CubeState, pose: Pose, axis: int) -> int:
    """Return +1 if the + side of the lattice along an axis is turned towards the viewer, -1 if the - side is."""
    if pose.orthographic:
        towards = -float(pose.axes()[2][axis])
    else:
        towards = float(pose.eye[axis]) - state.dimensions[axis] / 2.0
    return -1 if towards < 0.0 else 1


def _advanced(pose: Pose, cells: float) -> Pose:
    """Return the pose with its eye so many cells farther ahead."""
    distance = max(pose.distance - cells, min(pose.distance, NEAREST))
    rest = cells - (pose.distance - distance)
    x, y, z = (np.array(pose.target) + rest * pose.axes()[2]).tolist()
    return replace(pose, target=(x, y, z), distance=distance)
