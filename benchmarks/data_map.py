"""The data map with many samples: frames per second while it is moved and zoomed, and what a survey of them takes.

One frame is: the view moved or zoomed, and the plot painted at 940 x 260 pixels, the room it has in a window of
1600 x 1000. `scatter` is pyqtgraph's own ScatterPlotItem with the same points and colours.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from benchmarks.curves import FRAME_MILLISECONDS, median_milliseconds
from benchmarks.timing import machine

SIZE = (940, 260)
_OURS = "map"


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code, 1 when the map does not keep 30 frames per second."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks data-map", description=(__doc__ or "").strip())
    parser.add_argument("--points", type=int, default=100_000, help="samples (default: %(default)s)")
    parser.add_argument("--width", type=int, default=0, help="embedding width of a survey, 0: none (default)")
    parser.add_argument("--seconds", type=float, default=2.0, help="time per way of drawing (default: %(default)s)")
    parser.add_argument(
        "--processor-time", action="store_true", help="time by the use of the processor, for a busy machine"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    options = parser.parse_args(arguments)
    from PyQt6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    figures: dict[str, Any] = {"points": options.points, "size": list(SIZE)}
    figures["milliseconds_per_frame"] = frames(options.points, options.seconds, processor_time=options.processor_time)
    if options.width:
        figures["survey_seconds"] = surveyed(options.points, options.width)
    kept = figures["milliseconds_per_frame"][_OURS] <= FRAME_MILLISECONDS
    if options.json:
        report = {"machine": machine(torch.device("cpu")), **figures, "thirty_frames_per_second": kept}
        print(json.dumps(report))
    else:
        for name, milliseconds in figures["milliseconds_per_frame"].items():
            print(f"{name:<10}{milliseconds:>9.1f} ms per frame{1000 / milliseconds:>8.1f} frames/s")
        for name, seconds in figures.get("survey_seconds", {}).items():
            print(f"{name:<32}{seconds:>8.2f} s")
    del application
    return 0 if kept else 1


def frames(points: int, seconds: float, *, processor_time: bool = False) -> dict[str, float]:
    """Return the median milliseconds of a frame by way of drawing."""
    import pyqtgraph as pg

    from app.panels.data_map.plot import MapPlot

    clock = time.process_time if processor_time else time.perf_counter
    rng = np.random.default_rng(0)
    places = (rng.normal(size=(points, 2)) + rng.integers(0, 6, (points, 1))).astype(np.float32)
    classes = rng.integers(0, 8, points)
    colors = np.array([pg.intColor(index, 8).getRgb()[:3] for index in range(8)], dtype=np.float32)
    found = {}
    ours = MapPlot(str)
    ours.resize(*SIZE)
    ours.show()
    ours.set_points(places)
    ours.set_colors(np.ascontiguousarray(colors[classes].T), classes)
    found[_OURS] = median_milliseconds(_moving(ours, ours.box), seconds, clock)
    ours.close()
    theirs = pg.PlotWidget()
    theirs.resize(*SIZE)
    theirs.show()
    brushes = [pg.mkBrush(*color) for color in colors.tolist()]
    item = pg.ScatterPlotItem(x=places[:, 0], y=places[:, 1], size=3, pen=None, brush=[brushes[one] for one in classes])
    theirs.addItem(item)
    found["scatter"] = median_milliseconds(_moving(theirs, theirs.getViewBox()), seconds, clock)
    theirs.close()
    return found


def _moving(plot: Any, box: Any) -> Callable[[], None]:
    """Return a frame that moves the view to and fro, and zooms it a little in and out."""
    turns = itertools.cycle((1, 1, -1, -1))

    def frame() -> None:
        turn = next(turns)
        box.translateBy(x=0.02 * turn)
        box.scaleBy((1 + 0.03 * turn, 1 + 0.03 * turn))
        plot.grab()

    return frame


def surveyed(points: int, width: int) -> dict[str, float]:
    """Return the seconds of each part of a survey of random rows in ten groups."""
    from lattice.data.dataset import build_dataset
    from lattice.data.survey.findings import QUICK_ROWS
    from lattice.data.survey.near_duplicates import find_near_duplicates
    from lattice.data.survey.neighbours import nearest_cosines
    from lattice.data.survey.plane import principal_components
    from lattice.data.survey.rows import survey_rows

    generator = torch.Generator().manual_seed(0)
    rows = (
        torch.randn(points, width, generator=generator)
        + 0.7 * torch.randn(10, width, generator=generator)[torch.randint(0, 10, (points,), generator=generator)]
    )
    dataset = build_dataset(rows.half(), source="random")
    every, some = survey_rows(dataset, points), survey_rows(dataset, QUICK_ROWS)
    parts: dict[str, Callable[[], object]] = {
        "two principal components": lambda: principal_components(every),
        "near-duplicates, quick": lambda: find_near_duplicates(some),
        "near-duplicates, all": lambda: find_near_duplicates(every, 10**13),
        "nearest neighbours, a part": lambda: nearest_cosines(every),
    }
    found = {}
    for name, part in parts.items():
        began = time.perf_counter()
        part()
        found[name] = round(time.perf_counter() - began, 2)
    return found
