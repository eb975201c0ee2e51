"""Drawing long curves: our own reduction against pyqtgraph's ways, in one run.

One frame is: one new sample per curve, the new lines handed to the plot, and the plot painted. Six curves share
one plot of 900 x 300 pixels. `panel` is the program's whole curves panel with legend and marks.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch

from benchmarks.timing import machine

CURVES = 6
WIDTH, HEIGHT = 900, 300
FRAME_MILLISECONDS = 1000 / 30
"""Time of one frame at 30 frames per second."""
_OURS = "panel"

Frame = Callable[[], None]


@dataclass(frozen=True)
class Result:
    """Median milliseconds per frame by way of drawing, for curves of one length."""

    points: int
    zoom: str
    milliseconds: dict[str, float]


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code, 1 when the panel does not keep 30 frames per second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks curves", description=(__doc__ or "").strip())
    parser.add_argument("--points", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="points per curve")
    parser.add_argument("--seconds", type=float, default=2.0, help="time per way and length (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    results = [measure(points, zoom, options.seconds) for points in options.points for zoom in ("all", "last 2,000")]
    kept = all(result.milliseconds[_OURS] <= FRAME_MILLISECONDS for result in results)
    if options.json:
        figures = {"curves": CURVES, "size": [WIDTH, HEIGHT], "results": [asdict(result) for result in results]}
        print(json.dumps({"machine": machine(torch.device("cpu")), **figures, "thirty_frames_per_second": kept}))
    else:
        print(as_text(results))
        print(f"\nThe panel {'keeps' if kept else 'DOES NOT KEEP'} 30 frames per second at every length.")
    del application
    return 0 if kept else 1


def measure(points: int, zoom: str, seconds: float) -> Result:
    """Time every way of drawing curves of one length at one zoom."""
    rng = np.random.default_rng(0)
    data = np.cumsum(rng.normal(size=(CURVES, points)), axis=1) + rng.normal(size=(CURVES, points)) * 5
    makers: dict[str, Callable[[np.ndarray, str], tuple[Frame, Callable[[], None]]]] = {
        _OURS: panel,
        "pyqtgraph peak + clip": lambda data, zoom: pyqtgraph_plot(data, zoom, reduce=True),
        "pyqtgraph plain": lambda data, zoom: pyqtgraph_plot(data, zoom, reduce=False),
    }
    figures = {}
    for name, make in makers.items():
        frame, close = make(data, zoom)
        figures[name] = median_milliseconds(frame, seconds)
        close()
    return Result(points, zoom, figures)


def panel(data: np.ndarray, zoom: str) -> tuple[Frame, Callable[[], None]]:
    """Return the program's curves panel as a frame and what closes it."""
    from app.panels.curves import CurvesPanel

    widget = CurvesPanel()
    names = [f"loss.{index}" for index in range(CURVES)]
    points = data.shape[1]
    for name, row in zip(names, data, strict=True):
        widget.history.of(name).extend(np.arange(points), row)
    widget.mark_edit(points // 2, "learning rate 0.003 to 0.001")
    widget.show_plots(["loss"])
    widget.plot("loss").log_button.setChecked(False)
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    widget.redraw()
    if zoom != "all":
        widget.zoom_to(points - 2000, points)
        widget.set_following(True)
    step = points

    def frame() -> None:
        nonlocal step
        for name, row in zip(names, data, strict=True):
            widget.history.of(name).append(step, row[step % points])
        step += 1
        widget.redraw()
        widget.grab()

    return frame, widget.close


def pyqtgraph_plot(data: np.ndarray, zoom: str, *, reduce: bool) -> tuple[Frame, Callable[[], None]]:
    """Return a plain plot, or one with pyqtgraph's own reduction, as a frame and what closes it."""
    import pyqtgraph as pg

    widget = pg.PlotWidget()
    widget.resize(WIDTH, HEIGHT)
    widget.show()
    items = [widget.plot(pen=pg.mkPen(pg.intColor(index), width=1), skipFiniteCheck=True) for index in range(CURVES)]
    if reduce:
        for item in items:
            item.setDownsampling(auto=True, method="peak")
            item.setClipToView(True)
    points = data.shape[1]
    rows = [np.concatenate([row, row[: points // 4]]) for row in data]
    x = np.arange(len(rows[0]), dtype=float)
    step = points
    if zoom != "all":
        widget.setXRange(points - 2000, points, padding=0)

    def frame() -> None:
        nonlocal step
        step = step + 1 if step + 1 < len(x) else points
        for item, row in zip(items, rows, strict=True):
            item.setData(x[:step], row[:step])
        widget.grab()

    return frame, lambda: widget.close() and None


def median_milliseconds(frame: Frame, seconds: float, clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the median time of a frame by a clock, of at least three after the first."""
    frame()
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = clock()
        frame()
        times.append(clock() - start)
    return round(1000 * statistics.median(times), 2)


def as_text(results: list[Result]) -> str:
    """Return the results as a table."""
    names = list(results[0].milliseconds)
    lines = [
        f"milliseconds per frame, {CURVES} curves",
        f"{'points':>10}  {'shown':<12}" + "".join(f"{n:>24}" for n in names),
    ]
    for result in results:
        figures = "".join(f"{result.milliseconds[name]:>24.1f}" for name in names)
        lines.append(f"{result.points:>10,}  {result.zoom:<12}{figures}")
    return "\n".join(lines)
