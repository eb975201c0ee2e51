"""Draws many points into a picture with numpy: its cost depends on the points in view, not on the picture's size.

Shapes: N points in view, H x W pixels. Colours are `0xAARRGGBB`, premultiplied, as in Qt's ARGB32_Premultiplied.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint32]

MOST_DISCS = 8_000
"""Points in view up to which each is a smooth disc; more are squares of two pixels that show how dense they lie."""
_DISCS = ((300, 4.5, 0.9), (1_500, 3.6, 0.85), (4_000, 2.4, 0.75), (MOST_DISCS, 1.7, 0.65))
"""(points in view up to which it holds, radius of a disc in logical pixels, its opacity)."""
_FAINTEST = 0.5
"""Opacity of a single point among many."""
_DIMMED = 0.12
"""Opacity of points that a filter leaves out, as a share of the others'."""


class PointRaster:
    """Draws one set of points again and again; keeps its buffers between two pictures."""

    def __init__(self) -> None:
        """Start without points."""
        self.points_N2: Floats = np.zeros((0, 2), dtype=np.float32)
        self.colors_3N: Floats = np.zeros((3, 0), dtype=np.float32)
        self.ranks_N: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """Discs of a higher rank lie on top."""
        self.background_N: NDArray[np.bool_] | None = None
        """Points that others cover, however many they are: where points lie dense, no mean is taken of both."""
        self.kept_N: NDArray[np.bool_] | None = None
        self._image: Pixels = np.zeros((1, 1), dtype=np.uint32)
        self._sums = np.zeros(1, dtype=np.float32)

    def set_points(self, points_N2: Floats) -> None:
        """Take other points, in any unit; all are kept and grey until told otherwise."""
        self.points_N2 = points_N2
        self.colors_3N = np.full((3, len(points_N2)), 128, dtype=np.float32)
        self.ranks_N = np.zeros(len(points_N2), dtype=np.int64)
        self.background_N = self.kept_N = None

    def draw(self, view: tuple[float, float, float, float], size: tuple[int, int], ratio: float = 1.0) -> Pixels:
        """Return the picture of a view, [H, W]; it is overwritten by the next one.

        Args:
            view: left, bottom, right and top in the points' unit; y points up.
            size: W and H in device pixels.
            ratio: device pixels in a logical pixel.
        """
        width, height = size
        if self._image.shape != (height, width):
            self._image = np.zeros((height, width), dtype=np.uint32)
            self._sums = np.zeros(height * width, dtype=np.float32)
        self._image[:] = 0
        at_N2 = to_pixels(self.points_N2, view, size)
        x, y = at_N2[:, 0], at_N2[:, 1]
        inside = ((x >= 0) & (x < width) & (y >= 0) & (y < height)).nonzero()[0]
        if len(inside) <= MOST_DISCS:
            self._draw_discs(at_N2[inside], inside, ratio)
        elif self.background_N is None:
            self._draw_density(at_N2[inside], inside)
        else:
            for part in (inside[self.background_N[inside]], inside[~self.background_N[inside]]):
                self._draw_density(at_N2[part], part)
        return self._image

    def _draw_discs(self, at_N2: Floats, which: NDArray[np.int64], ratio: float) -> None:
        """Draw smooth discs, those that a filter keeps on top; each covers what is below it."""
        radius, whole_opacity = next((radius, opacity) for most, radius, opacity in _DISCS if len(which) <= most)
        radius *= ratio
        opacity = np.float32(whole_opacity) * self._opacity(which)
        source = np.concatenate([self.colors_3N[::-1, which].T, np.full((len(which), 1), 255)], axis=1)
        whole = np.floor(at_N2).astype(np.int64)
        layers = np.unique(np.stack([opacity, self.ranks_N[which]], axis=1), axis=0, return_inverse=True)[1]
        # Pixel by pixel of the disc, all points at once: so each layer has to be whole before the next one begins.
        for layer in range(int(layers.max(initial=-1)) + 1):
            of_it = layers.reshape(-1) == layer
            self._draw_layer(source[of_it], opacity[of_it], whole[of_it], radius)

    def _draw_layer(self, source: Floats, opacity: Floats, whole: NDArray[np.int64], radius: float) -> None:
        """Draw discs of one rank; `source` is blue, green, red and alpha of each, `whole` its pixel."""
        reach = int(np.ceil(radius))
        height, width = self._image.shape
        bytes_ = self._image.reshape(-1).view(np.uint8).reshape(-1, 4)
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                cover = np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)
                x, y = whole[:, 0] + dx, whole[:, 1] + dy
                seen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
                if cover == 0 or not seen.any():
                    continue
                place = y[seen] * width + x[seen]
                below, share = bytes_[place], (cover * opacity[seen])[:, None]
                bytes_[place] = below + share * (source[seen] - below)

    def _draw_density(self, at_N2: Floats, which: NDArray[np.int64]) -> None:
        """Draw the mean colour of the points in each pixel, more opaque where there are more."""
        height, width = self._image.shape
        x, y = at_N2.astype(np.int64).T
        place = y * width + x
        weight = self._opacity(which)
        count = self._sums_at(place, weight, None)
        opacity = np.minimum(_FAINTEST + 0.17 * np.log2(np.maximum(count, 1)), 1) * np.minimum(count, 1)
        share = (opacity / count).astype(np.float32)
        color = (opacity * 255).astype(np.uint32) << 24
        for channel, shift in zip(self.colors_3N, (16, 8, 0), strict=True):
            color |= (self._sums_at(place, channel[which] * weight, share)).astype(np.uint32) << shift
        flat = self._image.reshape(-1)
        right, row, row_below = np.minimum(x + 1, width - 1), y * width, np.minimum(y + 1, height - 1) * width
        for square in (row_below + right, row_below + x, row + right, place):
            flat[square] = color

    def _sums_at(self, place: NDArray[np.int64], values: Floats, share: Floats | None) -> Floats:
        """Return for each point the sum of all values in its pixel, times a share."""
        sums = self._sums
        np.add.at(sums, place, values)
        found: Floats = sums[place]
        sums[place] = 0
        return found if share is None else found * share

    def _opacity(self, which: NDArray[np.int64]) -> Floats:
        if self.kept_N is None:
            return np.ones(len(which), dtype=np.float32)
        return np.where(self.kept_N[which], 1.0, _DIMMED).astype(np.float32)


