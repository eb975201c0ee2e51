"""Tier means and the training step over sides 8 to 100: milliseconds, time per cell, and how far from their floors.

Every cube is measured in a process of its own. A cube that would not fit in memory is left out, with the reason. What
must stay flat is the time per cell: between 16^3 and 64^3 a cell gains 60 times as many neighbours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.floors import Floor, Rates, measure_rates
from benchmarks.options import PLOT_EXTRA, make_parser, missing_extra, prepare, turns_of
from benchmarks.processes import Worker, WorkerError, best_turns
from benchmarks.timing import machine
from lattice.devices import free_memory_bytes
from lattice.units import bytes_text

FLAT_SIDES = (16, 64)
_PROCESS_BYTES = 300_000_000
"""Python and torch, before any cube."""
MOST_FLAT = 1.5
"""Time per cell at the larger side may be at most this many times that at the smaller."""
_TENSORS = 12
"""Fields, means and gradients of three tiers, and workspace, each as large as the fields."""


@dataclass(frozen=True)
class Point:
    """Figures of one cube."""

    side: int
    engine: str
    milliseconds: float
    nanoseconds_per_cell: float
    """Per cell and field of tier means; per cell, sample and lattice step of a training step."""
    floor_milliseconds: float
    peak_bytes: int
    edges: int | None = None


@dataclass(frozen=True)
class Curve:
    """One thing that was measured over sides."""

    name: str
    points: list[Point]
    left_out: dict[int, str]

    @property
    def flatness(self) -> float | None:
        """Time per cell at 64^3 over that at 16^3; None unless both were measured."""
        by_side = {point.side: point.nanoseconds_per_cell for point in self.points}
        if not all(side in by_side for side in FLAT_SIDES):
            return None
        small, large = (by_side[side] for side in FLAT_SIDES)
        return large / small


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("scaling", __doc__)
    parser.add_argument(
        "--sides", type=int, nargs="+", default=[8, 12, 16, 20, 24, 27, 32, 37, 48, 64, 80, 100], help="cells"
    )
    parser.add_argument("--fields", type=int, default=32, help="fields per cell of tier means (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=1, help="of training steps (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="most turns per cube (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time per cube (default: %(default)s)")
    parser.add_argument("--only", choices=("tier-means", "training-step"), help="measure one of the two")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the curves, as .svg or .png")
    options = parser.parse_args(arguments)
    if options.plot and (missing := missing_extra(PLOT_EXTRA, "matplotlib")):
        parser.error(f"--plot {missing}")
    device = prepare(options)
    rates = measure_rates(device, processor_time=options.processor_time)
    start = partial(Worker, threads=options.threads or torch.get_num_threads(), device=device.type)
    turns = turns_of(options)
    curves = []
    if options.only != "training-step":
        make = partial(start, "tier-means", fields=options.fields)
        predict = partial(_tier_means_bytes, options.fields)
        curves.append(
            measure(
                "tier means", options.sides, lambda side: make(side=side), predict, options.fields, rates, device, turns
            )
        )
    if options.only != "tier-means":
        batch = options.batch_size
        curves.append(
            measure(
                "training step",
                options.sides,
                lambda side: start("training-step", settings=training_settings(side, batch)),
                None,
                batch * TRAINING_STEPS,
                rates,
                device,
                turns,
            )
        )
    where = machine(device)
    if options.json:
        print(json.dumps(report(where, rates, curves)))
    else:
        print("\n".join(as_text(curve) for curve in curves))
        print(", ".join(f"{key} {value}" for key, value in where.items()) + f"; {rates.as_text()}")
    if options.plot:
        from benchmarks.plots import draw_scaling

        draw_scaling(report(where, rates, curves), options.plot)
    return 0


TRAINING_STEPS = 5
"""Lattice steps of the training step."""


def training_settings(side: int, batch_size: int) -> list[str]:
    """Return the settings of a cube with 32 floats per state and five lattice steps."""
    return [
        f"lattice.dimensions=[{side},{side},{side}]",
        f"lattice.lattice_steps={TRAINING_STEPS}",
        "model.state_size=32",
        f"training_embedding.batch_size={batch_size}",
    ]


def measure(
    name: str,
    sides: Sequence[int],
    start: Callable[[int], Worker],
    predict: Callable[[int], int] | None,
    values_per_cell: int,
    rates: Rates,
    device: torch.device,
    turns: dict[str, Any],
) -> Curve:
    """Measure one thing over sides, each in a process of its own.

    Args:
        name: what it is.
        sides: cells along each side, ascending.
        start: starts the worker of a side.
        predict: the memory that a side will need, in bytes; taken from the side before where it is None.
        values_per_cell: what the time per cell is divided by.
        rates: of the machine.
        device: where it runs.
        turns: handed on to `best_turns`.
    """
    points: list[Point] = []
    left_out: dict[int, str] = {}
    for side in sides:
        needed = predict(side) if predict else _bytes_from_last(points, side)
        free = free_memory_bytes(device)
        if needed > free:
            left_out[side] = f"needs about {bytes_text(needed)}, {bytes_text(free)} are free"
            continue
        with start(side) as worker:
            try:
                best = best_turns({name: worker}, **turns)[name]
            except WorkerError as error:
                left_out[side] = str(error)
                continue
            facts = worker.facts()
        points.append(
            Point(
                side=side,
                engine=facts["engine"],
                milliseconds=round(1e3 * best.seconds, 3),
                nanoseconds_per_cell=round(1e9 * best.seconds / side**3 / values_per_cell, 3),
                floor_milliseconds=round(Floor(facts["floor_bytes"], facts["floor_operations"]).milliseconds(rates), 3),
                peak_bytes=best.peak_bytes,
                edges=facts.get("edges"),
            )
        )
    return Curve(name, points, left_out)


def report(where: dict[str, str | int], rates: Rates, curves: Sequence[Curve]) -> dict[str, Any]:
    """Return all that was measured, ready for JSON."""
    return {
        "machine": where,
        "rates": asdict(rates),
        "curves": [{**asdict(curve), "flatness": curve.flatness} for curve in curves],
    }


def as_text(curve: Curve) -> str:
    """Return a curve as lines of a table."""
    lines = [
        curve.name,
        f"  {'side':>6}{'time':>16}{'per cell':>14}{'floor':>14}{'x floor':>10}{'peak memory':>14}  engine",
    ]
    for point in curve.points:
        lines.append(
            f"  {point.side:>6}{point.milliseconds:>13,.2f} ms{point.nanoseconds_per_cell:>11,.1f} ns"
            f"{point.floor_milliseconds:>11,.2f} ms{point.milliseconds / point.floor_milliseconds:>10.1f}"
            f"{point.peak_bytes / 1e9:>11.2f} GB  {point.engine}"
        )
    lines += [f"  {side:>6}  left out: {reason}" for side, reason in curve.left_out.items()]
    if curve.flatness is not None:
        verdict = "kept" if curve.flatness <= MOST_FLAT else "missed"
        lines.append(f"  time per cell at 64^3 over 16^3: {curve.flatness:.2f} (at most {MOST_FLAT}: {verdict})")
    return "\n".join(lines) + "\n"


def _tier_means_bytes(fields: int, side: int) -> int:
    return _TENSORS * 4 * side**3 * fields


def _bytes_from_last(points: Sequence[Point], side: int) -> int:
    """Return what a side will need if memory grows with the cells, from the largest cube so far."""
    if not points:
        return 0
    own = max(0, points[-1].peak_bytes - _PROCESS_BYTES)
    return _PROCESS_BYTES + own * side**3 // points[-1].side ** 3
