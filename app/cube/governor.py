"""Picks the resolution that the cube is drawn at while it moves, so that slow graphics stay fluent."""

from __future__ import annotations

SCALES = (2.0, 1.0, 0.75, 0.5)
"""Pixels drawn per pixel shown, along each axis; 2 smooths every frame."""
SLOW_MS = 40.0
"""Frames above this are too slow."""
_ROOMY_MS = 26.0
"""A finer scale is tried when it should stay below this."""
_SMOOTH_MS = 13.0
"""The same for scale 2, which is a luxury."""
_SLOW_FRAMES = 3
_FAST_FRAMES = 20
_MOST_PATIENCE = 8


class Governor:
    """Goes down after a few slow frames and up after many fast ones; a step up that fails makes it more patient."""

    def __init__(self) -> None:
        """Start at one pixel drawn per pixel shown."""
        self._index = SCALES.index(1.0)
        self._slow = 0
        self._fast = 0
        self._patience = 1
        self._since_raise = 0

    @property
    def scale(self) -> float:
        """Scale for the next frame."""
        return SCALES[self._index]

    def frame(self, milliseconds: float) -> bool:
        """Take note of a frame drawn at `scale`; returns whether the scale changed."""
        self._since_raise += 1
        self._slow = self._slow + 1 if milliseconds > SLOW_MS else 0
        self._fast = self._fast + 1 if self._finer_fits(milliseconds) else 0
        if self._slow >= _SLOW_FRAMES and self._index < len(SCALES) - 1:
            if self._since_raise < 3 * _FAST_FRAMES:
                self._patience = min(2 * self._patience, _MOST_PATIENCE)
            self._move(+1)
            return True
        if self._fast >= _FAST_FRAMES * self._patience:
            self._since_raise = 0
            self._move(-1)
            return True
        return False

    def _finer_fits(self, milliseconds: float) -> bool:
        if self._index == 0:
            return False
        finer = SCALES[self._index - 1]
        predicted = milliseconds * (finer / self.scale) ** 2
        return predicted < (_SMOOTH_MS if finer > 1.0 else _ROOMY_MS)

    def _move(self, by: int) -> None:
        self._index += by
        self._slow = self._fast = 0
