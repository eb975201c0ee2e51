"""Legend, label and gizmo, without OpenGL."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QFontMetricsF
from PyQt6.QtWidgets import QWidget

from app.cube.camera.pose import Pose
from app.cube.color.colormaps import colormap
from app.cube.color.legend import Legend, format_value
from app.cube.color.looks import look
from app.cube.overlay.gizmo import OrientationGizmo
from app.cube.overlay.legend_painting import overlay_fonts
from app.cube.overlay.overlays import HoverLabel, LegendOverlay

BAR = Legend("State norm", "", 0.25, 2.0, colormap("aurora"), "sequential")
PURE = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
KEY = Legend("Gates", "", 0, 0, PURE, "tiers", ("local", "functional", "distant"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1, "1.00"),
        (-1.35, "-1.35"),
        (0.99999, "1.00"),
        (0.0123, "0.0123"),
        (1234.5, "1234"),
        (123.4, "123"),
        (3.2e-7, "3.2e-7"),
        (-4.56e8, "-4.6e8"),
        (99999, "99999"),
    ],
)
def test_numbers_are_short(value, text):
    assert format_value(value) == text


def test_a_bar_shows_its_colours_from_low_to_high(qtbot):
    legend = LegendOverlay()
    qtbot.addWidget(legend)
    assert not legend.isVisible()
    legend.set_legend(BAR)
    assert legend.isVisible()
    image = legend.grab().toImage()
    width = image.width()
    rows = [[image.pixelColor(x, y).getRgb()[:3] for x in (14, width // 2, width - 14)] for y in range(image.height())]
    ends = [tuple(int(v) for v in BAR.colours[i]) for i in (0, 128, 255)]
    best = min(max(np.abs(np.array(row) - np.array(ends)).max(axis=1)) for row in rows)
    assert best < 25
    legend.set_legend(None)
    assert not legend.isVisible()


def test_a_key_is_taller_and_names_every_colour(qtbot):
    legend = LegendOverlay()
    qtbot.addWidget(legend)
    legend.set_legend(KEY)
    image = legend.grab().toImage()
    found = {image.pixelColor(x, y).getRgb()[:3] for x in range(10, 24) for y in range(image.height())}
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= found


def test_numbers_wait_but_another_mode_does_not(qtbot):
    legend = LegendOverlay()
    qtbot.addWidget(legend)
    legend.set_legend(BAR)
    newer = replace(BAR, high=9.0)
    legend.set_legend(newer)
    assert legend.shown is BAR
    qtbot.waitUntil(lambda: legend.shown is newer, timeout=2000)
    legend.set_legend(KEY)
    assert legend.shown is KEY
    legend.stop()


def test_a_click_asks_to_lock_a_range_and_nothing_else(qtbot):
    legend = LegendOverlay()
    qtbot.addWidget(legend)
    asked = []
    legend.lock_clicked.connect(lambda: asked.append(True))
    legend.set_legend(BAR)
    assert "Click to lock it" in legend.toolTip()
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton)
    legend.set_legend(replace(BAR, locked=True))
    assert "let it follow the data" in legend.toolTip()
    legend.set_legend(KEY)
    qtbot.mouseClick(legend, Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_the_label_stays_inside_the_view(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(300, 200)
    parent.show()
    label = HoverLabel(parent)
    for spot in (QPointF(5, 5), QPointF(295, 195), QPointF(150, 199), QPointF(299, 3)):
        label.show_at(spot, "(12, 13, 14)  norm 1.23")
        assert parent.rect().contains(label.geometry())
        assert not label.geometry().contains(spot.toPoint())


@pytest.mark.parametrize("tip", [(axis, sign) for axis in range(3) for sign in (1, -1)])
def test_a_click_on_a_ball_looks_along_its_axis(qtbot, tip):
    parent = QWidget()
    qtbot.addWidget(parent)
    gizmo = OrientationGizmo(parent)
    gizmo.set_look(look(dark=False))
    gizmo.set_basis(*Pose((0, 0, 0), 35.0, 24.0, 10.0).axes())
    clicked = []
    gizmo.axis_clicked.connect(lambda axis, sign: clicked.append((axis, sign)))
    gizmo.grab()
    spot = gizmo.tip_position(tip)
    qtbot.mouseMove(gizmo, spot.toPoint())
    qtbot.mouseClick(gizmo, Qt.MouseButton.LeftButton, pos=spot.toPoint())
    qtbot.mouseClick(gizmo, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert clicked == [tip]


@pytest.mark.parametrize(
    ("legend", "widest"),
    [
        (replace(KEY, labels=("one, 5%", "two, 6%", "three, 7%")), "three, 7%"),
        (
            replace(BAR, kind="none", note="Nothing changes before the first lattice step: there is nothing to see"),
            "",
        ),
    ],
)
def test_words_fit_and_leave_the_rest_to_the_cube(qtbot, legend, widest):
    overlay = LegendOverlay()
    qtbot.addWidget(overlay)
    overlay.set_legend(BAR)
    with_bar = overlay.width()
    overlay.set_legend(legend)
    words = QFontMetricsF(overlay_fonts(overlay.font())[1]).horizontalAdvance(legend.note or widest)
    assert words + 2 * 10 <= overlay.width() <= words + 2 * 10 + 120
    assert (overlay.width() < with_bar) == (not legend.note)
