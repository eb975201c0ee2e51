"""One training step against CAX's three-dimensional neural cellular automaton in JAX: equal cells, channels and batch.

Each side runs in a process of its own with the same number of threads, bound to the same cores where the system
allows it, and they take turns. CAX's automaton hears the 3x3x3 cells around each cell through a learned depthwise
convolution; ours hears the means of three shells through three experts and a gate. `hidden` is the width of CAX's
update network: its own example has 256, our experts have 32.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial

import torch

from benchmarks.options import PEERS_EXTRA, make_parser, missing_extra, prepare
from benchmarks.processes import Worker, best_turns
from benchmarks.timing import machine

OURS = "cellcube"


@dataclass(frozen=True)
class Result:
    """Figures of one cube."""

    side: int
    channels: int
    batch_size: int
    steps: int
    engine: str
    milliseconds: dict[str, float]
    """Per training step."""
    ratio: dict[str, float]
    """How often faster ours is than each of CAX's."""
    parameters: dict[str, int]
    peak_bytes: dict[str, int]
    left_out: dict[str, str]


def main(arguments: list[str]) -> int:
    """Run the benchmark; return the exit code."""
    parser = make_parser("against-cax", __doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=[8], help="cells along each side")
    parser.add_argument("--channels", type=int, default=32, help="state size of both (default: %(default)s)")
    parser.add_argument("--batch-size", type=int, default=32, help="default: %(default)s")
    parser.add_argument("--steps", type=int, default=5, help="lattice steps (default: %(default)s)")
    parser.add_argument("--hidden", type=int, nargs="+", default=[32, 256], help="widths of CAX's update network")
    parser.add_argument("--rounds", type=int, default=5, help="most turns per candidate (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=30.0, help="time per candidate (default: %(default)s)")
    options = parser.parse_args(arguments)
    device = prepare(options)
    threads = options.threads or torch.get_num_threads()
    results = [
        measure(
            side,
            options.channels,
            options.batch_size,
            options.steps,
            hidden=options.hidden,
            device=device,
            threads=threads,
            rounds=options.rounds,
            seconds=options.seconds,
            processor_time=options.processor_time,
        )
        for side in options.sides
    ]
    if options.json:
        print(json.dumps({"machine": machine(device), "results": [asdict(result) for result in results]}))
    else:
        print("\n".join(as_text(result) for result in results))
        print(", ".join(f"{key} {value}" for key, value in machine(device).items()))
    return 0


def measure(
    side: int,
    channels: int,
    batch_size: int,
    steps: int,
    *,
    hidden: list[int],
    device: torch.device,
    threads: int,
    rounds: int,
    seconds: float,
    processor_time: bool,
) -> Result:
    """Time one training step of both sides in turns."""
    settings = [
        f"lattice.dimensions=[{side},{side},{side}]",
        f"lattice.lattice_steps={steps}",
        f"model.state_size={channels}",
        f"training_embedding.batch_size={batch_size}",
    ]
    start = partial(Worker, threads=threads, device=device.type)
    missing = missing_extra(PEERS_EXTRA, "cax", "jax")
    left_out = {"CAX": missing} if missing else {}
    with ExitStack() as stack:
        workers = {OURS: stack.enter_context(start("training-step", settings=settings))}
        for width in [] if missing else hidden:
            sizes = {"side": side, "channels": channels, "batch_size": batch_size, "steps": steps, "hidden": width}
            workers[f"CAX, hidden {width}"] = stack.enter_context(start("cax-training-step", **sizes))
            workers[f"CAX, hidden {width}"].facts()
        best = best_turns(workers, rounds=rounds, budget_seconds=seconds, processor_time=processor_time)
        facts = {name: worker.facts() for name, worker in workers.items()}
    return Result(
        side=side,
        channels=channels,
        batch_size=batch_size,
        steps=steps,
        engine=facts[OURS]["engine"],
        milliseconds={name: round(1e3 * timing.seconds, 2) for name, timing in best.items()},
        ratio={name: round(timing.seconds / best[OURS].seconds, 1) for name, timing in best.items() if name != OURS},
        parameters={name: known["parameters"] for name, known in facts.items()},
        peak_bytes={name: timing.peak_bytes for name, timing in best.items()},
        left_out=left_out,
    )


def as_text(result: Result) -> str:
    """Return one cube's figures as lines of a table."""
    lines = [
        f"{result.side}^3, {result.channels} channels, batch {result.batch_size}, {result.steps} lattice steps",
        f"  {'':<20}{'training step':>16}{'ours is faster':>18}{'peak memory':>14}{'weights':>12}",
    ]
    for name, milliseconds in result.milliseconds.items():
        ratio = f"{result.ratio[name]:.1f} x" if name in result.ratio else ""
        memory = f"{result.peak_bytes[name] / 1e9:.2f} GB"
        lines.append(f"  {name:<20}{milliseconds:>13,.1f} ms{ratio:>18}{memory:>14}{result.parameters[name]:>12,}")
    lines += [f"  {name:<20}left out: {reason}" for name, reason in result.left_out.items()]
    return "\n".join(lines) + "\n"
