"""When the picture is shown again: together with what changes beside it."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication, QLabel

from app.cube.gl.adaptive_resolution import SCALES

pytestmark = pytest.mark.gl


class PaintWatch(QObject):
    def __init__(self, widget, painted):
        super().__init__(widget)
        self.painted = painted

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.painted.append(watched)
        return False


def test_new_colours_are_shown_with_the_words_that_change_beside_them(view, pump):
    pump(0.2)
    painted = []
    word = QLabel("before", view)
    word.setAutoFillBackground(True)  # else what lies below it would be painted with it in any case
    word.resize(80, 20)
    word.show()
    pump(0.2)
    for widget in (word, view._stage.native):
        watch = PaintWatch(widget, painted)
        widget.installEventFilter(watch)
    painted.clear()
    view.set_colors(np.full((4, 4, 4, 4), 200, np.uint8))
    word.setText("after")
    QApplication.sendPostedEvents()  # no timer has its turn before the words are painted
    assert word in painted
    assert view._stage.native in painted, "the words would already say what the picture does not show yet"


def test_the_first_cells_after_an_empty_cube_are_drawn_coarsely(view, pump):
    pump(0.2)
    view._stage.governor._index = 1
    view.set_dimensions((3, 3, 3))
    pump(0.2)
    assert view._stage.governor.scale(moving=False) == SCALES[-1], "rays through cells cost more than through none"
    view.set_colors(np.full((3, 3, 3, 4), 200, np.uint8))
    before = view.frames_drawn
    pump(0.2)
    assert view.frames_drawn > before
    assert not view._stage.governor._unknown
