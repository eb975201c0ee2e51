"""Shader sources are composed for the features that a state needs, and no others."""

from __future__ import annotations

import re

import pytest

from app.cube.gl.shader import Features, fragment_source, vertex_source
from app.cube.state import GHOST_ALPHA, VISIBLE_ALPHA, CubeState, Plane

PLANE = Plane((1, 1, 1), (1, 0, 0))


@pytest.mark.parametrize(
    ("state", "features"),
    [
        (CubeState(), Features()),
        (CubeState(shape="sphere"), Features(sphere=True)),
        (CubeState(planes=(PLANE, PLANE)), Features(planes=2)),
        (CubeState(planes=(PLANE,), cut=True), Features(planes=1, cut=True)),
        (CubeState(cut=True), Features()),
        (CubeState(isolate=True), Features()),
        (CubeState(picked=(1, 1, 1)), Features(focus=True)),
        (CubeState(picked=(1, 1, 1), isolate=True), Features(focus=True, isolate=True)),
    ],
)
def test_a_state_needs_these_features(state, features):
    assert Features.of(state) == features


def test_features_and_constants_are_defined_once_with_the_values_that_picking_uses():
    source = fragment_source(Features(sphere=True, planes=2, ids=True))
    defined = dict(re.findall(r"^#define (\w+) (\S+)$", source, re.MULTILINE))
    assert defined["SPHERE"] == "1"
    assert defined["PLANES"] == "2"
    assert defined["FOCUS"] == "0"
    assert float(defined["GHOST_ALPHA"]) == GHOST_ALPHA
    assert float(defined["VISIBLE_ALPHA"]) == VISIBLE_ALPHA
    assert source.count("void main()") == 1
    assert "u_clip" in vertex_source()


def test_the_isolated_hull_can_not_be_picked():
    assert GHOST_ALPHA < VISIBLE_ALPHA


def test_sources_are_plain_ascii_for_every_driver():
    assert fragment_source(Features()).isascii()
