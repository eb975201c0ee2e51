"""Every colour of the program but the cells' colour maps and the light around the cube.

One colour per thing, the same on the dark and on the light ground: each has a contrast of at least 3:1
against both, and colours that share a plot stay apart for the common colour blindnesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

TIER_COLORS: dict[str, str] = {
    "local": "#DC7410",
    "functional": "#0C9C88",
    "distant": "#9A63DE",
}
"""The three neighbour tiers: as gates, as shells around the picked cell, in tables and in curves."""

PLACE_COLORS: dict[str, str] = {"surface": "#1A7FD0", "volume": "#B0761C"}
"""Cells on the six faces, and all the others."""

SERIES_COLORS: dict[str, str] = {
    "train": "#DF7216",
    "validation": "#1A73E8",
    "t0": "#E0323F",
    "mlp": "#74836F",
    "pca": "#00A15B",
    "linear": "#B87ABF",
    "identity": "#B5339F",
    "total": "#6F7480",
    "reconstruction": "#DF7216",
    "similarity": "#1A73E8",
    "relation": "#00A15B",
    "smoothness": "#C574AA",
    "gate_balance": "#E0323F",
    "learning_rate": "#00A15B",
    "retrieval_at_1": "#1A73E8",
    "retrieval_at_5": "#00A15B",
    "nmse": "#DF7216",
    "gradient_norm": "#B5339F",
    "steps_per_second": "#0C9C88",
}
"""Curves, by the name of what they show."""

MEMORY_COLORS: dict[str, str] = {
    "dataset": "#1A73E8",
    "model": "#DF7216",
    "activations": "#00A15B",
    "cached": "#B87ABF",
    "other": "#7A7672",
    "process": "#1A73E8",
    "machine": "#7A7672",
}
"""Parts of a device's or the machine's memory."""

CATEGORY_COLORS = ("#1A73E8", "#DF7216", "#00A15B", "#B5339F", "#0C9C88", "#E0323F", "#9A63DE", "#A07A12")
"""Categories of samples in the data map, the largest first."""

OTHERS_COLOR = "#7A7F87"
"""Samples without a category, or of one that has no colour of its own."""

SIGNAL_COLOR = SERIES_COLORS["gradient_norm"]
"""The learning signal of one cell over the lattice steps."""

SWATCH_RIM = "#FFFFFF"
"""Rim of small squares of colour, which sets them off from the ground of a selected row."""

_FALLBACK_COLORS = ("#1A73E8", "#DF7216", "#00A15B", "#B5339F", "#74836F", "#E0323F")


def series_color(name: str) -> str:
    """Return the colour of a curve; names that are not known get a stable colour of their own."""
    known = SERIES_COLORS.get(name)
    return known or _FALLBACK_COLORS[sum(name.encode()) % len(_FALLBACK_COLORS)]


@dataclass(frozen=True)
class Theme:
    """Colours of widgets on one ground, as `#RRGGBB`."""

    dark: bool
    window: str
    """Ground between the panels."""
    panel: str
    """Ground of panels and of plots."""
    field: str
    """Ground of what can be typed into."""
    raised: str
    """Ground of buttons."""
    hover: str
    border: str
    """Outline of fields and buttons."""
    line: str
    """Separators, grids and slider grooves."""
    text: str
    muted: str
    """Units, captions, axes."""
    disabled: str
    accent: str
    """The one accent: selection, focus, what can be done next."""
    accent_fill: str
    """Ground of the accented button; carries `accent_text`."""
    accent_text: str
    warning: str
    error: str
    success: str
    highlight: str
    """Ground behind text that a search found."""


_DARK = Theme(
    dark=True,
    window="#0D1014",
    panel="#14181F",
    field="#1B212A",
    raised="#232A35",
    hover="#2C3542",
    border="#3A4452",
    line="#2A323D",
    text="#E4E8EE",
    muted="#98A2B1",
    disabled="#5D6775",
    accent="#57A8FF",
    accent_fill="#1F6FCC",
    accent_text="#FFFFFF",
    warning="#E3B455",
    error="#FF7A70",
    success="#4CC38A",
    highlight="#6B5310",
)

_LIGHT = Theme(
    dark=False,
    window="#ECEFF3",
    panel="#FFFFFF",
    field="#FFFFFF",
    raised="#F4F6F9",
    hover="#E8EDF3",
    border="#B9C2CE",
    line="#DCE1E8",
    text="#1A1F27",
    muted="#566070",
    disabled="#9AA3B0",
    accent="#1467C8",
    accent_fill="#1467C8",
    accent_text="#FFFFFF",
    warning="#855700",
    error="#B3261E",
    success="#187545",
    highlight="#FFE08A",
)


@cache
def theme(dark: bool) -> Theme:
    """Return the colours for a dark or a light ground."""
    return _DARK if dark else _LIGHT
