"""What the colours of the data map mean: the category, the side of the split, or the student's cosine.

Shapes: M samples in the map.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QColor

from app.cube.color.colormaps import MapName, colormap
from app.widgets.palette import CATEGORY_COLORS, OTHERS_COLOR, SERIES_COLORS
from lattice.units import plural

if TYPE_CHECKING:
    from lattice.data.dataset import EmbeddingDataset
    from lattice.data.survey.rows import SurveyRows

ColorBy = Literal["category", "split", "cosine"]
NO_CATEGORY = "no category"
_SCALE: MapName = "aurora"
_UNSCORED = "An evaluation scores held-out samples alone: Score every sample, below, scores these too"


@dataclass(frozen=True)
class Entry:
    """One line of the legend."""

    color: str
    """`#RRGGBB`."""
    words: str
    tip: str


@dataclass(frozen=True, eq=False)
class Coloring:
    """A colour for each sample, and what the colours mean."""

    colors_3M: NDArray[np.float32]
    """Red, green and blue, 0 to 255."""
    entries: tuple[Entry, ...]
    ranks_M: NDArray[np.int64]
    """What lies on top where points are few: a higher rank."""
    background_M: NDArray[np.bool_] | None = None
    """Points that others cover, however many they are; None: there are none."""
    scale: tuple[float, float] | None = None
    """Lowest and highest value of a colour scale; None where each colour is a class."""


def color_by_split(rows: SurveyRows) -> Coloring:
    """Colour by the side of the split, in the colours of the curves."""
    held_out = int(rows.held_out_M.sum())
    entries = (
        Entry(SERIES_COLORS["train"], f"trained on: {len(rows) - held_out:,}", "Samples that the cube learns from"),
        Entry(SERIES_COLORS["validation"], f"held out: {held_out:,}", "Never trained on: they make the scores"),
    )
    side = rows.held_out_M.astype(np.int64)
    return Coloring(_classes(side, [entry.color for entry in entries]), entries, side)


def color_by_category(dataset: EmbeddingDataset, rows: SurveyRows) -> Coloring:
    """Colour the largest categories; all others share a grey."""
    assert dataset.categories is not None
    names = [dataset.categories[sample] for sample in rows.samples.tolist()]
    counts = Counter(name for name in names if name)
    named = [name for name, _ in counts.most_common(len(CATEGORY_COLORS))]
    number = {name: index for index, name in enumerate(named)}
    which = np.array([number.get(name, len(named)) for name in names], dtype=np.int64)
    entries = [
        Entry(color, f"{name}: {counts[name]:,}", f"{plural(counts[name], 'sample')} of category {name}")
        for name, color in zip(named, CATEGORY_COLORS, strict=False)
    ]
    others, bare = len(counts) - len(named), len(names) - sum(counts.values())
    if others > 0:
        left = sum(counts.values()) - sum(counts[name] for name in named)
        entries.append(Entry(OTHERS_COLOR, f"{plural(others, 'other')}: {left:,}", "Smaller categories share a colour"))
    if bare > 0:
        entries.append(Entry(OTHERS_COLOR, f"{NO_CATEGORY}: {bare:,}", "Samples without a category"))
    colors = [*CATEGORY_COLORS[: len(named)], OTHERS_COLOR]
    ranks = np.where(which < len(named), which + 1, 0)
    return Coloring(_classes(which, colors), tuple(entries), ranks)


def color_by_cosine(rows: SurveyRows, cosines_N: NDArray[np.float32], *, dark: bool) -> Coloring:
    """Colour the samples that are scored, on top of the others, which are grey.

    Args:
        rows: what is in the map.
        cosines_N: of every sample of the data, between the student's answer and its target; NaN where unknown.
        dark: the ground that the colours stand on.
    """
    values = cosines_N[rows.samples]
    scored = np.isfinite(values)
    colors = _classes(np.zeros(len(rows), dtype=np.int64), [OTHERS_COLOR])
    missing = len(rows) - int(scored.sum())
    grey = () if not missing else (Entry(OTHERS_COLOR, f"not scored: {missing:,}", _UNSCORED),)
    if not scored.any():
        return Coloring(colors, grey, scored.astype(np.int64))
    low, high = float(values[scored].min()), float(values[scored].max())
    table = scale_table(dark)
    at = np.rint(255 * (values[scored] - low) / max(high - low, 1e-6)).astype(np.int64)
    colors[:, scored] = table[at].T
    return Coloring(colors, grey, scored.astype(np.int64), ~scored, (low, high))


def scale_table(dark: bool) -> NDArray[np.uint8]:
    """Return the colours of the scale from the lowest to the highest value, [256, 3]."""
    return colormap(_SCALE, dark)


def _classes(which: NDArray[np.int64], colors: list[str]) -> NDArray[np.float32]:
    table = np.array([QColor(color).getRgb()[:3] for color in colors], dtype=np.float32)
    return np.ascontiguousarray(table[which].T)
