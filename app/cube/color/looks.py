"""How the cube's surroundings look on a dark and on a light ground: light, fog, ground, lines."""

from __future__ import annotations

from dataclasses import dataclass, field

Color = tuple[float, float, float]


def rgb(text: str) -> Color:
    """Return `#RRGGBB` as three shares of 1."""
    r, g, b = (int(text[i : i + 2], 16) / 255.0 for i in (1, 3, 5))
    return r, g, b


@dataclass(frozen=True)
class OverlayColors:
    """Colours of what lies on top of the picture, as `#RRGGBB` or, with an opacity, `#AARRGGBB`."""

    panel: str
    outline: str
    text: str
    muted: str
    """Secondary text."""
    axis_name: str
    """Letters on the gizmo's balls."""


@dataclass(frozen=True)
class Look:
    """One ground's light and lines. Colours are shares of 1, strengths are dimensionless."""

    dark: bool
    ground: Color
    """Middle of the backdrop."""
    edge: Color
    """Corners of the backdrop."""
    sky: Color
    floor: Color
    key: Color
    fog: Color
    fog_density: float
    glow: float
    seam: float
    gloss: float
    bloom: float
    pool: float
    """How much coloured light (dark) or shadow (light) the cube throws on the floor below it."""
    wire: Color
    wire_alpha: float
    pick: Color
    overlay: OverlayColors
    painted: Color
    """Mark of the face that a cube is painted on."""
    read: Color
    """Mark of the face that it is read from."""
    axes: tuple[Color, Color, Color] = field(default=(rgb("#F2606A"), rgb("#63C96B"), rgb("#5B9BFF")))


Rgba = tuple[int, int, int, int]

MIST: Rgba = (128, 134, 150, 22)
"""Cells of which nothing is known."""
GREY: dict[bool, Rgba] = {True: (64, 67, 74, 255), False: (202, 205, 210, 255)}
"""Cells with none at all of what is measured, on the dark (True) and the light ground: a grey that no map has."""

DARK = Look(
    dark=True,
    ground=rgb("#161B26"),
    edge=rgb("#07090D"),
    sky=(0.54, 0.57, 0.64),
    floor=(0.30, 0.29, 0.35),
    key=(0.54, 0.52, 0.48),
    fog=rgb("#0B0E15"),
    fog_density=0.34,
    glow=0.62,
    seam=0.50,
    gloss=0.20,
    bloom=0.55,
    pool=0.34,
    wire=rgb("#8FA3C0"),
    wire_alpha=0.34,
    pick=rgb("#FFF6D8"),
    overlay=OverlayColors("#C40D1017", "#1AFFFFFF", "#E6EAF0", "#98A2B1", axis_name="#0B0E14"),
    painted=rgb("#F5B642"),
    read=rgb("#57C7E3"),
)

LIGHT = Look(
    dark=False,
    ground=rgb("#FBFCFE"),
    edge=rgb("#D8DEE8"),
    sky=(0.66, 0.68, 0.72),
    floor=(0.40, 0.39, 0.42),
    key=(0.46, 0.45, 0.43),
    fog=rgb("#E4E9F1"),
    fog_density=0.22,
    glow=0.0,
    seam=0.34,
    gloss=0.16,
    bloom=0.0,
    pool=0.34,
    wire=rgb("#4A5A73"),
    wire_alpha=0.40,
    pick=rgb("#101418"),
    overlay=OverlayColors("#D6FFFFFF", "#24141E32", "#1A1F27", "#566070", axis_name="#FFFFFF"),
    painted=rgb("#A85E00"),
    read=rgb("#006C93"),
    axes=(rgb("#C9303C"), rgb("#2B8A3E"), rgb("#1F63D1")),
)


def look(dark: bool) -> Look:
    """Return the look for a dark or a light ground."""
    return DARK if dark else LIGHT
