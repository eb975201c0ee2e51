"""Lines that give the cube a place: its wire box with the axes, the outlines of planes and of a cell."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from app.cube.camera.projection import Projection
from app.cube.color.looks import Color, Look
from app.cube.gl.lines import Segments
from app.cube.state import Cell, CubeState, Floats, Plane

BOX_MARGIN = 0.035
"""How far the wire box is from the cells, as a share of the lattice's longest side."""
_AXIS_SHARE = 0.30
"""Length of a coloured axis, as a share of the box's shortest side."""


def _edges() -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
    """Return the twelve edges of the unit cube, as pairs of corners."""
    corners = [(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    return [(a, b) for a in corners for b in corners if a < b and sum(i != j for i, j in zip(a, b, strict=True)) == 1]


EDGES = _edges()


def front_faces(view: Projection, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Return which faces of a box are turned towards the viewer, [axis, side]."""
    if view.pose.orthographic:
        towards = view.eye[:3]
        return np.stack([towards < -1e-9, towards > 1e-9], axis=1)
    eye = view.pose.eye
    return np.stack([eye < low, eye > high], axis=1)


def box_edges(view: Projection, low: Floats, high: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a box's edges [12, 2, 3], and which of them nothing inside the box can hide."""
    faces = front_faces(view, low, high)
    ends = np.array([[np.where(np.array(c), high, low) for c in edge] for edge in EDGES])
    front = np.array(
        [any(faces[axis, a[axis]] for axis in range(3) if a[axis] == b[axis]) for a, b in EDGES], dtype=bool
    )
    return ends, front


def box_guides(view: Projection, look: Look, dimensions: tuple[int, int, int]) -> tuple[Segments, Segments]:
    """Return the lattice's wire box and its axes: what is behind the cube, and what is in front of it."""
    margin = BOX_MARGIN * max(dimensions)
    low, high = np.full(3, -margin), np.array(dimensions) + margin
    ends, front = box_edges(view, low, high)
    colors = np.tile([*look.wire, look.wire_alpha], (len(ends), 1))
    wire = [_pick(ends, colors, ~front), _pick(ends, colors * (1, 1, 1, 1.15), front)]
    length = _AXIS_SHARE * min(dimensions)
    for axis in range(3):
        edge = next(i for i, (a, b) in enumerate(EDGES) if a == (0, 0, 0) and b[axis] == 1)
        tip = low.copy()
        tip[axis] += length
        line = Segments(np.array([[low, tip]]), np.array([[*look.axes[axis], 0.95]]))
        wire[int(front[edge])] += line
    return wire[0], wire[1]


def plane_guides(view: Projection, state: CubeState, color: Color) -> tuple[Segments, Segments]:
    """Return the outlines of the free planes on the lattice's box: behind, and in front of the cube."""
    low, high = np.zeros(3), np.array(state.dimensions, float)
    faces = front_faces(view, low, high)
    ends: tuple[list[Floats], list[Floats]] = ([], [])
    for plane in state.planes:
        for axis, side in product(range(3), (0, 1)):
            level = (low, high)[side][axis]
            crossing = _crossing(plane, axis, level, low, high)
            if crossing is not None:
                ends[int(faces[axis, side])].append(crossing)
    behind, before = (
        Segments(np.array(lines).reshape(-1, 2, 3), np.tile([*color, 0.8], (len(lines), 1))) for lines in ends
    )
    return behind, before


def cell_outline(view: Projection, cell: Cell, color: Color, alpha: float) -> Segments:
    """Return the edges of one cell that face the viewer."""
    low = np.array(cell, float)
    ends, front = box_edges(view, low, low + 1.0)
    return _pick(ends, np.tile([*color, alpha], (len(ends), 1)), front)


def _pick(ends: Floats, colors: Floats, keep: NDArray[np.bool_]) -> Segments:
    return Segments(ends[keep], colors[keep])


def _crossing(plane: Plane, axis: int, level: float, low: Floats, high: Floats) -> Floats | None:
    """Return where a plane crosses one face of a box, as two points, or None."""
    normal, offset = np.array(plane.equation()[:3]), plane.equation()[3]
    u, v = (a for a in range(3) if a != axis)
    points: list[Floats] = []
    for run, fixed in ((u, v), (v, u)):
        for stop in (low[fixed], high[fixed]):
            if abs(normal[run]) < 1e-9:
                continue
            point = np.zeros(3)
            point[axis], point[fixed] = level, stop
            point[run] = -(offset + normal @ point) / normal[run]
            if low[run] - 1e-9 <= point[run] <= high[run] + 1e-9:
                points.append(point)
    if len(points) < 2:
        return None
    far = max(points[1:], key=lambda p: float(np.linalg.norm(p - points[0])))
    return np.array([points[0], far]) if np.linalg.norm(far - points[0]) > 1e-6 else None
