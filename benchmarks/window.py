"""What the window costs: training speed against headless, lateness of its event loop, and how soon it is there.

Every figure comes from a process of its own. For the speed two of them, headless and window, train in short turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.in_turns import SteppingProgram, rates_in_turns
from benchmarks.window_probes import PROBES, WARM_UP_STEPS, run_probe


def main(arguments: list[str]) -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks window", description=__doc__)
    parser.add_argument("--preset", default="debug")
    parser.add_argument("--seconds", type=float, default=10.0, help="time watched per window (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="windows that are watched (default %(default)s)")
    parser.add_argument("--turns", type=int, default=12, help="turns of headless and window (default %(default)s)")
    parser.add_argument("--turn-seconds", type=float, default=3.0, help="length of a turn (default %(default)s)")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="SECTION.KEY=VALUE")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    parser.add_argument("--probe", choices=sorted(PROBES), help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.probe is not None:
        run_probe(options)
        return 0
    rounds = [_measure("import-torch", options) | _measure("window", options) for _ in range(options.rounds)]
    with (
        SteppingProgram(_command("headless-steps", options)) as headless,
        SteppingProgram(_command("window-steps", options)) as window,
    ):
        for program in (headless, window):
            program.wait_for(WARM_UP_STEPS)
        for program in (headless, window):
            program.suspend()
        rates = rates_in_turns(headless, window, turns=options.turns, seconds=options.turn_seconds)
    result = summarise(rounds, rates)
    print(json.dumps(result, indent=2) if options.json else as_text(result))
    return 0


def summarise(rounds: Sequence[dict[str, float]], rates: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """Put the figures together: medians; ratios are taken within a round or a turn.

    Args:
        rounds: figures of the probes `import-torch` and `window`.
        rates: training steps per second, headless and beside the window, of each turn.
    """
    ratios = [beside / alone for alone, beside in rates]
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    figures = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    torch_seconds = [one["import_torch_seconds"] for one in rounds]
    for name in ("first_frame", "first_training_step"):
        seconds = [one[f"{name}_seconds"] for one in rounds]
        figures[f"{name}_over_import_torch"] = statistics.median(
            one / other for one, other in zip(seconds, torch_seconds, strict=True)
        )
    speed = {
        "headless_steps_per_second": statistics.median(alone for alone, _ in rates),
        "window_steps_per_second": statistics.median(beside for _, beside in rates),
        "window_over_headless": statistics.median(ratios),
        "window_over_headless_quartiles": [round(low, 3), round(high, 3)],
    }
    rounded = {name: value if isinstance(value, list) else round(value, 3) for name, value in (speed | figures).items()}
    return rounded | {"rounds": list(rounds), "rates": [list(pair) for pair in rates]}


def as_text(result: dict[str, Any]) -> str:
    """Return the figures as a table."""
    left_out = ("rounds", "rates")
    return "\n".join(
        f"{name.replace('_', ' '):<42}{value!s:>16}" for name, value in result.items() if name not in left_out
    )


def _command(name: str, options: argparse.Namespace) -> list[str]:
    settings = [part for text in options.settings for part in ("--set", text)]
    command = [sys.executable, "-m", "benchmarks", "window", "--probe", name, "--preset", options.preset]
    return [*command, "--seconds", str(options.seconds), *settings]


def _measure(name: str, options: argparse.Namespace) -> dict[str, float]:
    done = subprocess.run(_command(name, options), check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"the probe {name!r} failed:\n{done.stderr}")
    figures: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures
