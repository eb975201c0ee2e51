"""The cube's ray-marched visual against VisPy's Markers, InstancedMesh and Volume, in one run.

One frame is: new colours for every cell, the camera turned a little, and everything drawn (glFinish). All draw the same
opaque cube, about equally large, into a picture of the same size. Needs a display; `xvfb-run` will do.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.timing import machine

Frame = Callable[[int], None]
SIZE = (900, 700)
_FIELD_OF_VIEW = 32.0
_OURS = "cellcube"


@dataclass(frozen=True)
class Result:
    """Figures of one cube."""

    side: int
    milliseconds: dict[str, float]
    """Best frame of each visual."""
    times_faster: dict[str, float]
    """How often slower than ours the others are."""


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code, 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cube-visual", description=(__doc__ or "").strip())
    parser.add_argument("--sides", type=int, nargs="+", default=[10, 27, 64, 128], help="cells along each side")
    parser.add_argument("--seconds", type=float, default=3.0, help="time per visual and side (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    import vispy
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    vispy.use("pyqt6", gl="gl+")
    vispy.set_log_level("error")
    where = machine(torch.device("cpu")) | _driver()
    results = [measure(side, options.seconds) for side in options.sides]
    growth = cost_growth(options.sides[0], options.sides[-1], options.seconds)
    slowest = next((r.times_faster["Markers"] for r in results if r.side == 64), math.inf)
    if options.json:
        figures = {"results": [asdict(result) for result in results], "growth": round(growth, 3), "size": SIZE}
        print(json.dumps({"machine": where, **figures}))
    else:
        print("\n".join(as_text(result) for result in results))
        print(f"{options.sides[-1]}^3 costs {growth:.2f} times what {options.sides[0]}^3 costs")
        print(", ".join(f"{k} {v}" for k, v in where.items()))
    application.processEvents()
    return 0 if growth <= 1.3 and slowest >= 40.0 else 1


def measure(side: int, seconds: float) -> Result:
    """Time all visuals on one cube, one after the other, ours before and after the others."""
    makers = {_OURS: _ours, "Markers": _markers, "InstancedMesh": _instanced, "Volume": _volume}
    best = {name: _best_milliseconds(make(side), seconds) for name, make in makers.items()}
    best[_OURS] = min(best[_OURS], _best_milliseconds(_ours(side), seconds))
    faster = {name: round(value / best[_OURS], 1) for name, value in best.items() if name != _OURS}
    return Result(side, {name: round(value, 2) for name, value in best.items()}, faster)


def cost_growth(small: int, large: int, seconds: float) -> float:
    """Return the cost of a large cube over that of a small one, frames taken in turns."""
    frames = (_ours(small), _ours(large))
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    turn = 0
    while time.perf_counter() < end or turn < 8:
        for frame, found in zip(frames, times, strict=True):
            found.append(_milliseconds(frame, turn))
        turn += 1
    return float(np.median(times[1][2:]) / np.median(times[0][2:]))


def as_text(result: Result) -> str:
    """Return one cube's figures as lines of a table."""
    lines = [f"{result.side}^3 cells"]
    for name, value in result.milliseconds.items():
        times = f"{result.times_faster[name]:8.1f} x ours" if name in result.times_faster else ""
        lines.append(f"  {name:<16}{value:>10.2f} ms per frame{times}")
    return "\n".join(lines)


def _best_milliseconds(frame: Frame, seconds: float) -> float:
    """Return the best of the frames that fit into the time, after one that is not counted; two at least."""
    _milliseconds(frame, 0)
    end, best, turn = time.perf_counter() + seconds, math.inf, 1
    while turn < 3 or time.perf_counter() < end:
        best = min(best, _milliseconds(frame, turn))
        turn += 1
    return best


def _milliseconds(frame: Frame, turn: int) -> float:
    from vispy import gloo
    from vispy.gloo import gl

    begun = time.perf_counter()
    frame(turn)
    gloo.flush()
    gl.glFinish()
    return (time.perf_counter() - begun) * 1000.0


def _color_frames(side: int) -> list[NDArray[np.uint8]]:
    """Return two sets of colours to take turns, uint8 [X, Y, Z, 4]."""
    frames = [np.random.default_rng(i).integers(60, 256, (side, side, side, 4), dtype=np.uint8) for i in (0, 1)]
    for frame in frames:
        frame[..., 3] = 255
    return frames


