"""Pictures in pieces are the same as in one, show one moment, and come in the order they were asked for."""

import numpy as np
import pytest

from app.cube.portrait import shrunk
from app.cube.view import CubeView

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
