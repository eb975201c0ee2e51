"""Without OpenGL, or with one that is too old, the view says so, is never drawn on, and refuses pictures in words."""

import pytest
from PyQt6.QtGui import QOpenGLContext

from app.cube.gl import canvas as canvas_module
from app.cube.gl.canvas import make_canvas
from app.cube.gl.missing import MissingCanvas
from app.cube.view import CubeView
from lattice.errors import DeviceError


@pytest.fixture
def without_opengl(monkeypatch):
    monkeypatch.delenv("CELLCUBE_CANVAS", raising=False)
    monkeypatch.setattr(QOpenGLContext, "create", lambda _context: False)


def test_the_view_says_what_is_missing_and_what_to_do(qtbot, without_opengl, caplog):
    view = CubeView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    qtbot.waitExposed(view)
    label = view._stage.native
    assert label.isVisible()
    assert label.text().startswith("The cube can't be drawn.\n\nOpenGL is missing: the platform '")
    assert "xvfb-run python main.py" in label.text()
    assert "OpenGL is missing" in caplog.text
    view.set_dimensions((3, 3, 3))
    view.set_picked((1, 1, 1))
    view.look(2, 1)

    def arrived():
        view._stage.invalidate()  # as new colours do
        return not view._stage._camera.flying

    qtbot.waitUntil(arrived, timeout=10_000)
    assert view.frames_drawn == 0
    with pytest.raises(DeviceError, match=r"the cube can't be drawn\. OpenGL is missing"):
        view._stage.with_context(lambda: None)
    view.close_view()


@pytest.mark.gl
def test_an_opengl_that_is_too_old_is_said_in_its_place(qtbot, monkeypatch, caplog):
    monkeypatch.delenv("CELLCUBE_CANVAS", raising=False)
    monkeypatch.setattr(
        canvas_module, "shortcoming", lambda *_told: "OpenGL is too old: version 1.4, and 2.1 is needed."
    )
    canvas = make_canvas(lambda: pytest.fail("there is nothing to draw on"))
    qtbot.addWidget(canvas.native)
    assert isinstance(canvas, MissingCanvas)
    assert canvas.native.text().startswith("The cube can't be drawn.\n\nOpenGL is too old: version 1.4, and 2.1 is")
    assert "OpenGL is too old: version 1.4" in caplog.text


def test_its_canvas_is_never_ready(qtbot, without_opengl):
    canvas = make_canvas(lambda: pytest.fail("there is nothing to draw on"))
    qtbot.addWidget(canvas.native)
    assert isinstance(canvas, MissingCanvas)
    assert not canvas.ready
    assert not canvas.drawable
    canvas.set_current()
    canvas.update()
    canvas.close()
