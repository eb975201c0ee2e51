"""Large cubes at batch 1: a forward pass of 27^3, 64^3 and 100^3, a training step of 64^3, and their peak memory.

Every case runs in a process of its own, so that its peak memory is its own. On the CPU that is resident memory, the
interpreter and torch included; on a GPU it is what torch allocated.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial

import torch

from benchmarks.floors import Floor, Rates, measure_rates
from benchmarks.options import make_parser, prepare, turns_of
from benchmarks.processes import Worker, WorkerError, best_turns
from benchmarks.scaling import TRAINING_STEPS, training_settings
from benchmarks.timing import machine


@dataclass(frozen=True)
class Case:
    """Figures of one cube, or why there are none."""

    work: str
    side: int
    batch_size: int
    engine: str = ""
    replayed: bool = False
    """Whether it came from a CUDA graph; of training steps that is not told."""
    milliseconds: float | None = None
    floor_milliseconds: float | None = None
    peak_bytes: int | None = None
    left_out: str | None = None


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("forward", __doc__)
    parser.add_argument("--sides", type=int, nargs="*", default=[27, 64, 100], help="cubes of the forward passes")
    parser.add_argument("--training-sides", type=int, nargs="*", default=[64], help="cubes of the training steps")
    parser.add_argument("--batch-size", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="most turns per cube (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="time per cube (default: %(default)s)")
    options = parser.parse_args(arguments)
    device = prepare(options)
    rates = measure_rates(device, processor_time=options.processor_time)
    start = partial(Worker, threads=options.threads or torch.get_num_threads(), device=device.type)
    turns = turns_of(options)
    wanted = [("forward", side) for side in options.sides]
    wanted += [("training-step", side) for side in options.training_sides]
    cases = []
    for work, side in wanted:
        with start(work, settings=training_settings(side, options.batch_size)) as worker:
            cases.append(measure(work, side, options.batch_size, worker, rates, turns))
        if not options.json:
            print(as_text(cases[-1]), flush=True)
    where = machine(device)
    if options.json:
        print(json.dumps({"machine": where, "rates": asdict(rates), "cases": [asdict(case) for case in cases]}))
    else:
        print(", ".join(f"{key} {value}" for key, value in where.items()) + f"; {rates.as_text()}")
    return 0


def measure(
    work: str, side: int, batch_size: int, worker: Worker, rates: Rates, turns: dict[str, int | float | bool]
) -> Case:
    """Time one worker alone."""
    try:
        timing = best_turns({work: worker}, **turns)[work]  # type: ignore[arg-type]
    except WorkerError as error:
        return Case(work, side, batch_size, left_out=str(error))
    facts = worker.facts()
    return Case(
        work,
        side,
        batch_size,
        engine=facts["engine"],
        replayed=facts.get("replayed", False),
        milliseconds=round(1e3 * timing.seconds, 2),
        floor_milliseconds=round(Floor(facts["floor_bytes"], facts["floor_operations"]).milliseconds(rates), 2),
        peak_bytes=timing.peak_bytes,
    )


def as_text(case: Case) -> str:
    """Return one line."""
    name = f"{case.work} {case.side}^3, batch {case.batch_size}, {TRAINING_STEPS} lattice steps"
    if case.milliseconds is None or case.floor_milliseconds is None or case.peak_bytes is None:
        return f"{name}: left out: {case.left_out}"
    from_graph = " from a CUDA graph" if case.replayed else ""
    return (
        f"{name}: {case.milliseconds:,.1f} ms by '{case.engine}'{from_graph}, floor {case.floor_milliseconds:,.1f} ms "
        f"({case.milliseconds / case.floor_milliseconds:.1f} x), peak memory {case.peak_bytes / 1e9:.2f} GB"
    )
