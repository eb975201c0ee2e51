"""The view on a real OpenGL context: what is on the picture, what the mouse does, and what is left afterwards."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtWidgets import QApplication

from app.cube.camera.pose import Pose
from app.cube.camera.projection import Projection
from app.cube.color.built_in import BUILT_IN_MODES
from app.cube.color.colorizer import Colorizer
from app.cube.color.looks import look, rgb
from app.cube.state import Plane

pytestmark = pytest.mark.gl

SIZE = (300, 220)
RED, GREEN, BLUE = (220, 30, 30), (30, 220, 30), (40, 60, 230)


def solid(dimensions=(4, 4, 4), color=RED, alpha=255):
    colors = np.zeros((*dimensions, 4), np.uint8)
    colors[..., :3], colors[..., 3] = color, alpha
    return colors


def shown(view):
    return view.image(*SIZE, supersample=1).astype(int)


def pixel_of(view, cell, size=SIZE):
    x, y, _ = Projection(view.pose, *size).project(np.array(cell, float) + 0.5)[0]
    return int(x), int(y)


def face_pixel(view, point):
    x, y, _ = Projection(view.pose, *SIZE).project(np.array(point, float))[0]
    return int(x), int(y)


def at(picture, pixel):
    return picture[pixel[1], pixel[0]]


def dominant(color):
    return int(np.argmax(color))


def is_ground(view, picture, pixel):
    """Whether a pixel shows the backdrop: compare with the picture of an empty cube."""
    state = view.state
    view.set_opacity(0.0, 0.0)
    empty = shown(view)
    view.set_opacity(state.surface_opacity, state.interior_opacity)
    return np.abs(at(picture, pixel) - at(empty, pixel)).max() <= 14


@pytest.fixture
def front(view):
    """A 4x4x4 view from +x without perspective: y to the right, z up."""
    view.set_dimensions((4, 4, 4))
    view.set_guides_visible(False)
    view.set_pose(Pose((2.0, 2.0, 2.0), 0.0, 0.0, 12.0, orthographic=True), animated=False)
    return view


def test_cells_are_where_they_belong_and_have_their_colours(front):
    colors = solid()
    colors[3, 0, 0, :3], colors[3, 3, 3, :3] = GREEN, BLUE
    front.set_colors(colors)
    picture = shown(front)
    low_left, high_right = pixel_of(front, (3, 0, 0)), pixel_of(front, (3, 3, 3))
    assert low_left[0] < high_right[0]
    assert low_left[1] > high_right[1]
    assert dominant(at(picture, low_left)) == 1
    assert dominant(at(picture, high_right)) == 2
    assert dominant(at(picture, pixel_of(front, (3, 3, 0)))) == 0
    assert is_ground(front, picture, (3, 3))


def test_the_picture_changes_with_the_colours_and_only_then(front):
    front.set_colors(solid(color=RED))
    first = shown(front)
    assert (shown(front) == first).all()
    buffer = solid(color=GREEN)
    front.set_colors(buffer)
    buffer[:] = 0  # the view has its own copy
    second = shown(front)
    assert np.abs(second - first).max() > 80
    assert dominant(at(second, pixel_of(front, (3, 1, 1)))) == 1


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("mode", BUILT_IN_MODES, ids=lambda mode: mode.name)
def test_each_colour_mode_reaches_the_screen(front, make_observation, mode, dark):
    """The middle of each cell's face has the hue that the colorizer gave it."""
    made = Colorizer(mode, dark=dark)
    seen = make_observation((4, 4, 4))
    colors, legend = made.colors(seen, 2)
    colors = colors.copy()
    colors[..., 3] = 255
    front.set_theme(dark)
    front.set_colors(colors)
    front.set_legend(legend)
    picture = shown(front)
    for y, z in np.ndindex(4, 4):
        expected = colors[3, y, z, :3].astype(float)
        got = at(picture, pixel_of(front, (3, y, z))).astype(float)
        assert np.dot(expected, got) / (np.linalg.norm(expected) * np.linalg.norm(got)) > 0.97
    assert front.legend.isVisible()


