"""How many fields a tier averages at once."""

from __future__ import annotations

from typing import NamedTuple


class FieldShape(NamedTuple):
    """Fields that are averaged at once."""

    channels: int
    """What a cell sends."""
    batch: int
    """Samples."""

    @property
    def total(self) -> int:
        """Fields in all."""
        return self.channels * self.batch
