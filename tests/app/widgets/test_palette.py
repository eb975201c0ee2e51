"""Colours stay readable on both grounds and apart for the common colour blindnesses."""

from __future__ import annotations

import ast
import itertools
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import app
from app.cube.color.looks import rgb
from app.cube.color.mapping import tier_swatches
from app.cube.gl.visual import CubeVisual
from app.widgets.palette import MEMORY_COLORS, PLACE_COLORS, SERIES_COLORS, TIER_COLORS, Theme, series_color, theme

BASELINES = ("t0", "pca", "linear", "identity")
LOSSES = ("total", "reconstruction", "similarity", "relation", "smoothness", "gate_balance")
TOGETHER = {
    "tiers": list(TIER_COLORS.values()),
    "places": list(PLACE_COLORS.values()),
    "cosine": [SERIES_COLORS[name] for name in ("train", "validation", *BASELINES)],
    "losses": [SERIES_COLORS[name] for name in LOSSES],
    "card": [MEMORY_COLORS[name] for name in ("dataset", "model", "activations", "cached", "other")],
    "machine": [MEMORY_COLORS[name] for name in ("process", "machine")],
}
"""Colours that are seen side by side."""

# Machado, Oliveira, Fernandes 2009, severity 1.0, for linear RGB.
BLINDNESS = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
}


def linear(color: str) -> np.ndarray:
    channels = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(color: str) -> float:
    return float(linear(color) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_of_black_on_white_is_known() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)


@pytest.mark.parametrize("dark", [True, False])
def test_data_colours_reach_three_to_one_on_both_grounds(dark: bool) -> None:
    for name, color in {**TIER_COLORS, **PLACE_COLORS, **SERIES_COLORS, **MEMORY_COLORS}.items():
        assert contrast(color, theme(dark).panel) >= 3.0, name


@pytest.mark.parametrize("dark", [True, False])
def test_text_is_readable(dark: bool) -> None:
    colors = theme(dark)
    for ground in (colors.window, colors.panel, colors.field, colors.raised):
        assert contrast(colors.text, ground) >= 7.0
        for text in (colors.muted, colors.accent, colors.warning, colors.error, colors.success):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(colors.accent_text, colors.accent_fill) >= 4.5
    assert contrast(colors.text, colors.highlight) >= 4.5


@pytest.mark.parametrize("blindness", [None, *BLINDNESS])
@pytest.mark.parametrize("group", TOGETHER)
def test_neighbouring_colours_stay_apart(group: str, blindness: str | None) -> None:
    seen = np.eye(3) if blindness is None else np.array(BLINDNESS[blindness])
    for one, other in itertools.combinations(TOGETHER[group], 2):
        distance = np.linalg.norm(lab(seen @ linear(one)) - lab(seen @ linear(other)))
        assert distance >= 12.0, f"{one} and {other} look alike: {distance:.1f}"


def test_red_and_green_would_fail_that_test() -> None:
    seen = np.array(BLINDNESS["deuteranopia"])
    assert np.linalg.norm(lab(seen @ linear("#6A9A33")) - lab(seen @ linear("#B58A3C"))) < 12.0


@pytest.mark.parametrize("dark", [True, False])
def test_themes_hold_colours_only(dark: bool) -> None:
    colors = theme(dark)
    assert colors is theme(dark)
    for field in fields(Theme):
        if field.name != "dark":
            assert re.fullmatch(r"#[0-9A-F]{6}", getattr(colors, field.name)), field.name


def test_unknown_curves_get_a_colour_that_stays() -> None:
    assert series_color("something new") == series_color("something new")
    assert series_color("train") == SERIES_COLORS["train"]


SOURCES = {"app/widgets/palette.py", "app/cube/color/looks.py", "app/cube/color/colormaps.py"}
"""The files that colours are written down in."""
ROOT = Path(app.__file__).parent.parent


def color_literals(source: str) -> list[str]:
    """Return colours that a file writes down: `#RRGGBB` in any text, and numbers handed to QColor or rgb()."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found += re.findall(r"#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?\b|rgba?\(\s*\d[^)]*\)", node.value)
        elif isinstance(node, ast.Call) and re.search(r"(?:^|\.)(?:QColor|fromRgb\w*|qRgba?)$", ast.unparse(node.func)):
            if node.args and all(isinstance(argument, ast.Constant) for argument in node.args):
                found.append(ast.unparse(node))
        elif isinstance(node, ast.Attribute) and re.match(r"Qt\.GlobalColor\.(?!transparent$)", ast.unparse(node)):
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize(
    "source",
    ["x = '#A0b1C2'", "QColor(1, 2, 3)", "QtGui.QColor('red')", "x = 'color: rgba(1, 2, 3, 40)'", "Qt.GlobalColor.red"],
)
def test_colours_that_are_written_down_are_found(source: str) -> None:
    assert len(color_literals(source)) >= 1


def test_colours_are_written_down_in_one_place_only() -> None:
    files = {path.relative_to(ROOT).as_posix(): path for path in (ROOT / "app").rglob("*.py")}
    found = {name: color_literals(path.read_text(encoding="utf-8")) for name, path in files.items()}
    assert set(files) >= SOURCES
    assert {name: colors for name, colors in found.items() if colors and name not in SOURCES} == {}


def test_tiers_have_one_colour_everywhere() -> None:
    swatches = {tuple(int(color[at : at + 2], 16) for at in (1, 3, 5)) for color in TIER_COLORS.values()}
    assert set(map(tuple, tier_swatches().tolist())) == swatches
    cube = CubeVisual()
    shells = {name: cube._look_uniforms()[f"u_{name}"] for name in TIER_COLORS}
    assert shells == {name: rgb(color) for name, color in TIER_COLORS.items()}
