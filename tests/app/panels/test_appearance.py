"""The look panel: every field reaches the cube, and the actions move the fields."""

from dataclasses import replace

import numpy as np
import pytest

from app.panels.appearance import OPACITIES

pytestmark = pytest.mark.gl


@pytest.fixture
def panel(window):
    return window.appearance


def test_every_field_reaches_the_cube(window, panel):
    cube = window.cube
    panel.surface.setValue(40)
    panel.interior.setValue(20)
    assert (cube.state.surface_opacity, cube.state.interior_opacity) == (0.4, 0.2)
    panel.gap.setValue(30)
    assert cube.state.gap == 0.3
    panel.spheres.setChecked(True)
    assert cube.state.shape == "sphere"
    assert window.actions_["shape"].isChecked()
    panel.shells.setChecked(False)
    assert not cube.state.shells_visible
    assert not window.actions_["shells"].isChecked()
    panel.isolate.setChecked(True)
    assert cube.state.isolate
    panel.slices[0].set_range(1, 3)
    panel.slices[2].set_range(0, 2)
    assert cube.state.ranges == ((1, 3), (0, 4), (0, 2))
    assert [label.text() for label in panel.slice_labels] == ["1 to 2", "all", "0 to 1"]
    panel.cutting.on.setChecked(True)
    assert len(cube.state.planes) == 1
    panel.cutting.through.setChecked(True)
    assert cube.state.cut
    panel.channel.setValue(3)
    assert window.display.channel == 3


def test_slices_begin_at_the_side_that_the_camera_sees(window, panel):
    window.cube.home(animated=False)
    for axis in "xyz":
        window.actions_[f"slice_{axis}"].trigger()
    assert [slider.range for slider in panel.slices] == [(0, 3), (1, 4), (0, 3)]
    window.cube.look(0, -1)
    window.actions_["slice_x"].trigger()
    window.actions_["slice_x_back"].trigger()
    assert panel.slices[0].range == (1, 2)


def test_the_handle_in_the_picture_moves_and_turns_the_plane(window, panel):
    handle, cutting = window.cube.plane_handle, panel.cutting
    assert not handle.isVisible()
    window.actions_["plane"].trigger()
    assert cutting.on.isChecked()
    assert handle.isVisible()
    turn, tilt, before = cutting.turn.value(), cutting.tilt.value(), window.cube.state.planes[0]
    handle.grabbed.emit()
    handle.moved.emit(0.5)
    handle.moved.emit(1.0)
    away = np.subtract(window.cube.state.planes[0].point, before.point)
    assert away @ before.normal == pytest.approx(1.0, abs=0.05)
    handle.moved.emit(-1.0)
    away = np.subtract(window.cube.state.planes[0].point, before.point)
    assert away @ before.normal == pytest.approx(-1.0, abs=0.05), "from where it was grabbed"
    handle.turned.emit(10.0, -5.0)
    assert (cutting.turn.value(), cutting.tilt.value()) == ((turn + 10) % 360, tilt - 5)
    cutting.on.setChecked(False)
    assert not window.actions_["plane"].isChecked()
    assert not handle.isVisible()


def test_actions_move_the_widgets(window, panel):
    window.actions_["shape"].trigger()
    assert panel.spheres.isChecked()
    window.actions_["slice_y"].trigger()
    window.actions_["slice_y"].trigger()
    window.actions_["slice_y_back"].trigger()
    assert panel.slices[1].range == (2, 3)
    window.actions_["slice_y"].trigger()
    assert panel.slices[1].range == (0, 4)
    window.actions_["slice_x_back"].trigger()
    window.actions_["slice_none"].trigger()
    assert window.cube.state.ranges is None
    names = []
    panel.said.connect(names.append)
    for _ in OPACITIES:
        window.actions_["opacity"].trigger()
    assert (window.cube.state.surface_opacity, window.cube.state.interior_opacity) == (1.0, 1.0)
    assert names[-1] == "Opacity: opaque"


@pytest.mark.parametrize(("azimuth", "elevation"), [(None, None), (10.0, -35.0), (170.0, 90.0)])
def test_the_first_plane_shows_its_cut_to_the_viewer_and_stays_as_it_was_left(window, panel, azimuth, elevation):
    if azimuth is not None:
        window.cube.set_pose(replace(window.cube.pose, azimuth=azimuth, elevation=elevation), animated=False)
    panel.cutting.on.setChecked(True)
    normal = window.cube.state.planes[0].equation()[:3]
    into_the_picture = window.cube.pose.axes()[2]
    assert sum(a * b for a, b in zip(normal, into_the_picture, strict=True)) > 0.9
    panel.cutting.turn.setValue(77)
    panel.cutting.on.setChecked(False)
    panel.cutting.on.setChecked(True)
    assert panel.cutting.turn.value() == 77


def test_at_the_ends_of_its_slider_the_plane_just_leaves_the_cube(window, panel):
    panel.cutting.on.setChecked(True)
    for turn, tilt in ((0, 0), (90, 0), (45, 30), (200, -70)):
        panel.cutting.turn.setValue(turn)
        panel.cutting.tilt.setValue(tilt)
        for shift, kept in ((-100, 8), (100, 0)):
            panel.cutting.shift.setValue(shift)
            a, b, c, d = window.cube.state.planes[0].equation()
            corners = [a * x + b * y + c * z + d for x in (0, 4) for y in (0, 4) for z in (0, 4)]
            assert sum(value >= -1e-6 for value in corners) >= kept
            assert (min(corners) if kept else -max(corners)) == pytest.approx(0.0, abs=1e-6)


def test_another_size_shows_all_cells(window, panel):
    panel.slices[0].set_range(1, 2)
    panel.cutting.on.setChecked(True)
    panel.set_dimensions((4, 6, 8))
    assert [slider.range for slider in panel.slices] == [(0, 4), (0, 6), (0, 8)]
    assert not panel.cutting.on.isChecked()


def test_an_edit_that_leaves_the_size_leaves_slices_and_plane(window, panel):
    panel.slices[0].set_range(1, 2)
    panel.cutting.on.setChecked(True)
    panel.show_run(window.controller.summary)
    assert panel.slices[0].range == window.cube.state.ranges[0] == (1, 2)
    assert panel.cutting.on.isChecked()
    panel.reset_slices()
    assert window.cube.state.ranges is None
