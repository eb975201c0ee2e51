"""Which cell is under a point of the picture: the shader's walk, step by step, in float64 on the CPU."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from app.cube.camera.projection import Projection
from app.cube.state import (
    FADE_END,
    FADE_START,
    GHOST_ALPHA,
    SHELL_ALPHA,
    SHELL_SIZE,
    VISIBLE_ALPHA,
    Cell,
    CubeState,
    Floats,
)

OwnAlpha = Callable[[int, int, int], float]
"""A cell's own alpha, 0 to 1; 0 where there is no cell."""

_NUDGE = 1e-7


@dataclass(frozen=True)
class Crossing:
    """A cell that a ray meets, and how much of it shows."""

    cell: Cell
    distance: float
    """From the ray's origin, in cells."""
    alpha: float


def pick(state: CubeState, own_alpha: OwnAlpha, view: Projection, x: float, y: float) -> Cell | None:
    """Return the first visible cell at a point of the picture, None where there is only ground.

    Args:
        state: What is drawn.
        own_alpha: Alpha of each cell's colour.
        view: The camera and the picture's size in pixels.
        x: Pixels from the left edge; the first pixel's centre is 0.5.
        y: Pixels from the top edge.
    """
    for crossing in crossings(state, own_alpha, view, x, y):
        if crossing.alpha >= VISIBLE_ALPHA:
            return crossing.cell
    return None


def crossings(state: CubeState, own_alpha: OwnAlpha, view: Projection, x: float, y: float) -> Iterator[Crossing]:
    """Yield the cells at a point of the picture, front to back; cells that don't show at all are left out."""
    origin, direction = view.ray(x, y)
    ray = _Ray.through(state, view, origin, direction)
    if ray is None:
        return
    for cell, enter in ray.walk(state):
        alpha = opacity(state, own_alpha(*cell), cell, cell == ray.first_cell)
        if alpha > 0.0:
            yield Crossing(cell, enter, alpha)


@dataclass
class _Ray:
    origin: tuple[float, ...]
    direction: tuple[float, ...]
    start: float
    end: float
    blind: float
    gap: float
    first_cell: Cell = (0, 0, 0)

    @classmethod
    def through(cls, state: CubeState, view: Projection, origin: Floats, direction: Floats) -> _Ray | None:
        """Clip a ray to the visible box and the cutting planes; None when it misses."""
        direction = np.where(np.abs(direction) < 1e-9, 1e-9, direction)
        to_low, to_high = (np.array(state.low) - origin) / direction, (np.array(state.high) - origin) / direction
        start, end = float(np.minimum(to_low, to_high).max()), float(np.maximum(to_low, to_high).min())
        inside = start < 0.0 and not view.pose.orthographic
        start = 0.0 if inside else start
        reach = 1.0 if view.pose.orthographic else max(start, 1e-3)
        ray = cls(
            tuple(origin.tolist()),
            tuple(direction.tolist()),
            start,
            end,
            0.0 if inside else -math.inf,
            half_gap(state.gap, view.pixel * reach),
        )
        if state.cut:
            for plane in state.planes:
                ray._cut(plane.equation())
        return ray if ray.start < ray.end else None

    def _cut(self, plane: tuple[float, float, float, float]) -> None:
        along = sum(p * d for p, d in zip(plane, self.direction, strict=False))
        above = sum(p * o for p, o in zip(plane, self.origin, strict=False)) + plane[3]
        if along == 0.0:
            self.end = self.end if above >= 0.0 else -math.inf
        elif along > 0.0:
            if -above / along > self.start:
                self.start, self.blind = -above / along, -math.inf
        else:
            self.end = min(self.end, -above / along)

    def walk(self, state: CubeState) -> Iterator[tuple[Cell, float]]:
        """Yield each cell that the ray hits, gap left out, with the distance where it enters."""
        low, high = list(state.low), list(state.high)
        cell, leave = self._at(self.start, low, high)
        self.first_cell = (cell[0], cell[1], cell[2])
        pitch = [abs(1.0 / d) for d in self.direction]
        jump = _shell_box(state, self) if state.isolating else None
        while True:
            leaving = min(leave)
            enter, out = self._span(state, cell, leave, pitch)
            if enter < out and out > self.start and enter >= self.blind:
                yield (cell[0], cell[1], cell[2]), max(enter, self.start)
            if leaving >= self.end - _NUDGE:
                return
            if state.isolating:
                if jump is None or leaving >= jump.leave - _NUDGE:
                    return
                if leaving < jump.enter:
                    cell, leave = self._at(jump.enter, jump.low, jump.high)
                    continue
            for axis in range(3):
                if leave[axis] <= leaving:
                    cell[axis] += 1 if self.direction[axis] > 0 else -1
                    leave[axis] += pitch[axis]
            if any(not lo <= at < hi for at, lo, hi in zip(cell, low, high, strict=True)):
                return

    def _at(self, t: float, low: list[int], high: list[int]) -> tuple[list[int], list[float]]:
        """Return the cell at `t`, and where the ray leaves it through each axis."""
        cell = [
            min(max(math.floor(o + d * (t + _NUDGE)), lo), hi - 1)
            for o, d, lo, hi in zip(self.origin, self.direction, low, high, strict=True)
        ]
        leave = [(c + (d > 0) - o) / d for c, d, o in zip(cell, self.direction, self.origin, strict=True)]
        return cell, leave

    def _span(self, state: CubeState, cell: list[int], leave: list[float], pitch: list[float]) -> tuple[float, float]:
        """Return where the ray enters and leaves the cell's box or sphere; enters after it leaves when it misses."""
        gap = self.gap
        if state.isolating and (tier := state.tier_of((cell[0], cell[1], cell[2]))) is not None:
            gap = max(gap, 0.5 * (1.0 - SHELL_SIZE[tier]))
        if state.shape == "box":
            enter = max(at - step * (1.0 - gap) for at, step in zip(leave, pitch, strict=True))
            return enter, min(at - step * gap for at, step in zip(leave, pitch, strict=True))
        away = [o - c - 0.5 for o, c in zip(self.origin, cell, strict=True)]
        along = sum(a * d for a, d in zip(away, self.direction, strict=True))
        q = along * along - sum(a * a for a in away) + (0.5 - gap) ** 2
        return (-along - math.sqrt(q), -along + math.sqrt(q)) if q > 0.0 else (0.0, -math.inf)


