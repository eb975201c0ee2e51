"""Ranges and colour axes that follow the data slowly, so that the picture does not flicker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.cube.state import Floats

_GROW, _SHRINK = 0.5, 0.04
_FOLLOW = 0.12
"""Share of the way to the newest observation that mean, spread and covariance go."""
_TURN = 0.07
"""Share of the way to the newest directions that the axes turn."""
_SPREAD = 1.8
"""Standard deviations from the mean to either end of the colours."""


class SteadyRange:
    """A low and a high value: quick to take in what lies outside, slow to forget what was there."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.low = 0.0
        self.high = 0.0
        self.known = False

    def update(self, low: float, high: float) -> None:
        """Move towards a newly measured range."""
        if not (np.isfinite(low) and np.isfinite(high)):
            return
        if not self.known:
            self.low, self.high, self.known = low, high, True
            return
        self.low += (_GROW if low < self.low else _SHRINK) * (low - self.low)
        self.high += (_GROW if high > self.high else _SHRINK) * (high - self.high)


class SteadyAxes:
    """Three principal axes of the states, turned as little as possible from one observation to the next."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.mean: Floats = np.zeros(0)
        self.axes: Floats = np.zeros((0, 3))
        self.scale: Floats = np.ones(3)
        self.shares: tuple[float, float, float] = (0.0, 0.0, 0.0)
        """Share of the states' variance along each axis."""
        self._covariance: Floats = np.zeros((0, 0))

    @property
    def known(self) -> bool:
        """Whether there was an observation."""
        return len(self.mean) > 0

    def reset(self) -> None:
        """Forget everything: the next observation sets the axes again."""
        self.__init__()  # type: ignore[misc]

    def update(self, states_MC: NDArray[np.float32]) -> None:
        """Follow the states of a new observation.

        The covariance is averaged over time, its three strongest axes are rotated among themselves to lie closest to
        the old ones (orthogonal Procrustes), and the old axes go a share of the way there. So neither a sign, nor two
        axes that change places, nor a third that gives way to a fourth makes the colours jump.
        """
        centred = states_MC.astype(np.float64)
        mean = centred.mean(axis=0)
        if not np.isfinite(mean).all():  # as soon as one state is not
            return
        centred -= mean
        covariance = centred.T @ centred / len(centred)  # what numpy.cov returns, in a quarter of its time
        if len(self.mean) != len(mean):
            self.mean, self._covariance = mean, covariance
            self.axes = _strongest(covariance)
            self.scale = self._spread()
        else:
            self.mean = self.mean + _FOLLOW * (mean - self.mean)
            self._covariance = self._covariance + _FOLLOW * (covariance - self._covariance)
            new = _strongest(self._covariance)
            turn = _nearest_rotation(new.T @ self.axes)
            self.axes = _nearest_rotation(self.axes + _TURN * (new @ turn - self.axes))
            self.scale = self.scale + _FOLLOW * (self._spread() - self.scale)
        self._weigh()

    def to_arrays(self) -> dict[str, NDArray[np.float32]]:
        """Return the axes as they are now, for a checkpoint; nothing before the first observation."""
        if not self.known:
            return {}
        stored = {"mean": self.mean, "covariance": self._covariance, "axes": self.axes, "scale": self.scale}
        return {name: values.astype(np.float32) for name, values in stored.items()}

    def take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Go on with the axes of `to_arrays`.

        Raises:
            ValueError: an array is missing, not finite, or of another shape than it should have.
        """
        channels = len(arrays["mean"]) if "mean" in arrays else 0
        shapes = {"mean": (channels,), "covariance": (channels, channels), "axes": (channels, 3), "scale": (3,)}
        for name, shape in shapes.items():
            found = arrays.get(name)
            if found is None or found.shape != shape or not channels or not np.isfinite(found).all():
                raise ValueError(f"expected finite colour axes '{name}' of shape {shape}")
        if not (arrays["scale"] > 0.0).all():
            raise ValueError("expected colour axes of a length above 0")
        self.mean, self._covariance, self.axes, self.scale = (arrays[name].astype(np.float64) for name in shapes)
        self._weigh()

    def coordinates(self, states_NC: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where states lie along the three axes, 0 to 1 for nearly all of them, [3, N]."""
        return self.frozen()(states_NC)

    def frozen(self) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
        """Return `coordinates` as it is now, whatever is followed later; for another thread."""
        exact = (self.axes / (2.0 * self.scale)).T
        offset = (0.5 - exact @ self.mean).astype(np.float32)
        turn = np.ascontiguousarray(exact, np.float32)

        def coordinates(states_NC: NDArray[np.float32]) -> NDArray[np.float32]:
            found: NDArray[np.float32] = turn @ states_NC.T
            found += offset[:, None]
            return found

        return coordinates

    def _weigh(self) -> None:
        """Measure the share of the variance along each axis."""
        total = max(float(np.trace(self._covariance)), 1e-30)
        along = np.einsum("ck,cd,dk->k", self.axes, self._covariance, self.axes)
        r, g, b = (float(v) / total for v in along)
        self.shares = (r, g, b)

    def _spread(self) -> Floats:
        along = np.einsum("ck,cd,dk->k", self.axes, self._covariance, self.axes)
        # A weak axis keeps some of its weakness, and one with next to nothing on it is not blown up into noise.
        strongest = max(float(along.max()), 1e-12)
        return _SPREAD * np.sqrt(np.maximum(along, 1e-3 * strongest) ** 0.7 * strongest**0.3)


def _strongest(covariance: Floats) -> Floats:
    """Return the three strongest eigenvectors, [C, 3], each with a sign that does not depend on the solver."""
    width = len(covariance)
    _, vectors = np.linalg.eigh(covariance)
    axes = np.zeros((width, 3))
    strongest = vectors[:, ::-1][:, :3]
    axes[:, : strongest.shape[1]] = strongest
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.where(axes[largest, np.arange(3)] < 0.0, -1.0, 1.0)


def _nearest_rotation(matrix: Floats) -> Floats:
    """Return the matrix with orthonormal columns that is closest to this one (its polar factor)."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right
