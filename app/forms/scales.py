"""How a slider's travel maps to a setting's values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.forms.fields import FieldSpec

POSITIONS = 1000
"""Number of steps a slider is divided into."""

_WIDE = 50.0
"""From this ratio between the ends on, a slider moves in ratios instead of differences."""
_SPAN_WITHOUT_BOUND = 256


@dataclass(frozen=True)
class Scale:
    """A range for dragging; values outside it can still be typed, as far as the setting's bounds allow."""

    low: float
    high: float
    logarithmic: bool = False
    digits: int = 2
    """Significant digits that a dragged value is rounded to."""
    whole: bool = False

    @property
    def positions(self) -> int:
        """Number of steps of the slider: one per whole number where there are few."""
        return round(self.high - self.low) if self.whole and not self.logarithmic else POSITIONS

    def position(self, value: float) -> int:
        """Return the slider position 0..positions nearest to `value`; values outside land on the ends."""
        value = min(max(value, self.low), self.high)
        if self.logarithmic:
            if value <= self.low:
                return 0
            share = math.log(max(value, self._low_log()) / self._low_log()) / math.log(self.high / self._low_log())
        else:
            share = (value - self.low) / (self.high - self.low)
        return round(share * self.positions)

    def value(self, position: int) -> float:
        """Return the value at a slider position, rounded to something a person would type."""
        share = position / self.positions
        if position <= 0:
            return self.low
        if position >= self.positions:
            return self.high
        if self.logarithmic:
            raw = self._low_log() * (self.high / self._low_log()) ** share
            if not self.whole:
                return float(f"{raw:.{self.digits - 1}e}")
        else:
            raw = self.low + share * (self.high - self.low)
        if self.whole:
            return float(round(raw))
        step = 10.0 ** (round(math.log10(self.high - self.low)) - self.digits)
        rounded = round(raw / step) * step if step >= 1 else round(raw, round(-math.log10(step)))
        return min(max(rounded, self.low), self.high)

    def _low_log(self) -> float:
        # A logarithmic slider that starts at 0 has 0 at its very end and grows from a thousandth of its top.
        return self.low if self.low > 0 else self.high / 1e4


_SCALES: dict[str, Scale] = {
    "lattice.adaptive_radius_ratio": Scale(0.01, 1.0),
    "lattice.local_distance_ratio": Scale(0.01, 0.99),
    "lattice.functional_distance_ratio": Scale(0.01, 0.99),
    "lattice.distant_distance_ratio": Scale(0.01, 1.0),
    "lattice.lattice_steps": Scale(1, 24, whole=True),
    "model.state_size": Scale(2, 128, logarithmic=True, whole=True),
    "model.update_scale": Scale(0.01, 2.0),
    "optimizer.learning_rate": Scale(1e-5, 1e-1, logarithmic=True),
    "optimizer.weight_decay": Scale(0.0, 1.0, logarithmic=True),
    "optimizer.clip_norm": Scale(0.01, 100.0, logarithmic=True),
    "training_embedding.noise_sigma": Scale(0.0, 1.0, logarithmic=True),
    "training_embedding.batch_size": Scale(1, 1024, logarithmic=True, whole=True),
    "training_embedding.gpu_memory_reserve_gb": Scale(0.0, 80.0, whole=True),
    "training_embedding.validation_fraction": Scale(0.01, 0.5),
}
"""Ranges worth dragging through, where the bounds alone are too wide to be of use."""


def scale_for(spec: FieldSpec) -> Scale | None:
    """Return the slider scale of a setting; None if a slider makes no sense for it."""
    if spec.kind not in ("float", "int") or spec.optional:
        return None
    known = _SCALES.get(spec.key)
    if known is not None:
        return known
    if spec.key.startswith("training_embedding.loss_weights."):
        return Scale(0.0, 10.0, logarithmic=True)
    if not (math.isfinite(spec.minimum) and math.isfinite(spec.maximum)):
        return None
    whole = spec.kind == "int"
    if spec.maximum - spec.minimum > _SPAN_WITHOUT_BOUND * 4:
        return None
    wide = spec.minimum > 0 and spec.maximum / spec.minimum > _WIDE
    return Scale(spec.minimum, spec.maximum, logarithmic=wide and whole, whole=whole)
