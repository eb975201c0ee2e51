"""Dragging the ends of the legend's bar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from app.cube.color.colormaps import colormap
from app.cube.color.legend import Legend
from app.cube.overlay.legend_drag import EndDrag
from app.cube.overlay.overlays import LegendOverlay

BAR = Legend("State norm", "", 1.0, 3.0, colormap("aurora"), "sequential")
BOX = QRectF(10.0, 20.0, 200.0, 9.0)


@pytest.mark.parametrize(
    ("legend", "pressed", "moved", "expected"),
    [
        (BAR, 200.0, 250.0, (1.0, 3.5)),
        (BAR, 20.0, 70.0, (1.5, 3.0)),
        (BAR, 200.0, -900.0, (1.0, 1.04)),
        (BAR, 20.0, 900.0, (2.96, 3.0)),
        (replace(BAR, kind="diverging", low=-2.0, high=2.0), 200.0, 250.0, (-3.0, 3.0)),
        (replace(BAR, kind="diverging", low=-2.0, high=2.0), 20.0, 70.0, (-1.0, 1.0)),
        (replace(BAR, kind="log", low=0.01, high=1.0), 200.0, 300.0, (0.01, 10.0)),
    ],
)
def test_the_nearer_end_follows_the_mouse(legend, pressed, moved, expected):
    drag = EndDrag.at(legend, BOX, QPointF(pressed, 24.0))
    assert drag is not None
    assert drag.ends(moved) == pytest.approx(expected)


def test_what_has_no_bar_can_not_be_dragged():
    key = Legend("Gates", "", 0, 0, np.zeros((1, 3), np.uint8), "tiers", ("local",))
    assert EndDrag.at(key, BOX, QPointF(50.0, 24.0)) is None
    assert EndDrag.at(BAR, BOX, QPointF(50.0, 60.0)) is None


def send(overlay, kind, position):
    button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, position, overlay.mapToGlobal(position), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(overlay, event)


@pytest.mark.parametrize("room", [None, 400])
def test_the_mouse_drags_an_end_and_a_click_does_not(qtbot, room):
    overlay = LegendOverlay()
    qtbot.addWidget(overlay)
    overlay.set_legend(BAR)
    overlay.fold(room)
    ends, clicks, resets = [], [], []
    overlay.ends_dragged.connect(lambda *new: ends.append(new))
    overlay.lock_clicked.connect(lambda: clicks.append(1))
    overlay.reset_clicked.connect(lambda: resets.append(1))
    bar = overlay._painter.bar(BAR, QRectF(overlay.rect()), folded=overlay.folded)
    start, end = QPointF(bar.right() - 4, bar.center().y()), QPointF(bar.right() - 24, bar.center().y())
    send(overlay, QEvent.Type.MouseButtonPress, start)
    send(overlay, QEvent.Type.MouseMove, end)
    send(overlay, QEvent.Type.MouseButtonRelease, end)
    assert ends == [pytest.approx((1.0, 3.0 - 2.0 * 20.0 / bar.width()))]
    assert (clicks, resets) == ([], [])
    QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=start.toPoint())
    assert clicks == [1]
    overlay.set_legend(replace(BAR, fixed=True))
    assert "The ends are fixed" in overlay.toolTip()
    QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=start.toPoint())
    assert (clicks, resets) == ([1], [1])
