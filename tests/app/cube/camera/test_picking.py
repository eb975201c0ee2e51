"""The CPU pick against two independent references: the shader's own picture of cell ids, and projected cells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.cube.camera.picking import crossings, half_gap, pick
from app.cube.camera.pose import Pose
from app.cube.camera.projection import Projection
from app.cube.state import VISIBLE_ALPHA, CubeState, Plane

DIMENSIONS = (9, 11, 14)


def full(_x, _y, _z):
    return 1.0


def sparse(seed=0, share=0.35, dimensions=DIMENSIONS):
    return np.random.default_rng(seed).random(dimensions) < share


def random_pose(rng, dimensions=DIMENSIONS, *, inside=False):
    distance = max(dimensions) * (rng.uniform(0.1, 0.3) if inside else rng.uniform(1.6, 4.0))
    target = np.array(dimensions) * rng.uniform(0.35, 0.65, 3)
    return Pose(
        tuple(target), rng.uniform(-180, 180), rng.uniform(-88, 88), distance, not inside and rng.random() < 0.3
    )


def random_state(rng, case):
    cell = tuple(int(rng.integers(0, side)) for side in DIMENSIONS)
    middle, normal = tuple(side / 2 for side in DIMENSIONS), tuple(rng.normal(size=3))
    state = CubeState(DIMENSIONS, gap=float(rng.choice([0.0, 0.14, 0.4])), shape=("box", "sphere")[case % 4 == 3])
    changes = (
        {},
        {"ranges": ((1, 7), (2, 11), (0, 9)), "cap": bool(case % 2), "surface_opacity": 0.02},
        {"planes": (Plane(middle, normal),)},
        {"planes": (Plane(middle, normal), Plane((4, 5, 3), (1, 0.5, 0))), "cut": True},
        {"picked": cell, "thresholds": (1.0, 2.3, 3.7), "surface_opacity": 0.3, "interior_opacity": 0.0},
        {"picked": cell, "thresholds": (1.0, 2.3, 3.7), "isolate": True},
        {"picked": cell, "thresholds": (1.0, 2.3, 3.7), "shells_visible": False, "surface_opacity": 0.0},
    )
    return replace(state, **changes[case % len(changes)])


def test_known_pixels_of_an_orthographic_view_along_an_axis():
    # Seen from +x: right is +y, up is +z; two pixels per cell.
    state = CubeState((3, 4, 5), gap=0.0)
    pose = Pose((1.5, 2.0, 2.5), 0.0, 0.0, 10.0, orthographic=True)
    height = 2 * 10.0 * np.tan(np.radians(16.0))
    view = Projection(pose, 400, 400)
    pixels = 400 / height
    for y in range(4):
        for z in range(5):
            at = (200 + (y + 0.5 - 2.0) * pixels, 200 - (z + 0.5 - 2.5) * pixels)
            assert pick(state, full, view, *at) == (2, y, z)
    assert pick(state, full, view, 200 - 2.2 * pixels, 200) is None
    assert pick(replace(state, ranges=((0, 2), (0, 4), (0, 5))), full, view, 203, 203) == (1, 2, 2)


def test_invisible_cells_are_looked_through():
    pose = Pose((1.5, 1.5, 1.5), 0.0, 0.0, 12.0)
    view = Projection(pose, 101, 101)
    glass = CubeState((3, 3, 3), surface_opacity=VISIBLE_ALPHA / 2)
    assert pick(glass, full, view, 50.5, 50.5) == (1, 1, 1)
    assert [c.cell for c in crossings(glass, full, view, 50.5, 50.5)] == [(2, 1, 1), (1, 1, 1), (0, 1, 1)]
    assert pick(CubeState((3, 3, 3)), lambda x, y, z: float(x == 0), view, 50.5, 50.5) == (0, 1, 1)


def test_the_gap_can_be_looked_through_and_closes_for_small_cells():
    view = Projection(Pose((1.0, 1.0, 1.0), 0.0, 0.0, 10.0, orthographic=True), 401, 401)
    assert pick(CubeState((2, 2, 2), gap=0.2), full, view, 200.5, 200.5) is None
    assert pick(CubeState((2, 2, 2), gap=0.0), full, view, 200.0, 200.0) is not None
    assert half_gap(0.2, 0.01) == pytest.approx(0.1)
    assert half_gap(0.2, 0.28) == pytest.approx(0.05)
    assert half_gap(0.2, 1.0) == 0.0


def test_isolated_pick_ignores_the_hull_and_finds_the_shells():
    state = CubeState((9, 9, 9), picked=(4, 4, 4), thresholds=(1.0, 1.5, 2.0), isolate=True)
    view = Projection(Pose((4.5, 4.5, 4.5), 0.0, 0.0, 40.0, orthographic=True), 201, 201)
    assert pick(state, full, view, 100.5, 100.5) == (6, 4, 4)
    assert pick(replace(state, shells_visible=False), full, view, 100.5, 100.5) == (4, 4, 4)
    assert pick(replace(state, picked=(4, 0, 0)), full, view, 100.5, 100.5) is None


@pytest.mark.parametrize("seed", range(6))
def test_each_projected_cell_is_among_the_cells_under_its_pixel(seed):
    rng = np.random.default_rng(seed)
    state = CubeState(DIMENSIONS, gap=0.1)
    view = Projection(random_pose(rng), 640, 480)
    cells = np.stack(np.meshgrid(*map(np.arange, DIMENSIONS), indexing="ij"), -1).reshape(-1, 3)
    for cell, (x, y, depth) in zip(cells, view.project(cells + 0.5), strict=True):
        if 0 <= x < 640 and 0 <= y < 480 and (view.pose.orthographic or depth > 1.5) and rng.random() < 0.15:
            found = list(crossings(state, full, view, x, y))
            assert tuple(cell) in [c.cell for c in found]
            distances = [c.distance for c in found]
            assert distances == sorted(distances)


@pytest.mark.parametrize("seed", range(8))
def test_nearest_projected_cell_is_picked_like_brute_force(seed):
    """Brute force: of all cells whose box the ray meets (slab test, no walk), the nearest."""
    rng = np.random.default_rng(100 + seed)
    filled = sparse(seed)
    state = CubeState(DIMENSIONS, gap=0.0)
    view = Projection(random_pose(rng), 500, 400)
    cells = np.argwhere(filled)
    for _ in range(60):
        x, y = rng.uniform(0, 500), rng.uniform(0, 400)
        origin, direction = view.ray(x, y)
        with np.errstate(divide="ignore"):
            a, b = (cells - origin) / direction, (cells + 1.0 - origin) / direction
        enter, leave = np.minimum(a, b).max(axis=1), np.maximum(a, b).min(axis=1)
        met = (enter < leave - 1e-6) & ((leave > 0) | view.pose.orthographic)
        expected = tuple(cells[met][enter[met].argmin()].tolist()) if met.any() else None
        found = pick(state, lambda *cell: float(filled[cell]), view, x, y)
        if found != expected:  # a ray along an edge may see either neighbour
            shrunk = np.minimum(a, b).max(axis=1) + 1e-4 < np.maximum(a, b).min(axis=1) - 1e-4
            assert not (met & shrunk).any() or found in {tuple(c) for c in cells[met].tolist()}


@pytest.mark.gl
@pytest.mark.parametrize("case", range(21))
def test_pick_matches_the_shader(view, case):
    """Every probed pixel of the picture of ids, for random cameras and settings; edges may round either way."""
    from app.cube.gl.renderer import ids_of

    rng = np.random.default_rng(case)
    filled = sparse(case, share=(0.35, 1.0)[case % 2])
    colors = np.full((*DIMENSIONS, 4), 128, np.uint8)
    colors[..., 3] = np.where(filled, 255, 0)
    state = random_state(rng, case)
    pose = random_pose(rng, inside=case % 5 == 4)
    size = (220, 180)
    ids = view.with_context(lambda: ids_of(colors, state, pose, *size))
    projection = Projection(pose, *size)
    wrong, far_off = 0, 0
    for _ in range(400):
        px, py = int(rng.integers(size[0])), int(rng.integers(size[1]))
        cell = pick(state, lambda *c: float(filled[c]), projection, px + 0.5, py + 0.5)
        expected = -1 if cell is None else cell[0] + DIMENSIONS[0] * (cell[1] + DIMENSIONS[1] * cell[2])
        if expected != ids[py, px]:
            wrong += 1
            near = ids[max(py - 1, 0) : py + 2, max(px - 1, 0) : px + 2]
            far_off += expected not in near
    assert wrong <= 4
    assert far_off == 0
    assert (ids >= 0).any()
