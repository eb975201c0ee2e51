"""What colours are read against stays with the run: in a file, after a crash, and over an edit."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from app.run.commands import OpenRun
from app.session.colors import CubeColors

pytestmark = pytest.mark.gl


@pytest.mark.parametrize("kind", ["checkpoint", "autosave"])
def test_directions_and_limits_come_back_with_the_file(qtbot, window, tmp_path, kind):
    colors, path = window.display.colors, tmp_path / "run.safetensors"
    colors.set_mode("norm")
    colors.set_limits(0.5, 8.0)
    colors.set_threshold(1.25)
    # Directions that no observation would give.
    axes = colors.colorizer.axes
    axes.axes = axes.axes[:, ::-1].copy()
    before = axes.axes.copy()
    with qtbot.waitSignal(window.controller.saved, timeout=10_000):
        window.controller.save(path, kind)
    with qtbot.waitSignal(window.display.observation_shown, timeout=10_000):
        window.controller.open(OpenRun("again", checkpoint=path, recovered=kind == "autosave"))
        qtbot.waitUntil(lambda: window.controller.summary.name == "again", timeout=10_000)
    assert (colors.limits, colors.threshold) == ((0.5, 8.0), 1.25)
    assert np.abs((colors.colorizer.axes.axes * before).sum(axis=0)).min() > 0.9


def test_another_run_begins_with_automatic_ends(qtbot, window):
    colors = window.display.colors
    colors.set_mode("norm")
    colors.set_limits(0.5, 8.0)
    colors.set_threshold(1.25)
    with qtbot.waitSignal(window.controller.opened, timeout=10_000):
        window.controller.open(OpenRun("other", window.controller.summary.config))
    assert (colors.limits, colors.threshold) == (None, None)


def test_stored_colours_that_can_not_be_read_are_said_and_found_again(qapp, caplog):
    colors = CubeColors()
    with caplog.at_level(logging.WARNING, "cellcube"):
        colors.restore({"mean": np.zeros(4, np.float32)}, 4)
    assert "the colours stored with the run can't be read, so they are found again: expected finite" in caplog.text
    assert not colors.colorizer.axes.known
    colors.close()


def test_the_way_back_takes_the_directions_from_before_the_divergence(qapp):
    colors, rng = CubeColors(), np.random.default_rng(0)
    axes = colors.colorizer.axes
    axes.update(rng.normal(size=(64, 6)).astype(np.float32))
    colors.keep_sound(31)
    before = axes.scale.copy()
    axes.update(1e4 * rng.normal(size=(64, 6)).astype(np.float32))
    colors.keep_sound(None)
    colors.keep_sound(31)
    colors.renew("back")
    np.testing.assert_allclose(axes.scale, before, rtol=1e-6)
    colors.begin(6)
    colors.renew("back")
    assert not axes.known, "nothing of another run is kept"
    colors.close()


def test_a_rebuild_says_that_the_directions_are_others(qapp):
    colors, said = CubeColors(), []
    colors.said.connect(said.append)
    colors.renew()
    assert said == ["State as RGB: the directions are those of the new student, so colours changed."]
    colors.set_mode("norm")
    colors.renew()
    colors.renew("undo", same=True)
    assert len(said) == 1
    colors.close()


def axes_of(turned):
    order = np.eye(4, dtype=np.float32)[:, ::-1] if turned else np.eye(4, dtype=np.float32)
    covariance = np.diag(np.float32([8, 4, 2, 1]))
    return {"mean": np.zeros(4, np.float32), "covariance": covariance, "axes": order[:, :3], "scale": np.ones(3, "f4")}


def test_the_directions_of_a_sound_state_come_back_with_it_and_leave_with_an_undo(qapp):
    colors, axes = CubeColors(), []
    colors.colorizer.axes.take_arrays(axes_of(turned=False))
    colors.keep_sound(71)
    colors.colorizer.axes.take_arrays(axes_of(turned=True))  # those of states that diverged
    for way in ("back", "undo", "redo"):
        colors.renew(way)
        axes.append(colors.colorizer.axes.to_arrays()["axes"])
    sound, diverged = axes_of(turned=False)["axes"], axes_of(turned=True)["axes"]
    assert [np.array_equal(found, sound) for found in axes] == [True, False, True]
    assert np.array_equal(axes[1], diverged)
    colors.close()


@pytest.mark.parametrize("way", ["apply", "undo", "redo"])
def test_another_student_keeps_its_own_directions_though_its_sound_state_is_of_the_same_step(qapp, way):
    colors, turned = CubeColors(), axes_of(turned=True)
    colors.colorizer.axes.take_arrays(axes_of(turned=False))
    colors.keep_sound(71)
    colors.renew(way)
    colors.colorizer.axes.take_arrays(turned)
    colors.keep_sound(71)
    colors.colorizer.axes.take_arrays(axes_of(turned=False))  # those of states that diverged
    colors.renew("back")
    assert np.array_equal(colors.colorizer.axes.to_arrays()["axes"], turned["axes"])
    colors.close()
