"""A colour mode that fails takes nothing with it: the legend says what happened, the log once."""

from __future__ import annotations

import logging
import re

import numpy as np
import pytest

from app.cube.color.colorizer import Colorizer
from app.cube.color.mapping import NO_VALUE
from app.cube.color.modes import ColorMode, Parameter, Picture
from app.cube.color.scales import LOGARITHMIC


def mode(measure, **fields):
    made = {"title": "Mine", "tip": "A test.", "measure": measure, "name": "mine", "plugin": "/plugins/mine.py"}
    return ColorMode(**{**made, **fields})


def constant(value):
    return lambda seen, _step, where, _parameter: np.full(seen.dimensions, value, np.float32)[where]


def raises(_seen, _step, _where, _parameter):
    raise KeyError("pulse")


def at_all_cells_only(seen, _step, where, _parameter):
    """Fail after the ranges were measured: when all cells are painted."""
    if where is ...:
        raise ZeroDivisionError("no cells")
    return np.ones(seen.dimensions, np.float32)[where]


def only_for_several(seen, _step, where, _parameter):
    values = np.ones(seen.dimensions, np.float32)[where]
    return values if values.ndim else values[None]


@pytest.mark.parametrize(
    ("broken", "note"),
    [
        (mode(raises), "KeyError: 'pulse'"),
        (mode(at_all_cells_only), "ZeroDivisionError: no cells"),
        (
            mode(lambda seen, step, _where, _p: seen.states_TXYZC[step, 0, 0]),
            "measure must return shape (120,), got (4, 8)",
        ),
        (
            mode(constant(np.inf)),
            "120 of 120 values are not finite (NaN is for cells without a value, and `missing` then says why)",
        ),
        (mode(constant(np.inf), missing="none"), "120 of 120 values are not finite"),
        (
            mode(constant(-2.0), scale=LOGARITHMIC),
            "a logarithmic scale has no place for -2: expected values from 0 on",
        ),
        (mode(lambda *_: "words"), "ValueError: could not convert string to float: 'words'"),
        (
            mode(constant(1.0), parameter=Parameter("plane", lambda seen: seen.planes)),
            "AttributeError: 'Observation' object has no attribute 'planes'",
        ),
        (
            mode(constant(1.0), picture=lambda _seen, _step, _ground: None),
            "picture must return a Picture, got None",
        ),
        (
            mode(constant(1.0), picture=lambda *_: Picture(lambda: np.zeros(3), np.zeros((1, 3), np.uint8), ("one",))),
            "paint must return uint8 of shape (6, 5, 4, 4), got an array [3] of float64",
        ),
        (
            mode(constant(1.0), picture=lambda *_: Picture(lambda: np.zeros(3), np.zeros((1, 3), np.uint8), ())),
            "a picture needs labels and a swatch [3] for each: got 0 and (1, 3)",
        ),
    ],
)
def test_a_failing_mode_shows_nothing_and_says_why(make_observation, caplog, broken, note):
    seen, made = make_observation(), Colorizer(broken)
    with caplog.at_level(logging.ERROR):
        for step in (1, 2, 2):
            colors, legend = made.colors(seen, step)
    assert (legend.title, legend.kind, legend.labels) == ("Mine", "none", ())
    assert re.fullmatch(r"failed in test_measuring\.py, line \d+: " + re.escape(note), legend.note)
    assert colors.shape == (*seen.dimensions, 4)
    assert (np.ascontiguousarray(colors).view(np.uint32) == NO_VALUE).all()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1, "logged once"
    assert said[0].startswith(f"the colour mode 'Mine' failed: {__file__}, line ")


def test_a_value_that_fails_is_said_so_in_its_place(make_observation):
    made = Colorizer(mode(only_for_several))
    assert made.colors(make_observation(), 1)[1].kind == "sequential"
    assert made.value(make_observation(), 1, (0, 0, 0)).endswith(": measure must return shape (), got (1,)")


def test_words_that_fail_are_said_so(make_observation):
    made = Colorizer(mode(constant(1.0), value_text=lambda value: value.missing_method()))
    assert "has no attribute 'missing_method'" in made.value(make_observation(), 1, (0, 0, 0))


def test_a_mode_that_works_again_is_shown_again(make_observation):
    broken = [True]

    def measure(seen, step, where, parameter):
        return raises(seen, step, where, parameter) if broken[0] else constant(1.0)(seen, step, where, parameter)

    made, seen = Colorizer(mode(measure)), make_observation()
    assert made.colors(seen, 1)[1].kind == "none"
    broken[0] = False
    assert made.colors(seen, 1)[1].kind == "sequential"
