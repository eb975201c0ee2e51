"""Which engine computes which tier: the fastest of those that fit in memory.

On a processor the engines' own estimates (`nanoseconds`) decide where they differ clearly; where they don't, and always
on a graphics card, a quick measurement does, and is kept for the next time. Both ask for one tier at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import torch

from lattice.config.lattice import EngineName
from lattice.devices import free_memory_bytes
from lattice.errors import DeviceError, TierMemoryError
from lattice.geometry import Dimensions
from lattice.neighbourhood.base import Stencils, TierEngine
from lattice.neighbourhood.engines import ENGINES, BuiltEngine, check_fits, fits, obstacle, refusal
from lattice.neighbourhood.kernel import kernel_for, kernel_problem
from lattice.neighbourhood.measure import key_of, remember, remembered, seconds_per_field, tried_fields
from lattice.neighbourhood.mixed import MixedEngine
from lattice.tiers.fields import FieldShape
from lattice.tiers.shells import Tier
from lattice.units import milliseconds_text

Fields: TypeAlias = Mapping[Tier, FieldShape]
"""What each tier will average at once."""

_USUAL_FIELDS = FieldShape(channels=32, batch=1)
_MOST_DENSE_CELLS = 1 << 12
"""Up to here a whole matrix is worth a try on a graphics card: 16^3."""
_CLEARLY = 3.0
"""Estimates that differ by this factor need no measurement."""


@dataclass(frozen=True)
class Choice:
    """What `auto` takes."""

    engines: dict[Tier, BuiltEngine]
    """Per live tier."""
    reason: str
    """One sentence without a full stop."""
    bytes: int
    """Memory of the stencils as they will be built."""
    fits: bool
    """Whether they can be built within the limit."""
    together: BuiltEngine | None = None
    """The one engine that is built for all tiers at once; None: each tier has an engine of its own."""

    @property
    def name(self) -> str:
        """The engine, or the engines in the order of the tiers."""
        return " + ".join(dict.fromkeys(self.engines.values())) or "sparse"


def build_engine(
    stencils: Stencils,
    name: EngineName,
    device: torch.device,
    dtype: torch.dtype,
    memory_limit_bytes: int | None,
    fields: Fields | None = None,
) -> tuple[TierEngine, str, str]:
    """Build the named engine, or what `auto` chooses; return it with its name and the reason for the choice.

    Raises:
        TierMemoryError: if the stencils would take more than the limit.
        DeviceError: if the named engine can't work on the device.
    """
    limit = free_memory_bytes(device) // 2 if memory_limit_bytes is None else memory_limit_bytes
    if device.type == "cpu" and name in ("auto", "compiled"):
        # From now on it is known whether there can be one.
        kernel_for(dtype)
    if name != "auto":
        if why := obstacle(name, device):
            raise DeviceError(why)
        check_fits(stencils, name, dtype, limit)
        return ENGINES[name](stencils, device, dtype), name, "asked for by the settings"
    choice = choose_engines(stencils, dtype, limit, device=device, fields=fields, measure=True)
    if not choice.fits:
        raise TierMemoryError(refusal(stencils, smallest(stencils, dtype, device), dtype, limit))
    if choice.together is not None:
        return ENGINES[choice.together](stencils, device, dtype), choice.name, choice.reason
    built = {tier: ENGINES[engine](stencils.only(tier), device, dtype) for tier, engine in choice.engines.items()}
    return MixedEngine(built, device, dtype), choice.name, choice.reason


def choose_engines(
    stencils: Stencils,
    dtype: torch.dtype,
    memory_limit_bytes: int,
    *,
    device: torch.device | None = None,
    fields: Fields | None = None,
    measure: bool = False,
) -> Choice:
    """Return the engine that `auto` takes for each live tier, and why.

    Args:
        stencils: the lattice.
        dtype: of the fields.
        memory_limit_bytes: for the stencils of all tiers together.
        device: where they will live; the processor if None.
        fields: what each tier will average at once.
        measure: whether an open question may be measured now; else only earlier measurements count.
    """
    if not stencils.shells:
        return Choice({}, "no tier has neighbours, so there is nothing to compute", 0, fits=True, together="sparse")
    device = device or torch.device("cpu")
    engines: dict[Tier, BuiltEngine] = {}
    reasons: dict[str, list[str]] = {}
    left = memory_limit_bytes
    for tier in stencils.shells:
        alone = stencils.only(tier)
        count = (fields or {}).get(tier, _USUAL_FIELDS)
        question = _Question(alone, tier, count, device, dtype, left)
        engines[tier], reason = question.answer(measure=measure)
        reasons.setdefault(reason, []).append(tier)
        left -= ENGINES[engines[tier]].bytes_needed(alone, dtype)
    if left < 0:
        # The first tiers took what the last one needs: everything as small as can be.
        engines = {tier: smallest(stencils.only(tier), dtype, device) for tier in stencils.shells}
        reasons = {"the smallest engine, because memory is short": list(engines)}
    needed = sum(ENGINES[engine].bytes_needed(stencils.only(tier), dtype) for tier, engine in engines.items())
    reason = "; ".join(f"{' and '.join(tiers)} by {reason}" for reason, tiers in reasons.items())
    only = next(iter(engines.values()))
    # Built together tiers can share work, but transforms pad all of them for the farthest.
    together = only if len(set(engines.values())) == 1 and fits(stencils, only, dtype, memory_limit_bytes) else None
    fit = needed <= memory_limit_bytes
    if fit and together is not None:
        needed = ENGINES[together].bytes_needed(stencils, dtype)
    return Choice(engines, reason, needed, fit, together)


def smallest(stencils: Stencils, dtype: torch.dtype, device: torch.device) -> BuiltEngine:
    """Return the engine that `auto` takes where memory is short."""
    return min(candidates(device, stencils.cells), key=lambda name: ENGINES[name].bytes_needed(stencils, dtype))


def candidates(device: torch.device, cells: int) -> tuple[BuiltEngine, ...]:
    """Return the engines that `auto` picks from on a device, for a lattice of so many cells.

    The compiled kernel does what `sparse` does, and faster except in lattices a few cells thick, where all is quick;
    where there is one, `sparse` is not asked.
    """
    if device.type == "cuda":
        return ("sparse", "fft", "dense") if cells <= _MOST_DENSE_CELLS else ("sparse", "fft")
    return ("sparse" if kernel_problem() else "compiled"), "fft"


@lru_cache(maxsize=64)
def expected_nanoseconds(dimensions: Dimensions, thresholds: tuple[float, float, float]) -> dict[Tier, float]:
    """Return the estimated time of one neighbour sum of one field per live tier, by the processor's quickest engine."""
    stencils = Stencils.of(dimensions, thresholds)
    engines = [ENGINES[name] for name in candidates(torch.device("cpu"), stencils.cells)]
    return {tier: min(engine.nanoseconds(stencils.only(tier)) for engine in engines) for tier in stencils.shells}


