"""Colour maps for cells: safe for the common colour blindnesses, and visible on the ground they are shown on.

On the dark ground more is lighter, on the light ground more is darker. Diverging maps leave zero closest to the
ground, so that what is far from zero stands out on either side. Of the maps by Smith, van der Walt and Firing (viridis,
magma) and by Nunez, Anderton and Renslow (cividis) the part is taken that stands out from the ground, turned around on
the light one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from threading import Thread
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.cube.color.colorspace import from_oklab, to_oklab
from app.cube.color.looks import rgb
from app.cube.state import Bytes
from app.platform.priorities import give_way

MapName = Literal[
    "aurora", "ember", "glacier", "viridis", "cividis", "magma", "polar", "purple_green", "blue_red"
]  # fmt: skip

SEQUENTIAL: tuple[MapName, ...] = ("aurora", "ember", "glacier", "viridis", "cividis", "magma")
DIVERGING: tuple[MapName, ...] = ("polar", "purple_green", "blue_red")

_STOPS: dict[tuple[MapName, bool], str] = {
    ("aurora", True): "343A72 2C619D 158E9E 35B583 A0D44F F3EC5E FFFBD2",
    ("aurora", False): "A2CF7E 78C389 35A394 1D7F98 275A90 2F3877 241A4E",
    ("ember", True): "46356F 82387F BF3D74 EB5B4C FB9235 FDCD52 FFF6CF",
    ("ember", False): "EDB56A F0974F DE6647 BC3D5B 8C2A6B 592264 2E1845",
    ("glacier", True): "343D66 335C9C 2F83C8 46ABE0 83CFEA C2E8EF F8FEFD",
    ("glacier", False): "93C3DF 74B1DA 468FC8 2C6CB0 234C90 1D3068 141B40",
    ("viridis", True): "472C7A 404688 355F8D 2B748E 238A8D 1F9F88 2EB37C 56C667 89D548 C5E021 FDE725",
    ("viridis", False): "8ED645 5CC863 35B779 20A386 21908D 287C8E 31688E 3B528B 443983 481F70 440154",
    ("cividis", True): "1D3B6D 3E4B6B 545A6C 686A71 7A7A78 8F8A79 A59C76 BBAE6F D3C165 EBD456 FFEA46",
    ("cividis", False): "D7C463 C0B16E A99F75 928D78 7E7D78 6C6D72 585D6D 414D6B 243E6C 002F6F 00204D",
    ("magma", True): "5D177F 792282 982D80 B5367A D2426F EB5760 F8765C FD9869 FEB97F FDDC9E FCFDBF",
    ("magma", False): "FEB27A FC8A62 F2625D D9466B B73779 942C80 732081 51127C 2D1161 180F3D",
    ("polar", True): "C4F1FF 5CC6FF 2A86E8 384A87 3C3F4E 7A4A36 D97420 FFB23E FFEDB5",
    ("polar", False): "0A2A66 1354A8 3F88CF 8DB5DA BFC4CC DBA878 C8702A 93430E 552003",
    ("purple_green", True): "F0DFFA CFA6EE A066D8 5C4585 3C3F4E 2F5F4A 2FA062 86D795 DDF7DA",
    ("purple_green", False): "3B0A52 6A2C8C 9463B4 BBA0D0 BFC4CC 9CC49B 4F9F5E 1B6E38 063D1B",
    ("blue_red", True): "D2ECFF 86C2FF 3F86E8 354B84 3C3F4E 7C3A48 D8505A F7938C FFDFDA",
    ("blue_red", False): "08285E 1C58A6 5796CB 9DBFDC BFC4CC DDA49B C95C55 981F2C 560A18",
}
"""Colours from low to high, for the dark (True) and the light ground."""

_CUBE_LEVELS = 40


def direction(name: MapName, dark: bool) -> str:
    """Return how a map runs on the light ground, in words; empty on the dark one, where lighter is more, as usual."""
    if dark:
        return ""
    return "darker is more" if name in SEQUENTIAL else "darker is farther from zero"


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
    words = np.concatenate([_lifted(np.stack(mixed, axis=-1), dark) for mixed in _slices(level)])
    words.setflags(write=False)
    return words


def _slices(level: NDArray[np.float64]) -> Iterator[tuple[NDArray[np.float64], ...]]:
    """Yield the three values [L^2] of each slice with one first value.

    Slices are small on purpose: from 256 KiB on NumPy asks the system's loader which function called it, with Python's
    lock held, and waits there for as long as torch's libraries are being loaded: the whole program would stand still.
    """
    second, third = (values.ravel() for values in np.meshgrid(level, level, indexing="ij"))
    for first in level:
        yield np.full_like(second, first), second, third


def _lifted(mixed_N3: NDArray[np.float64], dark: bool) -> NDArray[np.uint32]:
    lab = to_oklab(0.04 + 0.94 * mixed_N3)
    low, high, vivid = (0.44, 0.88, 1.35) if dark else (0.40, 0.80, 1.05)
    lab[:, 0] = low + (high - low) * lab[:, 0]
    lab[:, 1:] *= vivid
    colors = np.full((len(lab), 4), 255, np.uint8)
    colors[:, :3] = np.round(from_oklab(lab) * 255.0)
    return colors.view(np.uint32)[:, 0]


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

    def prepare() -> None:
        give_way()
        for ground in (dark, not dark):
            color_cube(ground)

    Thread(target=prepare, name="colours", daemon=True).start()
