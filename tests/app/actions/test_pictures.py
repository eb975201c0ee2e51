"""Saved pictures: none is lost on the way out, and a failure is told in words and leaves nothing behind."""

import pytest
from PyQt6.QtGui import QImage

from app.cube.gl.tiled_image import Portrait

pytestmark = pytest.mark.gl


def test_a_picture_that_is_still_drawn_is_finished_on_the_way_out(qtbot, window, tmp_path, monkeypatch):
    draw = Portrait.draw
    monkeypatch.setattr(Portrait, "draw", lambda portrait, _rows=None: draw(portrait, 2))
    window.pictures.save_picture(tmp_path / "late.png", 320, 200)
    window.pictures.save_picture(tmp_path / "later.png", 100, 80)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert QImage(str(tmp_path / "late.png")).width() == 320
    assert QImage(str(tmp_path / "later.png")).width() == 100


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory for 64 x 48 pixels; choose a smaller picture"),
        (RuntimeError("incomplete framebuffer"), "could not be drawn: incomplete framebuffer"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_told(qtbot, window, tmp_path, monkeypatch, error, words):
    def fails(*_arguments):
        raise error

    monkeypatch.setattr(Portrait, "draw", fails)
    window.pictures.save_picture(tmp_path / "cube.png", 64, 48)
    qtbot.waitUntil(window.errors.isVisible, timeout=20_000)
    assert words in window.errors.what.text()
    assert window.pictures._pending == set()
    assert not (tmp_path / "cube.png").exists()
    window.errors.close()


def test_a_picture_that_cannot_begin_is_told(qtbot, window, tmp_path, monkeypatch):
    def fails(*_arguments):
        raise RuntimeError("the cube can be drawn only once its view was shown")

    monkeypatch.setattr(window.cube, "take_picture", fails)
    window.pictures.save_picture(tmp_path / "cube.png", 64, 48)
    assert window.errors.isVisible()
    assert "only once its view was shown" in window.errors.what.text()
    assert window.pictures._pending == set()
    window.errors.close()