def test_slicing_hides_cells_and_lays_the_inside_bare(front):
    colors = solid()
    colors[1] = solid((1, 4, 4), BLUE)[0]
    front.set_colors(colors)
    front.set_ranges(x=(0, 2), z=(0, 2))
    picture = shown(front)
    assert dominant(at(picture, pixel_of(front, (1, 1, 1)))) == 2
    assert is_ground(front, picture, pixel_of(front, (1, 1, 3)))
    front.set_ranges()
    assert dominant(at(shown(front), pixel_of(front, (1, 1, 3)))) == 0


def test_a_cut_face_is_surface_only_with_a_cap(front):
    front.set_dimensions((4, 4, 4))
    front.set_colors(solid())
    front.set_opacity(1.0, 0.0)
    front.set_ranges(x=(0, 2), cap=True)
    assert dominant(at(shown(front), pixel_of(front, (1, 1, 1)))) == 0
    capped = at(shown(front), pixel_of(front, (1, 1, 1)))
    front.set_ranges(x=(0, 2), cap=False)
    assert at(shown(front), pixel_of(front, (1, 1, 1)))[0] < capped[0]  # the far wall, in fog


def test_surface_and_interior_opacity_are_apart(front):
    colors = solid((4, 4, 4), RED)
    colors[1:3, 1:3, 1:3, :3] = BLUE
    front.set_colors(colors)
    front.set_opacity(0.0, 1.0)
    picture = shown(front)
    assert dominant(at(picture, pixel_of(front, (2, 1, 1)))) == 2
    assert is_ground(front, picture, pixel_of(front, (3, 0, 0)))
    front.set_opacity(0.5, 1.0)
    mixed = at(shown(front), pixel_of(front, (2, 1, 1)))
    assert mixed[0] > 60
    assert mixed[2] > 60
    front.set_opacity(1.0, 1.0)
    assert at(shown(front), pixel_of(front, (2, 1, 1)))[2] < 60


def test_spheres_leave_their_corners_empty(front):
    front.set_colors(solid((1, 1, 1)))
    front.set_pose(Pose((0.5, 0.5, 0.5), 0.0, 0.0, 3.0, orthographic=True), animated=False)
    front.set_gap(0.0)
    corner, middle = face_pixel(front, (1.0, 0.06, 0.06)), face_pixel(front, (1.0, 0.5, 0.5))
    assert not is_ground(front, shown(front), corner)
    front.set_shape("sphere")
    picture = shown(front)
    assert is_ground(front, picture, corner)
    assert dominant(at(picture, middle)) == 0


def test_the_gap_shows_the_ground(front):
    front.set_colors(solid((1, 2, 1)))
    front.set_pose(Pose((0.5, 1.0, 0.5), 0.0, 0.0, 3.0, orthographic=True), animated=False)
    between = face_pixel(front, (1.0, 1.0, 0.5))
    front.set_gap(0.3)
    assert is_ground(front, shown(front), between)
    front.set_gap(0.0)
    assert not is_ground(front, shown(front), between)


@pytest.mark.parametrize("cut", [False, True])
def test_a_free_plane_hides_one_side(front, cut):
    front.set_colors(solid())
    front.set_planes([Plane((1.5, 1.5, 1.5), (0.0, -1.0, 0.0))], cut=cut)
    picture = shown(front)
    assert not is_ground(front, picture, pixel_of(front, (3, 0, 2)))
    assert is_ground(front, picture, pixel_of(front, (3, 3, 2)))


def test_a_true_cut_goes_through_a_cell_and_the_other_takes_all_of_it(front):
    front.set_colors(solid((1, 1, 1)))
    front.set_gap(0.0)
    front.set_pose(Pose((0.5, 0.5, 0.5), 0.0, 0.0, 3.0, orthographic=True), animated=False)
    left, right = face_pixel(front, (1.0, 0.2, 0.5)), face_pixel(front, (1.0, 0.8, 0.5))
    front.set_planes([Plane((0.0, 0.0, 0.0), (0.0, -1.0, 0.0))], cut=True)
    picture = shown(front)
    assert not is_ground(front, picture, left)
    assert is_ground(front, picture, right)
    front.set_planes([Plane((0.0, -0.1, 0.0), (0.0, -1.0, 0.0))], cut=False)
    assert is_ground(front, shown(front), left)


