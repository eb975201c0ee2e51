"""Saved pictures: none is lost on the way out, and a failure is told in words and leaves nothing behind."""

from pathlib import Path

import pytest
from PyQt6.QtGui import QImage

from app.cube.gl.tiled_image import TiledImage

pytestmark = pytest.mark.gl


def test_a_picture_that_is_still_drawn_is_finished_on_the_way_out(qtbot, window, tmp_path, monkeypatch):
    draw = TiledImage.draw
    monkeypatch.setattr(TiledImage, "draw", lambda portrait, _rows=None: draw(portrait, 2))
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

    monkeypatch.setattr(TiledImage, "draw", fails)
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


@pytest.mark.gl
def test_a_photo_shows_the_cube(qtbot, window, tmp_path):
    window.pictures.save_picture(tmp_path / "deep" / "cube.png", 320, 200)
    qtbot.waitUntil(lambda: "Saved" in window.status.facts_label.full_text, timeout=20_000)
    image = QImage(str(tmp_path / "deep" / "cube.png"))
    assert (image.width(), image.height()) == (320, 200)
    colours = {image.pixel(x, y) for x in range(0, 320, 8) for y in range(0, 200, 8)}
    assert len(colours) > 30


@pytest.mark.gl
def test_photos_do_not_overwrite_each_other(qtbot, window, tmp_path, monkeypatch):
    monkeypatch.setattr("app.actions.pictures.QStandardPaths.writableLocation", lambda _place: str(tmp_path))
    window.actions_["photo"].trigger()
    window.actions_["photo"].trigger()
    qtbot.waitUntil(lambda: len(list((tmp_path / "Cellcube").glob("small-*.png"))) == 2, timeout=20_000)


@pytest.mark.gl
def test_a_picture_that_cannot_be_written_is_told(qtbot, window, tmp_path):
    (tmp_path / "file").touch()
    window.pictures.save_picture(tmp_path / "file" / "cube.png", 64, 48)
    qtbot.waitUntil(window.errors.isVisible, timeout=20_000)
    window.errors.close()


@pytest.mark.gl
def test_a_picture_at_a_chosen_size(qtbot, window, tmp_path, answer):
    from app.pictures.dialog import PictureDialog

    answer(tmp_path / "large.png")
    window.actions_["picture"].trigger()
    dialog = window.findChild(PictureDialog)
    dialog.width_field.setValue(500)
    dialog.height_field.setValue(300)
    dialog.accept()
    qtbot.waitUntil(lambda: "Saved" in window.status.facts_label.full_text, timeout=20_000)
    assert QImage(str(tmp_path / "large.png")).width() == 500


@pytest.mark.gl
def test_a_movie_of_the_cube(qtbot, window, tmp_path, answer):
    answer(tmp_path / "cube.gif")
    window.actions_["record"].trigger()
    assert window.pictures.recorder.recording
    assert window.actions_["record"].isChecked()
    assert window.actions_["record"].text() == "End the movie"
    qtbot.wait(300)
    window.actions_["record"].trigger()
    qtbot.waitUntil(lambda: (tmp_path / "cube.gif").exists() and not window.actions_["record"].isChecked(),
                    timeout=30_000)  # fmt: skip
    qtbot.waitUntil(lambda: " long" in window.status.facts_label.full_text, timeout=30_000)


@pytest.mark.gl
def test_pictures_and_movies_have_the_pixels_of_the_screen(window, monkeypatch):
    monkeypatch.setattr(type(window.cube), "pixels", property(lambda _cube: (330, 210)))  # as where 1.5 are one
    saved, frames = [], []
    monkeypatch.setattr(window.pictures, "save_picture", lambda _path, *size: saved.append(size))
    monkeypatch.setattr(window.pictures.recorder, "start", lambda _path, grab: frames.append(grab().shape))
    window.pictures.photo()
    window.pictures.start_recording(Path("cube.gif"))
    assert saved == [(330, 210)]
    assert frames == [(210, 330, 3)]


@pytest.mark.gl
def test_closing_finishes_the_movie(qtbot, make_window, tmp_path):
    window = make_window()
    window.pictures.start_recording(tmp_path / "cube.mp4")
    qtbot.wait(200)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert (tmp_path / "cube.mp4").stat().st_size > 500
