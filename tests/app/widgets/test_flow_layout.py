"""Chips wrap like words."""

from __future__ import annotations

from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.widgets.flow_layout import FlowLayout


class Box(QWidget):
    def __init__(self, width: int, height: int = 20) -> None:
        super().__init__()
        self._size = QSize(width, height)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size


def row(qtbot: QtBot, *widths: int) -> tuple[QWidget, FlowLayout, list[Box]]:
    parent = QWidget()
    qtbot.addWidget(parent)
    layout = FlowLayout(parent, spacing=10, line_spacing=5)
    boxes = [Box(width) for width in widths]
    for box in boxes:
        layout.addWidget(box)
    return parent, layout, boxes


def places(parent: QWidget, boxes: list[Box], width: int) -> list[tuple[int, int]]:
    parent.resize(width, 200)
    parent.show()
    layout = parent.layout()
    assert layout is not None
    layout.activate()
    return [(box.x(), box.y()) for box in boxes]


def test_one_line_where_there_is_room(qtbot: QtBot) -> None:
    parent, layout, boxes = row(qtbot, 50, 60, 70)
    assert places(parent, boxes, 200) == [(0, 0), (60, 0), (130, 0)]
    assert layout.heightForWidth(200) == 20
    assert layout.sizeHint() == QSize(200, 20)


def test_more_lines_where_there_is_not(qtbot: QtBot) -> None:
    parent, layout, boxes = row(qtbot, 50, 60, 70)
    assert places(parent, boxes, 199) == [(0, 0), (60, 0), (0, 25)]
    assert layout.heightForWidth(199) == 45
    assert layout.heightForWidth(80) == 70
    assert layout.minimumSize() == QSize(70, 20)


def test_hidden_items_take_no_room(qtbot: QtBot) -> None:
    parent, layout, boxes = row(qtbot, 50, 60, 70)
    boxes[1].hide()
    assert places(parent, boxes, 200)[2] == (60, 0)
    assert layout.sizeHint().width() == 130


def test_low_items_stand_in_the_middle_of_their_line(qtbot: QtBot) -> None:
    parent, layout, boxes = row(qtbot, 50)
    low = Box(20, 10)
    layout.addWidget(low)
    places(parent, boxes, 200)
    assert low.y() == 5


def test_items_can_be_taken_out(qtbot: QtBot) -> None:
    _, layout, _ = row(qtbot, 50, 60)
    assert layout.count() == 2
    assert layout.itemAt(5) is None
    assert layout.takeAt(0) is not None
    assert layout.takeAt(5) is None
    assert layout.count() == 1