def test_shells_have_their_tiers_colours(front):
    grey = solid((9, 9, 9), (120, 120, 120))
    front.set_colors(grey)
    front.set_guides_visible(False)
    front.set_pose(Pose((4.5, 4.5, 4.5), 0.0, 0.0, 22.0, orthographic=True), animated=False)
    front.set_thresholds(1.0, 2.0, 3.0)
    front.set_picked((8, 4, 4))
    picture = shown(front)
    probes = {"local": (8, 5, 4), "functional": (8, 5, 5), "distant": (8, 7, 4)}
    expected = {"local": "#DC7410", "functional": "#0C9C88", "distant": "#9A63DE"}
    for tier, cell in probes.items():
        y, z = cell[1] + 0.5, cell[2] + 0.5
        got = at(picture, face_pixel(front, (9.0, y, z + 0.38))).astype(float)
        distances = {name: np.linalg.norm(got / 255 - np.array(rgb(text))) for name, text in expected.items()}
        assert min(distances, key=distances.get) == tier
        # Inside its frame a neighbour keeps its own colour, and so does the picked cell.
        assert np.ptp(at(picture, pixel_of(front, cell))) < 30
    for cell in ((8, 8, 4), (8, 4, 4)):
        assert np.ptp(at(picture, pixel_of(front, cell))) < 30
    front.set_shells_visible(False)
    assert np.ptp(at(shown(front), pixel_of(front, (8, 5, 4)))) < 60


def test_a_picked_cell_shows_through_what_hides_it(front):
    front.set_colors(solid((5, 5, 5), (40, 40, 90)))
    front.set_pose(Pose((2.5, 2.5, 2.5), 0.0, 0.0, 13.0, orthographic=True), animated=False)
    edge = face_pixel(front, (2.5, 2.5, 2.9))
    before = at(shown(front), edge)
    front.set_picked((2, 2, 2))
    assert at(shown(front), edge).sum() > before.sum() + 60


def test_isolating_shows_the_shells_and_almost_nothing_else(front):
    front.set_colors(solid((9, 9, 9), (200, 200, 200)))
    front.set_pose(Pose((4.5, 4.5, 4.5), 0.0, 0.0, 22.0, orthographic=True), animated=False)
    front.set_thresholds(0.5, 1.0, 2.0)
    front.set_picked((4, 4, 4))
    front.set_isolate(True)
    picture = shown(front)
    assert at(picture, pixel_of(front, (8, 0, 0))).max() < 90
    assert at(picture, pixel_of(front, (4, 4, 4))).max() > 120


def test_orthographic_lines_stay_parallel(view):
    view.set_dimensions((4, 4, 12))
    for orthographic, parallel in ((True, True), (False, False)):
        view.set_pose(Pose((2, 2, 6), 30.0, 0.0, 22.0, orthographic=orthographic), animated=False)
        projection = Projection(view.pose, *SIZE)
        left = projection.project(np.array([[0, 0, 0], [0, 0, 12.0]]))[:, 1]
        right = projection.project(np.array([[4, 4, 0], [4, 4, 12.0]]))[:, 1]
        assert bool(abs(np.ptp(left) - np.ptp(right)) < 1e-6) is parallel


@pytest.mark.parametrize("dark", [True, False])
def test_the_ground_follows_the_theme(front, dark):
    front.set_theme(dark)
    ground = shown(front)[4:30, 4:30].mean() / 255
    assert abs(ground - np.mean(look(dark).edge)) < abs(ground - np.mean(look(not dark).edge))


def test_pictures_have_any_size_and_supersampling_smooths(view):
    view.set_colors(solid())
    assert view.image(123, 77, supersample=1).shape == (77, 123, 3)
    rough, smooth = view.image(160, 120, supersample=1).astype(float), view.image(160, 120, supersample=3).astype(float)
    assert np.abs(rough - smooth).mean() < 6
    assert np.abs(np.diff(smooth, axis=1)).max() < np.abs(np.diff(rough, axis=1)).max()


def test_bands_and_kept_grounds_make_the_same_picture(view):
    from app.cube.gl.target import Target

    view.set_colors(solid((5, 6, 7)))
    view.set_picked((4, 3, 3))
    renderer, pose = view._stage.renderer, view.pose

    def pictures():
        found = []
        for draw in ("whole", "bands", "kept", "kept"):
            target = Target()
            target.resize(200, 150)
            if draw == "bands":
                for row in range(0, 150, 37):
                    renderer.draw_scene(target, pose, (200, 150), (row, min(37, 150 - row)))
            elif draw == "kept":
                renderer.redraw_scene(target, pose, (200, 150))
            else:
                renderer.draw_scene(target, pose, (200, 150))
            renderer.finish(target, pose)
            found.append(target.read().astype(int))
            target.delete()
        return found

    whole, *others = view.with_context(pictures)
    for other in others:
        assert np.abs(other - whole).max() <= 1


