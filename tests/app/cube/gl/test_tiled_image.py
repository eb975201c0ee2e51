"""Pictures in pieces are the same as in one, show one moment, come in order, and fail without harm."""

import numpy as np
import pytest

from app.cube.gl.tiled_image import TiledImage, shrunk
from app.cube.state import Plane
from app.cube.view import CubeView
from lattice.errors import DeviceError

pytestmark = pytest.mark.gl


def test_a_picture_taken_in_pieces_is_the_same_and_colours_wait_for_it(view, qtbot):
    expected = view.image(300, 200, supersample=2)
    taken = []
    view.take_picture(300, 200, 2, taken.append)
    assert taken == []
    view.set_colors(np.full((*view.state.dimensions, 4), 255, np.uint8))
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)
    assert np.array_equal(shrunk(taken[0], 2), expected)
    assert not np.array_equal(view.image(300, 200, supersample=2), expected)


def test_shrinking_rounds_to_the_nearest():
    pixels = np.array([[0, 1, 255, 255], [1, 0, 255, 254]], np.uint8)[..., None].repeat(4, axis=-1)
    assert shrunk(pixels, 2)[0, :, 0].tolist() == [1, 255]
    assert shrunk(pixels, 1).shape == (2, 4, 3)


def test_pictures_come_in_order_and_none_after_closing(view, qtbot):
    taken = []
    for width in (40, 60, 50):
        view.take_picture(width, 30, 1, lambda pixels: taken.append(pixels.shape[1]))
    qtbot.waitUntil(lambda: len(taken) == 3, timeout=10_000)
    assert taken == [40, 60, 50]
    view.take_picture(70, 30, 1, lambda pixels: taken.append(pixels.shape[1]))
    view.close_view()
    qtbot.wait(100)
    assert taken == [40, 60, 50]


def test_there_is_no_picture_of_what_was_never_shown(qtbot):
    view = CubeView()
    qtbot.addWidget(view)
    with pytest.raises(RuntimeError, match="only once its view was shown"):
        view.take_picture(40, 30, 1, lambda _pixels: None)


@pytest.mark.parametrize("step", ["draw", "pixels"])
def test_a_picture_that_fails_is_given_up_and_told(view, qtbot, monkeypatch, step):
    def fails(_self, *_arguments):
        raise MemoryError("too large")

    with monkeypatch.context() as patch:
        patch.setattr(f"app.cube.gl.tiled_image.TiledImage.{step}", fails)
        problems, taken = [], []
        view.take_picture(60, 40, 1, taken.append, problems.append)
        white = np.full((*view.state.dimensions, 4), 255, np.uint8)
        view.set_colors(white)
        qtbot.waitUntil(lambda: len(problems) == 1, timeout=10_000)
    assert isinstance(problems[0], MemoryError)
    assert view._colors_in_wait is None
    view.take_picture(50, 40, 1, taken.append)
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)
    assert np.array_equal(shrunk(taken[0], 1), view.image(50, 40, supersample=1))


def test_a_failure_does_not_hold_up_the_next_picture(view, qtbot, monkeypatch):
    draw, calls = TiledImage.draw, []

    def fails_once(portrait, rows=None):
        calls.append(rows)
        if len(calls) == 1:
            raise RuntimeError("incomplete framebuffer")
        return draw(portrait, rows)

    monkeypatch.setattr(TiledImage, "draw", fails_once)
    problems, taken = [], []
    for width in (40, 50):
        view.take_picture(width, 30, 1, lambda pixels: taken.append(pixels.shape[1]), problems.append)
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)
    assert taken == [50]
    assert [str(problem) for problem in problems] == ["incomplete framebuffer"]


def test_a_picture_larger_than_the_device_allows_is_refused_in_words(view, qtbot):
    with pytest.raises(DeviceError, match="is too large for this graphics device: each side can have at most"):
        view.take_picture(900_000, 40, 2, lambda _pixels: None)
    taken = []
    view.take_picture(40, 30, 1, taken.append)
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)


def in_pieces(monkeypatch, rows):
    """Let every piece of a picture have so many rows."""
    draw = TiledImage.draw
    monkeypatch.setattr(TiledImage, "draw", lambda portrait, _rows=None: draw(portrait, rows))


def test_a_change_during_a_picture_begins_it_anew(view, qtbot, monkeypatch):
    in_pieces(monkeypatch, 20)
    taken = []
    view.take_picture(120, 80, 1, taken.append)
    view._pictures._draw_piece()
    view.set_shape("sphere")
    view._pictures._draw_piece()
    view.set_theme(dark=False)
    view._pictures._draw_piece()
    view.set_planes([Plane((2.0, 2.0, 2.0), (1.0, 0.0, 0.0))])
    qtbot.waitUntil(lambda: len(taken) == 1, timeout=10_000)
    monkeypatch.undo()
    assert np.array_equal(shrunk(taken[0], 1), view.image(120, 80, supersample=1))


def test_another_size_during_a_picture_completes_it_and_forgets_the_old_colours(view, qtbot, monkeypatch):
    view.set_colors(np.full((4, 4, 4, 4), 255, np.uint8))
    expected = view.image(120, 80, supersample=1)
    in_pieces(monkeypatch, 20)
    taken = []
    view.take_picture(120, 80, 1, taken.append)
    view._pictures._draw_piece()
    view.set_colors(np.full((4, 4, 4, 4), 90, np.uint8))
    view.set_dimensions((7, 5, 3))
    assert np.array_equal(shrunk(taken[0], 1), expected)
    qtbot.wait(50)
    assert view.state.dimensions == (7, 5, 3)


def test_pictures_can_be_finished_at_once(view, qtbot, monkeypatch):
    in_pieces(monkeypatch, 10)
    taken = []
    for width in (40, 60):
        view.take_picture(width, 30, 1, lambda pixels: taken.append(pixels.shape[1]))
    view.finish_pictures()
    assert taken == [40, 60]
