"""Colour maps for cells: safe for the common colour blindnesses, and visible on the ground they are shown on.

On the dark ground more is lighter, on the light ground more is darker. Diverging maps leave zero closest to the
ground, so that what is far from zero stands out on either side.
"""

from __future__ import annotations

from functools import cache
from threading import Thread
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.cube.color.colorspace import from_oklab, to_oklab
from app.cube.color.looks import rgb
from app.cube.state import Bytes

MapName = Literal["aurora", "ember", "glacier", "polar"]

SEQUENTIAL: tuple[MapName, ...] = ("aurora", "ember", "glacier")
DIVERGING: tuple[MapName, ...] = ("polar",)

_STOPS: dict[tuple[MapName, bool], str] = {
    ("aurora", True): "343A72 2C619D 158E9E 35B583 A0D44F F3EC5E FFFBD2",
    ("aurora", False): "A2CF7E 78C389 35A394 1D7F98 275A90 2F3877 241A4E",
    ("ember", True): "46356F 82387F BF3D74 EB5B4C FB9235 FDCD52 FFF6CF",
    ("ember", False): "EDB56A F0974F DE6647 BC3D5B 8C2A6B 592264 2E1845",
    ("glacier", True): "343D66 335C9C 2F83C8 46ABE0 83CFEA C2E8EF F8FEFD",
    ("glacier", False): "93C3DF 74B1DA 468FC8 2C6CB0 234C90 1D3068 141B40",
    ("polar", True): "C4F1FF 5CC6FF 2A86E8 384A87 3C3F4E 7A4A36 D97420 FFB23E FFEDB5",
    ("polar", False): "0A2A66 1354A8 3F88CF 8DB5DA BFC4CC DBA878 C8702A 93430E 552003",
}
"""Colours from low to high, for the dark (True) and the light ground."""

_CUBE_LEVELS = 40


@cache
def colormap(name: MapName, dark: bool = True) -> Bytes:
    """Return a colour map for the dark or the light ground: uint8 [256, 3], read only."""
    stops = to_oklab(np.array([rgb("#" + stop) for stop in _STOPS[name, dark].split()]))
    at = np.linspace(0.0, len(stops) - 1.0, 256)
    lab = np.stack([np.interp(at, np.arange(len(stops)), stops[:, i]) for i in range(3)], axis=1)
    # Equal steps of the value are equal steps of lightness.
    turns = [0, 255] if name in SEQUENTIAL else [0, 127.5, 255]
    lab[:, 0] = np.interp(np.arange(256), turns, lab[np.round(turns).astype(int), 0])
    table = np.round(from_oklab(lab) * 255.0).astype(np.uint8)
    table.setflags(write=False)
    return table


@cache
def color_cube(dark: bool = True) -> NDArray[np.uint32]:
    """Return colours for three independent values, as RGBA words [L^3] with the first value varying slowest.

    Red, green and blue mean the three values, but lifted off the ground and made vivid, so that no cell is lost.
    """
    level = np.linspace(0.0, 1.0, _CUBE_LEVELS)
    mixed = np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1).reshape(-1, 3)
    lab = to_oklab(0.04 + 0.94 * mixed)
    low, high, vivid = (0.44, 0.88, 1.35) if dark else (0.40, 0.80, 1.05)
    lab[:, 0] = low + (high - low) * lab[:, 0]
    lab[:, 1:] *= vivid
    colors = np.full((len(lab), 4), 255, np.uint8)
    colors[:, :3] = np.round(from_oklab(lab) * 255.0)
    words = colors.view(np.uint32)[:, 0]
    words.setflags(write=False)
    return words


def cube_index(values_3N: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return where in `color_cube` three values of 0 to 1 are found, [N]; values outside are clipped."""
    top = np.float32(_CUBE_LEVELS - 1)
    steps = values_3N * top
    steps += np.float32(0.5)
    np.clip(steps, np.float32(0.0), top, out=steps)
    np.floor(steps, out=steps)
    index = steps[0] * np.float32(_CUBE_LEVELS**2)
    index += steps[1] * np.float32(_CUBE_LEVELS)
    index += steps[2]
    return index.astype(np.int32)


def with_alpha(table_L3: Bytes, alpha: int = 255) -> NDArray[np.uint32]:
    """Return a colour table as RGBA words [L], so that a lookup moves one word per cell."""
    colors = np.full((len(table_L3), 4), alpha, np.uint8)
    colors[:, :3] = table_L3
    return colors.view(np.uint32)[:, 0]


def prepare_color_cubes(dark: bool) -> None:
    """Make the largest tables of colours in a thread, that of this ground first.

    The first observation, or a change of the theme, needs them.
    """
    Thread(target=lambda: (color_cube(dark), color_cube(not dark)), name="colours", daemon=True).start()
