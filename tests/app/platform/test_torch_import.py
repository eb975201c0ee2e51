"""Torch, and what trains with it, comes without a collection, which would stop the window's thread."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import gc, sys
stops = []
gc.callbacks.append(lambda phase, info: stops.append(phase))
gc.collect()
stops.clear()
from app.platform.torch_import import load_training
assert "torch" not in sys.modules
before = len(stops)
load_training()
assert len(stops) == before, f"the collector ran {len(stops) - before} times"
assert "lattice.training.trainer" in sys.modules
frozen = gc.get_freeze_count()
assert frozen > 100_000, frozen
made = [[] for _ in range(1000)]
load_training()
assert gc.get_freeze_count() == frozen, "what a run made is not left out of collections"
"""


def test_training_is_imported_without_a_collection_and_once() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