def test_the_hovered_cells_outline_is_drawn_on_top(view, qtbot, pump):
    view.set_colors(solid())
    pump(0.6)
    before = view.grab().toImage()
    spot = QPointF(*pixel_of(view, (3, 0, 2), (view.width(), view.height())))
    send(view, QEvent.Type.MouseMove, spot)
    pump(0.15)
    after = view.grab().toImage()
    spots = [(x, y) for x in range(before.width()) for y in range(0, before.height(), 2)]
    changed = [at for at in spots if before.pixel(*at) != after.pixel(*at)]
    assert changed


def send(view, kind, position, button=Qt.MouseButton.NoButton, buttons=None, modifiers=Qt.KeyboardModifier.NoModifier):
    """Deliver a mouse event to the canvas, as Qt would."""
    native = view._stage.native
    held = buttons if buttons is not None else Qt.MouseButton.NoButton
    event = QMouseEvent(kind, position, native.mapToGlobal(position), button, held, modifiers)
    QApplication.sendEvent(native, event)


def click(view, position, button=Qt.MouseButton.LeftButton):
    send(view, QEvent.Type.MouseButtonPress, position, button, button)
    send(view, QEvent.Type.MouseButtonRelease, position, button)


def test_hover_and_click_find_the_cell_that_is_drawn_there(view, qtbot):
    view.set_colors(solid((5, 6, 7)))
    hovered, picked = [], []
    view.hovered.connect(hovered.append)
    view.picked.connect(picked.append)
    spot = QPointF(*pixel_of(view, (4, 0, 3), (view.width(), view.height())))
    expected = view.cell_at(spot)
    assert expected is not None
    send(view, QEvent.Type.MouseMove, spot)
    send(view, QEvent.Type.MouseMove, spot)
    click(view, spot)
    click(view, QPointF(2, 2))
    assert hovered == [expected]
    assert picked == [expected, None]
    send(view, QEvent.Type.Leave, spot)
    assert hovered == [expected, None]


def test_a_drag_turns_the_camera_and_picks_nothing(view):
    view.set_colors(solid())
    picked, before = [], view.pose
    view.picked.connect(picked.append)
    left = Qt.MouseButton.LeftButton
    send(view, QEvent.Type.MouseButtonPress, QPointF(150, 120), left, left)
    for x in range(150, 200, 5):
        send(view, QEvent.Type.MouseMove, QPointF(x, 120), buttons=left)
    send(view, QEvent.Type.MouseButtonRelease, QPointF(200, 120), left)
    assert picked == []
    assert view.pose.azimuth < before.azimuth - 10
    assert view.pose.target == before.target
    right = Qt.MouseButton.RightButton
    send(view, QEvent.Type.MouseButtonPress, QPointF(150, 120), right, right)
    send(view, QEvent.Type.MouseMove, QPointF(190, 120), buttons=right)
    send(view, QEvent.Type.MouseButtonRelease, QPointF(190, 120), right)
    assert view.pose.target != before.target


def test_a_trembling_click_is_still_a_click(view):
    view.set_colors(solid())
    picked = []
    view.picked.connect(picked.append)
    left = Qt.MouseButton.LeftButton
    send(view, QEvent.Type.MouseButtonPress, QPointF(150, 120), left, left)
    send(view, QEvent.Type.MouseMove, QPointF(152, 121), buttons=left)
    send(view, QEvent.Type.MouseButtonRelease, QPointF(152, 121), left)
    assert len(picked) == 1


