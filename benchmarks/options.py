"""Options that every measured benchmark has, and what they do."""

from __future__ import annotations

import argparse
import importlib.util
from typing import Any

import torch

from lattice.devices import choose_device

PEERS_EXTRA = "bench-peers"
PLOT_EXTRA = "bench"


def make_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser with `--json`, `--threads`, `--processor-time` and `--device`."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks {name}", description=(description or "").strip())
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    parser.add_argument("--threads", type=int, help="threads of torch (default: its own choice)")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="one thread, timed by its use of the processor, for a busy machine",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="default: %(default)s")
    return parser


def prepare(options: argparse.Namespace) -> torch.device:
    """Set torch's threads as requested, compute in full float32, and return the device.

    Raises:
        DeviceError: CUDA was requested and is not there.
    """
    if options.processor_time:
        options.threads = 1
    if options.threads:
        torch.set_num_threads(options.threads)
    # A card's convolutions would round factors to ten bits, which no other candidate does.
    torch.backends.cudnn.allow_tf32 = False
    return choose_device(options.device)


def turns_of(options: argparse.Namespace) -> dict[str, Any]:
    """Return how candidates are to be timed, from `--rounds`, `--seconds` and `--processor-time`."""
    return {
        "rounds": options.rounds,
        "budget_seconds": options.seconds,
        "processor_time": options.processor_time,
    }


def missing_extra(extra: str, *modules: str) -> str | None:
    """Return which extra to install, and how, if one of its modules is not there; None if all are."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if not missing:
        return None
    return f"needs {' and '.join(missing)} from the extra '{extra}': pip install -c constraints.txt -e \".[{extra}]\""
