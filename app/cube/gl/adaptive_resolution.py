"""Picks the resolution that the cube is drawn at, so that slow graphics stay fluent."""

from __future__ import annotations

SCALES = (2.0, 1.0, 0.75, 0.5)
"""Pixels drawn per pixel shown, along each axis; 2 smooths every frame."""
SLOW_MS = 40.0
"""Frames above this are too slow while the camera moves."""
_ROOMY_MS = 26.0
"""A finer scale is tried when it should stay below this."""
_SMOOTH_MS = 13.0
"""The same for scale 2, which is a luxury."""
_STILL_MS = 40.0
"""Time that a frame may take while the camera stands still: nobody waits for it, but keys wait until it is there."""
_SLOW_FRAMES = 3
_FAST_FRAMES = 20
_MOST_PATIENCE = 8


class AdaptiveResolution:
    """One scale for a moving camera, which goes down after a few slow frames and up after many fast ones.

    A step up that fails makes it more patient. While the camera stands still, only new colours are drawn: then it
    takes the finest scale, up to 1, that keeps the window responsive.
    """

    def __init__(self) -> None:
        """Start at one pixel drawn per pixel shown."""
        self._index = SCALES.index(1.0)
        self._slow = 0
        self._fast = 0
        self._patience = 1
        self._since_raise = 0
        self._full_ms = 0.0
        self._unknown = False

    @property
    def full_ms(self) -> float:
        """Estimated time of a frame at scale 1; 0 before the first."""
        return self._full_ms

    def scale(self, *, moving: bool) -> float:
        """Return the scale for the next frame."""
        if self._unknown and self._index > 0:
            return SCALES[-1]
        if moving or self._index == 0:
            return SCALES[self._index]
        return next((s for s in SCALES if s <= 1.0 and self._full_ms * s * s <= _STILL_MS), SCALES[-1])

    def expect_other(self) -> None:
        """Draw the next frame coarsely, unless frames are cheap: it may cost many times as much as those before."""
        self._unknown = True

    def frame(self, milliseconds: float, scale: float, *, moving: bool) -> None:
        """Take note of a frame drawn at a scale."""
        self._unknown = False
        at_full = milliseconds / scale**2
        self._full_ms = at_full if self._full_ms == 0.0 else 0.5 * (self._full_ms + at_full)
        if not moving and self._index > 0:
            return
        self._since_raise += 1
        self._slow = self._slow + 1 if milliseconds > SLOW_MS else 0
        self._fast = self._fast + 1 if self._finer_fits(milliseconds) else 0
        if self._slow >= _SLOW_FRAMES and self._index < len(SCALES) - 1:
            if self._since_raise < 3 * _FAST_FRAMES:
                self._patience = min(2 * self._patience, _MOST_PATIENCE)
            self._move(+1)
        elif self._fast >= _FAST_FRAMES * self._patience:
            self._since_raise = 0
            self._move(-1)

    def _finer_fits(self, milliseconds: float) -> bool:
        if self._index == 0:
            return False
        finer = SCALES[self._index - 1]
        predicted = milliseconds * (finer / SCALES[self._index]) ** 2
        return predicted < (_SMOOTH_MS if finer > 1.0 else _ROOMY_MS)

    def _move(self, by: int) -> None:
        self._index += by
        self._slow = self._fast = 0
