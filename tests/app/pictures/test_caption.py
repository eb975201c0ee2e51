"""What pictures and movies say about themselves: legend, run and training step, beside the cube."""

from dataclasses import replace

import imageio_ffmpeg
import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRect, QSize
from PyQt6.QtGui import QFont, QImage

from app.cube.color.colormaps import colormap
from app.cube.color.legend import Legend
from app.cube.overlay.face_label import FaceSpot
from app.cube.overlay.layer import middle
from app.pictures.caption import Caption, stamped, to_pixels
from app.pictures.dialog import PictureDialog
from tests.app.pictures.test_movie import decoded

BAR = Legend("State norm", "", 0.25, 2.0, colormap("aurora"), "sequential")
MOMENT = ("training step 412 of 600", "lattice step 5 of 5")


@pytest.fixture
def caption(qapp):
    return Caption("debug", MOMENT, BAR, dark=True, font=QFont())


def places(stamps):
    return [QRect(stamp.corner, stamp.image.size()) for stamp in stamps]


@pytest.mark.parametrize("size", [(312, 168), (510, 357), (746, 372), (1280, 1280), (3840, 2160)])
def test_words_lie_inside_the_picture_and_beside_the_cube(caption, size):
    found = places(caption.stamps(*size))
    assert len(found) == 2
    for place in found:
        assert QRect(0, 0, *size).contains(place)
        assert not place.intersects(middle(QSize(*size), 0.5))
        if size != (312, 168):
            assert not place.intersects(middle(QSize(*size), 0.8))
    assert not found[0].intersects(found[1])


def test_large_pictures_have_large_words_and_tiny_ones_none(caption):
    small, large = places(caption.stamps(900, 800)), places(caption.stamps(2700, 2400))
    assert large[0].width() == pytest.approx(3 * small[0].width(), abs=3)
    assert caption.stamps(64, 48) == []


def test_a_picture_without_a_legend_still_has_its_name(caption):
    assert len(replace(caption, legend=None).stamps(800, 600)) == 1


SPOTS = (FaceSpot("painted", QPointF(40, 250), QPointF(-1, 0)), FaceSpot("read", QPointF(480, 300), QPointF(1, 0)))


@pytest.mark.parametrize("size", [(510, 357), (746, 372), (1280, 1280), (1600, 900)])
def test_sample_erased_cells_and_marked_faces_are_named_apart_from_each_other(caption, size):
    scale = max(1.0, min(size) / 800)
    spots = [replace(spot, at=spot.at * scale) for spot in SPOTS]
    erased = replace(BAR, erased=64)
    told = replace(caption, sample="a sentence " * 30, erased="64 of 512 cells erased: layer x = 6", legend=erased)
    found = places(told.stamps(*size, spots))
    # Where there is room only at the cube's sides, the facts have a place of their own.
    assert len(found) == (4 if size == (1600, 900) else 5)
    for place in found:
        assert QRect(0, 0, *size).contains(place)
        assert not any(place.intersects(other) for other in found if other is not place)
    bare = places(caption.stamps(*size))
    assert sum(place.width() * place.height() for place in found[:-2]) > sum(p.width() * p.height() for p in bare)


def test_a_word_beside_a_face_gives_way_to_the_legend(caption):
    key = places(caption.stamps(800, 600))[0]
    on_it = FaceSpot("read", QPointF(key.center()), QPointF(0, 1))
    found = places(caption.stamps(800, 600, [on_it]))
    assert len(found) == 3
    assert not found[2].intersects(key)
    assert (found[2].center() - key.center()).manhattanLength() < key.width() + key.height()


def test_a_tiny_picture_has_no_words_beside_faces_either(caption):
    assert caption.stamps(64, 48, [FaceSpot("read", QPointF(30, 20), QPointF(0, 1))]) == []


def test_a_long_name_is_cut(caption):
    long = replace(caption, name="a very long name of a run " * 20)
    assert all(QRect(0, 0, 800, 600).contains(place) for place in places(long.stamps(800, 600)))


def test_stamps_show_the_colours_and_leave_the_rest_as_it_was(caption):
    pixels = np.full((600, 801, 4), 77, np.uint8)
    stamps = caption.stamps(801, 600)
    image = to_pixels(stamped(pixels, stamps))
    assert image.shape == (600, 801, 3)
    free = np.ones((600, 801), bool)
    for place in places(stamps):
        free[place.top() : place.bottom() + 1, place.left() : place.right() + 1] = False
    assert (image[free] == 77).all()
    key = places(stamps)[0]
    shown = image[key.top() : key.bottom(), key.left() : key.right()].reshape(-1, 3).astype(int)
    for colour in BAR.colours[[10, 128, 245]]:
        assert np.abs(shown - colour).max(axis=1).min() < 8
    assert (to_pixels(stamped(pixels, [])) == 77).all()