@dataclass(frozen=True)
class _Question:
    """Which engine to take for one tier."""

    stencils: Stencils
    """Of that tier alone."""
    tier: Tier
    fields: FieldShape
    device: torch.device
    dtype: torch.dtype
    limit: int

    def answer(self, *, measure: bool) -> tuple[BuiltEngine, str]:
        wanted = candidates(self.device, self.stencils.cells)
        fitting = [name for name in wanted if fits(self.stencils, name, self.dtype, self.limit)]
        estimates = {name: 1e-9 * ENGINES[name].nanoseconds(self.stencils) for name in wanted}
        if len(fitting) < 2:
            # Where nothing fits, the sum over the tiers shows it.
            return (fitting or ["fft"])[0], "the only engine that fits in memory"
        first, second, *_ = sorted(estimates[name] for name in fitting)
        if self.device.type == "cpu" and second > _CLEARLY * first:
            return _fastest({name: estimates[name] for name in fitting}, "estimate")
        key = key_of(self.stencils, self.tier, self._tried, self.device, self.dtype)
        known = remembered(key)
        times = {name: known[name] for name in fitting if name in known}
        if len(times) < len(fitting):
            if not measure:
                return _fastest({name: estimates[name] for name in fitting}, "estimate")
            times = {name: self._measured(name) for name in fitting}
            remember(key, {str(name): seconds for name, seconds in times.items()})
        return _fastest(times, "measurement")

    @property
    def _tried(self) -> FieldShape:
        return tried_fields(self.stencils, self.fields, self.dtype)

    def _measured(self, name: BuiltEngine) -> float:
        engine = ENGINES[name](self.stencils, self.device, self.dtype)
        return seconds_per_field(engine, self.stencils, self.tier, self._tried)


def _fastest(seconds: Mapping[BuiltEngine, float], source: str) -> tuple[BuiltEngine, str]:
    """Return the fastest engine and the figures behind it."""
    ranked = sorted(seconds, key=lambda name: seconds[name])
    figures = [f"{name} {milliseconds_text(1e3 * seconds[name])}" for name in ranked]
    return ranked[0], f"{source} ({', '.join(figures)} per field)"
