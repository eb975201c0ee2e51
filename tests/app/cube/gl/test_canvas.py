"""Both canvases draw the same cube, and the one for computed graphics leaves the rest of the window alone."""

import numpy as np
import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtOpenGLWidgets import QOpenGLWidget
from PyQt6.QtWidgets import QWidget

from app.cube.gl import canvas
from app.cube.gl.canvas import CHOICE, ImageCanvas, WidgetCanvas
from app.cube.view import CubeView

pytestmark = pytest.mark.gl


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8)
    width = 3 * image.width()
    return rows.reshape(image.height(), image.bytesPerLine())[:, :width].reshape(image.height(), -1, 3).copy()


def shown(qtbot, monkeypatch, choice):
    monkeypatch.setenv(CHOICE, choice)
    view = CubeView()
    qtbot.addWidget(view)
    view.resize(320, 240)
    colours = np.zeros((3, 3, 3, 4), np.uint8)
    colours[..., 3] = 255
    colours[:, :, 0, 0], colours[:, :, 1, 1], colours[:, :, 2, 2] = 255, 255, 255
    view.set_colors(colours)
    with qtbot.waitExposed(view):
        view.show()
    qtbot.waitUntil(lambda: view.frames_drawn > 0, timeout=10_000)
    qtbot.wait(50)
    return view


@pytest.mark.parametrize(("choice", "kind"), [("widget", WidgetCanvas), ("image", ImageCanvas)])
def test_the_choice_can_be_made_by_hand(qtbot, monkeypatch, choice, kind):
    view = shown(qtbot, monkeypatch, choice)
    assert isinstance(view._stage._canvas, kind)
    assert bool(view.findChildren(QOpenGLWidget)) == (choice == "widget")


def test_no_program_of_the_desktop_is_asked_for_the_resolution(qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr("vispy.app.canvas.get_dpi", lambda **_settings: asked.append(True) or 96)
    shown(qtbot, monkeypatch, "widget")
    assert asked == []


def test_the_first_paint_of_a_window_shows_the_ground_and_the_cube_comes_after_it(qtbot, monkeypatch):
    monkeypatch.setenv(CHOICE, "image")
    view = CubeView()
    qtbot.addWidget(view)
    ground = pixels(view._stage.native.grab().toImage())
    assert view.frames_drawn == 0
    assert len(np.unique(ground.reshape(-1, 3), axis=0)) == 1
    view.show()
    qtbot.waitUntil(lambda: view.frames_drawn > 0, timeout=10_000)
    assert len(np.unique(pixels(view._stage.native.grab().toImage()).reshape(-1, 3), axis=0)) > 100


def test_the_threads_that_draw_get_short_slices(qtbot, monkeypatch):
    shortened = []
    monkeypatch.setattr(canvas, "threads_named", lambda beginning: [7, 8] if beginning == "llvmpipe" else [])
    monkeypatch.setattr(canvas, "shorten_time_slice", shortened.append)
    monkeypatch.setenv(CHOICE, "image")
    view = CubeView()
    qtbot.addWidget(view)
    assert shortened == [7, 8]


def test_both_show_the_same_picture(qtbot, monkeypatch):
    pictures = {}
    for choice in ("widget", "image"):
        view = shown(qtbot, monkeypatch, choice)
        pictures[choice] = pixels(view._stage.native.grabFramebuffer()).astype(int)
        view.close()
    difference = np.abs(pictures["widget"] - pictures["image"])
    assert (difference > 8).any(axis=-1).mean() < 0.01
    assert len(np.unique(pictures["image"].reshape(-1, 3), axis=0)) > 100


def test_a_covered_corner_is_shown_again_without_drawing(qtbot, monkeypatch):
    view = shown(qtbot, monkeypatch, "image")
    qtbot.waitUntil(lambda: view._stage.smoothed, timeout=20_000)
    qtbot.wait(200)
    before = view._stage._canvas._pixels
    cover = QWidget(view)
    cover.resize(60, 60)
    cover.show()
    qtbot.wait(50)
    cover.hide()
    qtbot.wait(50)
    assert view._stage._canvas._pixels is before


def test_another_size_is_drawn_anew(qtbot, monkeypatch):
    view = shown(qtbot, monkeypatch, "image")
    view.resize(400, 300)
    qtbot.waitUntil(lambda: view._stage.native.grabFramebuffer().width() == 400, timeout=5_000)


def test_a_closed_canvas_keeps_its_last_picture(qtbot, monkeypatch):
    view = shown(qtbot, monkeypatch, "image")
    view.close()
    assert not view._stage.native.grabFramebuffer().isNull()
    with pytest.raises(RuntimeError, match="once its view was shown"):
        view.image(10, 10)