def to_pixels(points_N2: Floats, view: tuple[float, float, float, float], size: tuple[int, int]) -> Floats:
    """Return where points lie in a picture, [N, 2] as x from the left and y from the top."""
    left, bottom, right, top = view
    scale = np.array([size[0] / (right - left), -size[1] / (top - bottom)])
    origin = np.array([left, top])
    return ((points_N2 - origin.astype(np.float32)) * scale.astype(np.float32)).astype(np.float32)


def nearest_point(at_N2: Floats, x: float, y: float, reach: float) -> int | None:
    """Return which point lies nearest to (x, y), None if none lies within `reach`."""
    if len(at_N2) == 0:
        return None
    distance = np.square(at_N2 - np.array([x, y], dtype=np.float32)).sum(axis=1)
    nearest = int(distance.argmin())
    return nearest if distance[nearest] <= reach * reach else None


def next_point(at_N2: Floats, start: int, right: int, down: int) -> int:
    """Return the nearest point in a direction from another one: within 45 degrees of it, `start` if there is none."""
    offset = at_N2 - at_N2[start]
    along = offset[:, 0] * right + offset[:, 1] * down
    across = np.abs(offset[:, 1] * right + offset[:, 0] * down)
    ahead = ((along > 0) & (along >= across)).nonzero()[0]
    return start if len(ahead) == 0 else int(ahead[np.square(offset[ahead]).sum(axis=1).argmin()])


def inside_polygon(points_N2: Floats, corners_P2: Floats) -> NDArray[np.bool_]:
    """Return which points lie inside a polygon, by the even-odd rule."""
    inside = np.zeros(len(points_N2), dtype=bool)
    near = ((points_N2 >= corners_P2.min(axis=0)) & (points_N2 <= corners_P2.max(axis=0))).all(axis=1).nonzero()[0]
    x, y = points_N2[near].astype(np.float64).T
    odd = np.zeros(len(near), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners_P2.tolist(), np.roll(corners_P2, -1, axis=0).tolist(), strict=True):
        if y0 != y1:
            odd ^= ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    inside[near] = odd
    return inside