def test_the_wheel_zooms_and_a_double_click_on_the_ground_goes_home(view, qtbot):
    view.set_colors(solid())
    start = view.pose
    native = view._stage.native
    wheel = QWheelEvent(
        QPointF(150, 120),
        QPointF(150, 120),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(native, wheel)
    assert view.pose.distance == pytest.approx(start.distance * 0.86**3)
    send(view, QEvent.Type.MouseButtonDblClick, QPointF(3, 3), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.pose == start, timeout=5000)


def test_presets_fly_and_arrive(view, qtbot):
    view.set_colors(solid())
    view.look(2, 1)
    qtbot.waitUntil(lambda: view.pose.elevation == 90.0, timeout=5000)
    view.focus_on((1, 2, 3))
    qtbot.waitUntil(lambda: view.pose.target == (1.5, 2.5, 3.5), timeout=5000)
    view.set_orthographic(True)
    assert view.pose.orthographic
    view.home(animated=False)
    assert view.pose.orthographic


def test_new_dimensions_clear_what_belonged_to_the_old_ones(view):
    view.set_colors(solid())
    view.set_picked((3, 3, 3))
    view.set_ranges(x=(0, 2))
    view.set_colors(solid((2, 3, 5)))
    assert view.state.dimensions == (2, 3, 5)
    assert view.state.picked is None
    assert view.state.ranges is None
    with pytest.raises(ValueError, match=r"cell \(3, 3, 3\) is outside the 2x3x5 lattice"):
        view.set_picked((3, 3, 3))
    assert view.state.picked is None


def test_one_picture_for_many_changes_and_none_without(view, pump):
    pump(0.8)
    before = view.frames_drawn
    for i in range(50):
        view.set_colors(solid(color=(i, 0, 0)))
    pump(0.12)
    assert 1 <= view.frames_drawn - before <= 3
    pump(0.8)
    settled = view.frames_drawn
    pump(0.3)
    assert view.frames_drawn == settled


def test_idle_pictures_are_smoothed(view, qtbot, pump):
    view.set_colors(solid((5, 5, 5)))
    qtbot.waitUntil(lambda: view._stage.smoothed, timeout=10_000)
    view.set_gap(0.2)
    assert not view._stage.smoothed


def test_a_lattice_larger_than_a_texture_is_shown_coarsely_with_a_notice(view):
    notices = []
    view.notice.connect(notices.append)
    view._stage.renderer.cube.set_limit(4)
    colors = solid((6, 6, 6), GREEN)
    view.set_colors(colors)
    assert notices == ["This graphics device shows one colour per 2 x 2 x 2 cells."]
    view.set_guides_visible(False)
    view.set_pose(Pose((3, 3, 3), 0.0, 0.0, 16.0, orthographic=True), animated=False)
    picture = shown(view)
    assert all(dominant(at(picture, pixel_of(view, (5, y, z)))) == 1 for y in range(6) for z in range(6))
    view._stage.renderer.cube.set_limit(64)
    view.set_colors(colors)
    assert len(notices) == 1


def test_textures_and_programs_are_reused(view):
    view.set_colors(solid())
    shown(view)
    cube = view._stage.renderer.cube
    texture, programs = cube._texture, len(cube._programs)
    for side in (4, 6, 3, 4):
        view.set_colors(solid((side,) * 3))
        shown(view)
    assert cube._texture is texture
    assert len(cube._programs) == programs


def test_closing_leaves_no_timer_and_a_second_close_is_harmless(qtbot, pump):
    from app.cube.view import CubeView

    widget = CubeView()
    widget.resize(200, 150)
    widget.show()
    pump(0.2)
    widget.set_colors(solid())
    widget.close()
    widget.close_view()
    widget.set_colors(solid(color=GREEN))
    pump(0.2)
    assert not [t for t in widget.findChildren(QTimer) + widget._stage.findChildren(QTimer) if t.isActive()]
    widget.deleteLater()
    pump(0.05)
    del widget
    gc.collect()


def test_a_view_that_was_never_shown_keeps_its_settings_and_goes_home_when_shown(qtbot, pump):
    from app.cube.camera.pose import home
    from app.cube.view import CubeView

    widget = CubeView()
    qtbot.addWidget(widget)
    widget.set_colors(solid((3, 4, 9)))
    with pytest.raises(RuntimeError, match="only once its view was shown"):
        widget.image(10, 10)
    widget.resize(150, 320)
    widget.show()
    qtbot.waitUntil(lambda: widget.frames_drawn > 0, timeout=20_000)
    assert widget.pose == home((3, 4, 9), 150, 320)
    assert dominant(at(widget.image(150, 320, 1).astype(int), pixel_of(widget, (2, 0, 4), (150, 320)))) == 0