def _ours(side: int) -> Frame:
    """Draw the whole picture: ground, guides, cube and glow."""
    from app.cube.camera.pose import home
    from app.cube.gl.renderer import Renderer
    from app.cube.gl.target import Target
    from app.cube.state import CubeState
    from app.cube.view import CubeView

    view = CubeView()
    view.resize(64, 64)
    view.show()
    colors = _color_frames(side)
    pose = home((side, side, side), *SIZE)
    renderer, target = view.with_context(lambda: (Renderer(), Target()))
    renderer.cube.set_state(CubeState((side, side, side)))

    def draw(turn: int) -> None:
        target.resize(*SIZE)
        renderer.cube.set_colors(colors[turn % 2])
        turned = pose.orbited(2.0 * turn, 0.0)
        renderer.redraw_scene(target, turned, SIZE)
        renderer.finish(target, turned)

    return lambda turn: view.with_context(lambda: draw(turn))


def _scene(side: int) -> tuple[object, object]:
    from vispy import scene

    canvas = scene.SceneCanvas(keys=None, size=SIZE, show=True, autoswap=False, bgcolor="#0a0c10")
    box = canvas.central_widget.add_view()
    box.camera = scene.TurntableCamera(
        fov=_FIELD_OF_VIEW, distance=3.05 * side, center=(side / 2,) * 3, azimuth=35, elevation=24
    )
    canvas.app.process_events()
    return canvas, box


def _peer(canvas: object, box: object, recolor: Callable[[int], None]) -> Frame:
    def draw(turn: int) -> None:
        canvas.set_current()  # type: ignore[attr-defined]
        recolor(turn)
        box.camera.azimuth = 35 + 2.0 * turn  # type: ignore[attr-defined]
        canvas.events.draw(region=None)  # type: ignore[attr-defined]

    return draw


def _markers(side: int) -> Frame:
    from vispy import scene

    canvas, box = _scene(side)
    positions = np.argwhere(np.ones((side, side, side))).astype(np.float32)
    colors = [frame.reshape(-1, 4).astype(np.float32) / 255.0 for frame in _color_frames(side)]
    markers = scene.visuals.Markers(parent=box.scene, scaling="scene", spherical=True)  # type: ignore[attr-defined]

    def recolor(turn: int) -> None:
        markers.set_data(positions, face_color=colors[turn % 2], edge_width=0, size=0.9, symbol="disc")

    return _peer(canvas, box, recolor)


def _instanced(side: int) -> Frame:
    from vispy import scene
    from vispy.geometry import create_box

    canvas, box = _scene(side)
    vertices, faces, _ = create_box(0.86, 0.86, 0.86)
    positions = np.argwhere(np.ones((side, side, side))).astype(np.float32)
    colors = [frame.reshape(-1, 4).astype(np.float32) / 255.0 for frame in _color_frames(side)]
    mesh = scene.visuals.InstancedMesh(
        vertices["position"],
        faces,
        instance_colors=colors[0],
        instance_positions=positions,
        instance_transforms=np.repeat(np.eye(3, dtype=np.float32)[None], len(positions), axis=0),
        parent=box.scene,  # type: ignore[attr-defined]
    )
    mesh.set_gl_state("opaque", depth_test=True, cull_face=True)

    def recolor(turn: int) -> None:
        mesh.instance_colors = colors[turn % 2]

    return _peer(canvas, box, recolor)


def _volume(side: int) -> Frame:
    from vispy import scene

    canvas, box = _scene(side)
    fields = [frame[..., 0].astype(np.float32) / 255.0 for frame in _color_frames(side)]
    volume = scene.visuals.Volume(fields[0], method="translucent", clim=(0, 1), parent=box.scene)  # type: ignore[attr-defined]

    def recolor(turn: int) -> None:
        volume.set_data(fields[turn % 2])

    return _peer(canvas, box, recolor)


def _driver() -> dict[str, str]:
    from vispy import app
    from vispy.gloo import gl

    canvas = app.Canvas(keys=None, show=True, size=(64, 64))
    canvas.set_current()
    found = str(gl.glGetParameter(gl.GL_RENDERER))
    canvas.close()
    return {"graphics": found, "picture": "x".join(map(str, SIZE))}
