"""The lasso: drawn by a drag while it is on, in the unit of the plane."""

from types import SimpleNamespace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt

from app.panels.data_map.plot import MapPlot


@pytest.fixture
def plot(qtbot):
    plot = MapPlot(str)
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show()
    plot.set_points(np.array([[0, 0], [4, 0], [0, 3], [4, 3], [2, 1.5]], dtype=np.float32))
    return plot


def drag(box, places):
    """Drag with the left button from place to place, in the box's own coordinates."""
    for number, place in enumerate(places[1:], start=1):
        box.mouseDragEvent(
            SimpleNamespace(
                accept=lambda: None,
                button=lambda: Qt.MouseButton.LeftButton,
                isStart=lambda number=number: number == 1,
                isFinish=lambda number=number: number == len(places) - 1,
                buttonDownPos=lambda: QPointF(*places[0]),
                pos=lambda place=place: QPointF(*place),
            )
        )


def around(plot, *points, margin=12):
    """Return the corners of a box on screen around some points."""
    origin = plot.box.sceneBoundingRect().topLeft()
    at = [plot.place_of(point) - origin for point in points]
    left, right = min(p.x() for p in at) - margin, max(p.x() for p in at) + margin
    top, bottom = min(p.y() for p in at) - margin, max(p.y() for p in at) + margin
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def test_a_drag_around_two_points_catches_them(qtbot, plot):
    plot.set_lasso(True)
    with qtbot.waitSignal(plot.lassoed, timeout=1_000) as caught:
        drag(plot.box, around(plot, 0, 2))
    assert np.flatnonzero(caught.args[0]).tolist() == [0, 2]
    assert plot.box._outline.path().isEmpty(), "the line is gone when the button is let go"


def test_two_places_are_no_lasso(qtbot, plot):
    plot.set_lasso(True)
    with qtbot.assertNotEmitted(plot.lassoed):
        drag(plot.box, [(1, 1), (50, 50)])
