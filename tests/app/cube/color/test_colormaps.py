"""Colour maps: visible on their ground, even, and readable with the common colour blindnesses."""

from __future__ import annotations

import numpy as np
import pytest

from app.cube.color import colormaps
from app.cube.color.colormaps import DIVERGING, SEQUENTIAL, color_cube, colormap, cube_index, with_alpha
from app.cube.color.colorspace import contrast, from_oklab, to_linear, to_oklab, to_srgb
from app.cube.color.looks import look

# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
MAPS = [(name, dark) for name in SEQUENTIAL + DIVERGING for dark in (True, False)]


def shares(table):
    return table.astype(float) / 255.0


def seen_with(kind, rgb):
    return np.clip(to_srgb(np.clip(to_linear(rgb) @ np.array(BLINDNESS[kind]).T, 0.0, 1.0)), 0.0, 1.0)


def test_oklab_of_known_colours_and_back():
    # Reference values from the definition's own table: white and pure red.
    assert to_oklab(np.array([1.0, 1.0, 1.0])) == pytest.approx([1.0, 0.0, 0.0], abs=1e-4)
    assert to_oklab(np.array([1.0, 0.0, 0.0])) == pytest.approx([0.62796, 0.22486, 0.12585], abs=1e-4)
    rng = np.random.default_rng(0)
    colors = rng.uniform(size=(100, 3))
    assert from_oklab(to_oklab(colors)) == pytest.approx(colors, abs=1e-3)
    assert contrast(np.zeros(3), np.ones(3)) == pytest.approx(21.0)


@pytest.mark.parametrize(("name", "dark"), MAPS)
def test_every_colour_stands_out_from_its_ground(name, dark):
    table, ground = colormap(name, dark), look(dark)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    assert contrast(shares(table), np.array(ground.ground)).min() >= 1.5
    assert contrast(shares(table), np.array(ground.edge)).min() >= 1.2


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("name", SEQUENTIAL)
def test_sequential_lightness_goes_one_way_in_even_steps(name, dark):
    lightness = to_oklab(shares(colormap(name, dark)))[:, 0]
    steps = np.diff(lightness) * (1 if dark else -1)
    assert steps.min() > -0.003  # rounding to bytes
    coarse = np.diff(lightness[::15]) * (1 if dark else -1)
    assert coarse.min() > 0.6 * coarse.mean()
    assert abs(lightness[-1] - lightness[0]) > 0.5


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("name", DIVERGING)
def test_diverging_maps_are_closest_to_the_ground_at_zero_and_balanced(name, dark):
    lab = to_oklab(shares(colormap(name, dark)))
    away = np.abs(lab[:, 0] - to_oklab(np.array(look(dark).ground))[0])
    assert abs(int(away.argmin()) - 127) <= 8
    assert abs(lab[0, 0] - lab[-1, 0]) < 0.06
    # Between their ends and zero the two sides have opposite hues.
    assert lab[60, 1:] @ lab[195, 1:] < -0.002


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize(("name", "dark"), MAPS)
def test_nine_values_stay_apart_with_colour_blindness(name, dark, kind):
    lab = to_oklab(seen_with(kind, shares(colormap(name, dark)[::31])))
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert distances[~np.eye(len(lab), dtype=bool)].min() > 0.044


@pytest.mark.parametrize("dark", [True, False])
def test_no_mixture_of_three_values_is_lost_on_the_ground(dark):
    words = color_cube(dark)
    colors = np.ascontiguousarray(words).view(np.uint8).reshape(-1, 4)
    assert (colors[:, 3] == 255).all()
    assert contrast(shares(colors[:, :3]), np.array(look(dark).ground)).min() > 1.7


def test_the_colour_cube_is_indexed_by_red_green_and_blue():
    values = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [9.0, -9.0, -9.0]], np.float32).T
    found = color_cube(True)[cube_index(values)].view(np.uint8).reshape(-1, 4)
    assert found[:3, :3].argmax(axis=1).tolist() == [0, 1, 2]
    assert (found[3] == found[0]).all()


def test_alpha_is_the_last_byte_of_a_word():
    words = with_alpha(np.array([[1, 2, 3]], np.uint8), 77)
    assert words.view(np.uint8).tolist() == [1, 2, 3, 77]


def test_a_table_of_colors_is_made_of_arrays_that_numpy_does_not_ask_the_loader_about(monkeypatch):
    sizes = []

    def noted(rgb):
        sizes.append(rgb.nbytes)
        return to_oklab(rgb)

    monkeypatch.setattr(colormaps, "to_oklab", noted)
    words = color_cube.__wrapped__(True)
    assert max(sizes) < 256 * 1024
    assert sum(sizes) == 3 * 8 * len(words)
    np.testing.assert_array_equal(words, color_cube(True))