@dataclass(frozen=True)
class _ShellBox:
    low: list[int]
    high: list[int]
    enter: float
    leave: float


def _shell_box(state: CubeState, ray: _Ray) -> _ShellBox | None:
    """Return the box around the picked cell's neighbours and where the ray crosses it; None when it misses."""
    picked, reach = state.picked or (0, 0, 0), state.reach
    low = [max(at - reach, lo) for at, lo in zip(picked, state.low, strict=True)]
    high = [min(at + reach + 1, hi) for at, hi in zip(picked, state.high, strict=True)]
    bounds = list(zip(low, high, ray.origin, ray.direction, strict=True))
    enter = max(((lo if d > 0 else hi) - o) / d for lo, hi, o, d in bounds)
    leave = min(((hi if d > 0 else lo) - o) / d for lo, hi, o, d in bounds)
    return _ShellBox(low, high, enter, leave) if enter < leave else None


def half_gap(gap: float, footprint: float) -> float:
    """Return half of the drawn gap: it closes where a cell covers only a few pixels."""
    share = min(max((footprint - FADE_START) / (FADE_END - FADE_START), 0.0), 1.0)
    return 0.5 * gap * (1.0 - share * share * (3.0 - 2.0 * share))


def opacity(state: CubeState, own: float, cell: Cell, first: bool) -> float:
    """Return how much of a cell shows, by the same rules as the shader."""
    centre = [at + 0.5 for at in cell]
    if not state.cut and any(
        sum(p * c for p, c in zip(plane.equation(), centre, strict=False)) + plane.equation()[3] < 0.0
        for plane in state.planes
    ):
        own = 0.0
    low, high = state.skin
    on_skin = any(at <= lo or at >= hi - 1 for at, lo, hi in zip(cell, low, high, strict=True))
    alpha = own * (state.surface_opacity if on_skin else state.interior_opacity)
    if state.picked is None:
        return alpha
    if cell == state.picked:
        return 1.0
    tier, there = state.tier_of(cell), own > 0.0
    if state.isolate:
        return float(there) if tier is not None else GHOST_ALPHA * (first and there)
    least = SHELL_ALPHA[tier] if tier is not None and there else 0.0
    return max(alpha, least)
