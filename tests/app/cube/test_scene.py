"""When the picture is shown again: together with what changes beside it."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication, QLabel

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
