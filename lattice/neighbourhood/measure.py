"""Measured times of engines, kept in the cache folder, so that each question is answered by a measurement only once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path

import torch

from lattice.atomic import atomic_path
from lattice.devices import card_seconds
from lattice.log import logger
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.parsing import parse_json
from lattice.paths import cache_folder
from lattice.tiers.fields import FieldShape
from lattice.tiers.shells import Tier

_MOST_BYTES = 1 << 26
"""Most memory of the fields that are tried."""
_MOST_ENTRIES = 500
_TRIES = 3
_CALLS_ON_A_CARD = 5
"""Calls between two events: the launch of the first one counts for little then."""
_WAKING_SECONDS = 0.05
_GENERATION = 4
"""Raised when an engine changes its speed, so that older measurements no longer count."""


def measurements_file() -> Path:
    """Return where measured times are kept."""
    return cache_folder() / "engine-times.json"


def tried_fields(stencils: Stencils, fields: FieldShape, dtype: torch.dtype) -> FieldShape:
    """Return the fields that a measurement uses in place of `fields`: fewer samples, then fewer channels, if need be.

    Their batch is a power of two, so that few sizes occur.
    """
    most = max(1, _MOST_BYTES // (stencils.cells * dtype.itemsize))
    channels = max(1, min(fields.channels, most))
    batch = max(1, min(fields.batch, most // channels))
    return FieldShape(channels, 1 << (batch.bit_length() - 1))


def key_of(stencils: Stencils, tier: Tier, fields: FieldShape, device: torch.device, dtype: torch.dtype) -> str:
    """Return the name under which the times of one question are kept."""
    shell = stencils.shells[tier]
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu x{torch.get_num_threads()}"
    cube = "x".join(str(side) for side in stencils.dimensions)
    made_by = f"engines {_GENERATION} | torch {torch.__version__}"
    return f"{made_by} | {where} | {cube} | {shell.inner}-{shell.outer} | {fields.channels}x{fields.batch} | {dtype}"


def remembered(key: str) -> dict[str, float]:
    """Return the seconds per field of each engine that was measured before; empty if none was."""
    return dict(_load().get(key, {}))


def remember(key: str, seconds: dict[str, float]) -> None:
    """Keep measured times; a cache that can't be written is left alone."""
    known = _load()
    known.pop(key, None)
    known[key] = seconds
    for oldest in list(known)[: max(0, len(known) - _MOST_ENTRIES)]:
        del known[oldest]
    try:
        with atomic_path(measurements_file()) as path:
            path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        logger.debug("measured engine times could not be kept in %s: %s", measurements_file(), error)


def seconds_per_field(engine: TierEngine, stencils: Stencils, tier: Tier, fields: FieldShape) -> float:
    """Return the best of a few timed means of random fields, in seconds per field.

    They are laid out as a student lays them out, so that an engine's copies count.
    """
    fields_FNB = torch.randn(fields.channels, stencils.cells, fields.batch, device=engine.device, dtype=engine.dtype)
    shares_N1 = torch.ones(stencils.cells, 1, device=engine.device, dtype=engine.dtype)
    call = partial(engine.channel_mean, fields_FNB, tier, shares_N1)
    call()
    if engine.device.type == "cuda":
        _wake(call, engine.device)
    return min(_timed(call, engine.device) for _ in range(_TRIES)) / fields.total


def _wake(call: Callable[[], object], device: torch.device) -> None:
    """Keep a card busy until its clock has risen, or whichever engine comes first would seem slow."""
    until = time.perf_counter() + _WAKING_SECONDS
    while time.perf_counter() < until:
        call()
        torch.cuda.synchronize(device)


def _timed(call: Callable[[], object], device: torch.device) -> float:
    if device.type == "cuda":

        def calls() -> None:
            for _ in range(_CALLS_ON_A_CARD):
                call()

        return card_seconds(calls, device) / _CALLS_ON_A_CARD
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _load() -> dict[str, dict[str, float]]:
    path = measurements_file()
    try:
        return dict(_parsed(path, path.stat().st_mtime_ns))
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int) -> dict[str, dict[str, float]]:
    """Return the file's content; what is no such table counts as empty."""
    del changed
    try:
        table = parse_json(path.read_text(encoding="utf-8"))
        return {
            str(key): {str(name): float(seconds) for name, seconds in times.items()} for key, times in table.items()
        }
    except (ValueError, AttributeError, TypeError, OverflowError):
        logger.debug("%s is no table of engine times and will be written again", path)
        return {}
