"""The value that a plugin makes: what it refuses, what it says in words."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from app.cube.color.modes import ColorMode, Parameter
from app.cube.color.scales import LOGARITHMIC, SYMMETRIC, fixed


def measure(observation, lattice_step, where, _parameter):
    return observation.states_TXYZC[lattice_step, ..., 0][where]


def mode(**fields):
    return ColorMode(**{"title": "First channel", "tip": "The first number.", "measure": measure, **fields})


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"title": " "}, "a colour mode needs a title and a tip, got ' '"),
        ({"tip": ""}, "a colour mode needs a title and a tip"),
        (
            {"colormap": "polar"},
            r"the colour map of values of one sign is one of .*, got 'polar'",
        ),
        (
            {"scale": SYMMETRIC, "colormap": "ember"},
            r"the colour map of signed values is one of .*, got 'ember'",
        ),
        ({"needs": ("gates",)}, r"needs 'signal', 'mean' or 'trace\.NAME', got 'gates'"),
        ({"needs": ("trace.",)}, r"needs 'signal', 'mean' or 'trace\.NAME', got 'trace\.'"),
        ({"zero": "nothing"}, "`zero` is for the LOGARITHMIC scale only"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        mode(**fields)


def test_the_usual_map_follows_the_scale():
    assert mode().map_name == "aurora"
    assert mode(scale=SYMMETRIC).map_name == "polar"
    assert mode(scale=fixed(-1, 1)).signed
    assert not mode(scale=LOGARITHMIC).signed


def test_what_an_observation_lacks_is_said(make_observation):
    seen = make_observation(signal=False)
    assert mode().lacks(seen) == ""
    assert mode(needs=("signal",)).lacks(seen) == "comes with the next observation"
    assert mode(needs=("signal",)).needs_signal
    assert mode(needs=("trace.gates",)).lacks(seen) == ""
    assert mode(needs=("trace.pulse",)).lacks(seen).endswith("the cell rule reports no pulse")
    empty = replace(seen, trace={"gates": seen.trace["gates"][:0]})
    assert mode(needs=("trace.gates",)).lacks(empty).endswith("it has no lattice step")


def test_values_are_worded():
    assert mode().words(np.float32(0.12345)) == "0.123"
    assert mode(scale=SYMMETRIC).words(np.float32(2.0)) == "+2"
    assert mode(missing="no cell").words(np.float32(np.nan)) == "no cell"
    assert mode(value_text=lambda value: f"{float(value):.0%}").words(np.float32(0.5)) == "50%"


def test_the_title_names_the_parameter():
    turned = Parameter("plane", lambda _seen: 4)
    assert mode().caption(3) == "First channel"
    assert mode(parameter=turned).caption(3) == "First channel, plane 3"
    assert mode(parameter=replace(turned, caption=lambda _t, value: f"Plane {value}")).caption(3) == "Plane 3"


def test_a_mode_is_defined_and_listed_without_qt():
    code = """
import sys
from app.cube.color.catalogue import registered_modes
assert len(registered_modes()) == 9
print(sorted({"PyQt6", "vispy", "pyqtgraph"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
