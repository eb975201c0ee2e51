"""Thousands of damaged checkpoints, settings and embeddings: each is used or refused in one readable line.

A case is a fault if it raises anything but the program's own errors, if its message has several lines, if it takes too
long or too much memory, if code out of the file is run, or if a checkpoint that was accepted ruins the weights with its
first update. Cases run in child processes, a few hundred in each, so that a crash is counted and not suffered:

    python tools/damage_campaign.py --cases 10000

Every case follows from its number and the seed alone: `--first N --cases 1` repeats one.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.damage.cases import KINDS, Outcome, Workbench  # noqa: E402 - found only with the path above

PIECE = 500
"""Cases in one child process."""
HANG_SECONDS = 1800.0
"""A child process that takes longer is ended, and counted as a hang."""


def run_piece(first: int, cases: int, seed: int, kinds: tuple[str, ...]) -> dict[str, object]:
    """Run cases in this process; return the counts of outcomes by kind, and the faults in words."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory(prefix="cellcube-damage-") as folder:
        bench = Workbench(Path(folder), seed)
        for number in range(first, first + cases):
            kind = kinds[number % len(kinds)]
            began = time.monotonic()
            outcome: Outcome = bench.run(kind, number)
            slowest = max(slowest, time.monotonic() - began)
            counts[f"{kind} {outcome.what}"] += 1
            if outcome.what == "fault":
                faults.append(f"case {number} ({kind}): {outcome.words}")
    return {"counts": counts, "faults": faults, "slowest_s": slowest}


def run_child(first: int, cases: int, seed: int, kinds: tuple[str, ...]) -> dict[str, object]:
    """Run cases in a child process; a crash or a hang of it is one fault."""
    command = [sys.executable, __file__, "--child", "--first", str(first), "--cases", str(cases), "--seed", str(seed)]
    environment = {**os.environ, "PYTHONFAULTHANDLER": "1", "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            [*command, "--kinds", *kinds],
            check=False,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return {"counts": {"hang": 1}, "faults": [f"cases from {first}: no end within {HANG_SECONDS:.0f} s"]}
    if done.returncode != 0:
        words = " / ".join(done.stderr.strip().splitlines()[-3:])
        return {"counts": {"crash": 1}, "faults": [f"cases from {first}: exit code {done.returncode}: {words}"]}
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> int:
    """Run the campaign; return 1 if anything was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=10_000, help="damaged files to try")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--seed", type=int, default=0, help="start of every random choice")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="what is damaged")
    parser.add_argument("--child", action="store_true", help="run the cases in this process and print JSON")
    options = parser.parse_args()
    kinds = tuple(options.kinds)
    logging.disable(logging.CRITICAL)
    if options.child:
        print(json.dumps(run_piece(options.first, options.cases, options.seed, kinds)))
        return 0
    total: Counter[str] = Counter()
    faults: list[str] = []
    began, slowest = time.monotonic(), 0.0
    for first in range(options.first, options.first + options.cases, PIECE):
        cases = min(PIECE, options.first + options.cases - first)
        result = run_child(first, cases, options.seed, kinds)
        total.update(result["counts"])  # type: ignore[arg-type]
        faults += result["faults"]  # type: ignore[operator]
        slowest = max(slowest, float(result.get("slowest_s", 0.0)))  # type: ignore[arg-type]
        print(f"{first + cases:,} cases after {time.monotonic() - began:.0f} s, {len(faults)} faults", flush=True)
    for line in faults:
        print(line)
    print(", ".join(f"{count:,} {what}" for what, count in sorted(total.items())) + f"; slowest {slowest:.2f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