def corners(image):
    """Return the part of a picture in which the name lies, and the one in which the legend lies."""
    height, width = image.shape[:2]
    return image[: height // 8, : width // 4].astype(int), image[-height // 8 :, -width // 4 :].astype(int)


def loaded(path):
    return to_pixels(QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888))


def test_pictures_keep_their_colours():
    pixels = np.zeros((3, 5, 3), np.uint8)
    pixels[1, 4] = (10, 20, 30)
    image = stamped(pixels, [])
    assert (image.width(), image.height()) == (5, 3)
    assert image.pixelColor(4, 1).getRgb()[:3] == (10, 20, 30)


@pytest.mark.gl
def test_pictures_have_a_caption_unless_it_is_switched_off(qtbot, window, tmp_path):
    def saved(name):
        window.pictures.save_picture(tmp_path / name, 800, 600)
        qtbot.waitUntil(lambda: name in window.status.facts_label.full_text, timeout=20_000)
        return loaded(tmp_path / name)

    assert window.actions_["captions"].isChecked()
    with_caption = saved("with.png")
    window.actions_["captions"].trigger()
    assert not window.preferences.captions
    bare = saved("bare.png")
    for said, ground in zip(corners(with_caption), corners(bare), strict=True):
        assert np.abs(said - ground).max() > 60
    centre = slice(200, 400), slice(300, 500)
    assert (with_caption[centre] == bare[centre]).all()


@pytest.mark.gl
def test_a_movie_has_the_caption_of_each_moment(qtbot, window, tmp_path):
    window.display.set_mode("norm")
    width, height = window.cube.width() & ~1, window.cube.height() & ~1
    bare = window.cube.image(window.cube.width(), window.cube.height(), 1)
    window.pictures.start_recording(tmp_path / "cube.mp4")
    qtbot.wait(200)
    with qtbot.waitSignal(window.pictures.recorder.stopped, timeout=30_000):
        window.pictures.recorder.stop()
    frame = decoded(tmp_path / "cube.mp4", width, height)[-1]
    for said, ground in zip(corners(frame), corners(bare[:height, :width]), strict=True):
        assert np.abs(said - ground).max() > 60
    assert imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "cube.mp4"))[0] >= 2


@pytest.mark.gl
def test_the_caption_names_the_run_the_colours_and_the_step_that_are_shown(qtbot, window):
    first = window.pictures.caption()
    assert first.name == window.controller.summary.name
    assert first.moment == ("training step 0 of 600", "lattice step 3 of 3")
    window.controller.step_once()
    qtbot.waitUntil(
        lambda: window.display.observation is not None and window.display.observation.training_step == 1, timeout=10_000
    )
    window.timeline.set_step(1)
    window.display.set_mode("norm")
    caption = window.pictures.caption()
    assert caption.moment == ("training step 1 of 600", "lattice step 1 of 3")
    assert caption.legend.name == "State norm"
    assert caption.sample == window.display.observation.text
    assert caption.erased == ""
    window.display.erased.erase_cell((1, 1, 1))
    qtbot.waitUntil(lambda: window.pictures.caption().erased != "", timeout=10_000)
    assert window.pictures.caption().erased == "1 of 64 cells erased: (1, 1, 1)"
    assert window.pictures.caption().legend.mist == "mist: 1 erased cell"


@pytest.mark.gl
def test_a_picture_that_waited_says_the_moment_that_it_shows(qtbot, window, tmp_path, monkeypatch):
    told = []
    caption = window.pictures.caption
    monkeypatch.setattr(window.pictures, "caption", lambda **more: told.append(caption(**more)) or told[-1])
    window.pictures.save_picture(tmp_path / "one.png", 400, 300)
    window.pictures.save_picture(tmp_path / "two.png", 400, 300)
    assert len(told) == 1
    window.timeline.set_step(0)
    qtbot.waitUntil(lambda: (tmp_path / "two.png").exists(), timeout=20_000)
    assert [said.moment[1] for said in told] == ["lattice step 3 of 3", "lattice step 0 of 3"]


@pytest.mark.gl
def test_the_dialog_of_a_picture_has_the_same_choice(qtbot, window, monkeypatch):
    monkeypatch.setattr(window.pictures._dialogs, "ask_save", lambda *_arguments: None)
    window.actions_["picture"].trigger()
    dialog = window.findChild(PictureDialog)
    assert dialog.captions.isChecked()
    dialog.captions.click()
    dialog.accept()
    assert not window.preferences.captions
    assert not window.actions_["captions"].isChecked()
