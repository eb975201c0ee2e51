"""Where overlays lie: inside the view, apart from each other, and off the cube, however small the view is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, QRect, QSize, Qt
from PyQt6.QtWidgets import QWidget

from app.cube.color.colormaps import colormap
from app.cube.color.legend import Legend
from app.cube.overlay.face_label import FaceSpot
from app.cube.overlay.layer import OverlayLayer, middle

PURE = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
LEGENDS = {
    "bar": Legend("State norm", "", 0.25, 2.0, colormap("aurora"), "sequential"),
    "remark": Legend("Learning signal", "gradient norm", 1e-7, 1e-3, colormap("ember"), "log", remark="grey: none"),
    "key": Legend("Gates", "", 0, 0, PURE, "tiers", ("local", "functional", "distant")),
    "rgb": Legend("State as RGB", "", 0, 0, PURE, "rgb", ("direction 1, 39%", "direction 2, 36%", "direction 3, 4%")),
    "note": Legend("Learning signal", "", 0, 0, PURE, "none", note="not recorded for this sample"),
}
LEAST_VIEW = (160, 120)


@pytest.fixture
def layer(qtbot):
    view = QWidget()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    layer = OverlayLayer(view)
    yield layer
    layer.legend.stop()


def shown(layer: OverlayLayer) -> list[QRect]:
    return [part.geometry() for part in (layer.legend, layer.gizmo) if part.isVisible()]


@pytest.mark.parametrize("kind", LEGENDS)
@pytest.mark.parametrize("size", [LEAST_VIEW, (312, 150), (358, 311), (400, 420), (510, 357), (746, 372), (1870, 941)])
def test_nothing_is_clipped_nor_on_the_middle_nor_on_each_other(layer, size, kind):
    view = layer._view
    view.resize(*size)
    layer.set_legend(LEGENDS[kind])
    layer.place()
    places = shown(layer)
    heart = middle(view.size(), 0.5)
    for place in places:
        assert view.rect().contains(place)
        assert not place.intersects(heart)
    assert len(places) < 2 or not places[0].intersects(places[1])
    if size != LEAST_VIEW:
        assert layer.legend.isVisible()
    if size[0] >= 510:
        assert not any(place.intersects(middle(view.size())) for place in places)


def test_the_legend_folds_where_it_would_lie_on_the_cube_and_unfolds_again(qtbot, layer):
    view = layer._view
    layer.set_legend(LEGENDS["rgb"])
    assert not layer.legend.folded
    full = layer.legend.height()
    view.resize(510, 357)
    layer.place()
    assert layer.legend.folded
    assert layer.legend.height() < full / 2
    assert "State as RGB: direction 1, 39%; direction 2, 36%" in layer.legend.toolTip()
    image = layer.legend.grab().toImage()
    found = {image.pixelColor(x, y).getRgb()[:3] for x in range(image.width()) for y in range(image.height())}
    assert {(255, 0, 0), (0, 255, 0), (0, 0, 255)} <= found
    view.resize(900, 600)
    layer.place()
    assert (layer.legend.folded, layer.legend.height()) == (False, full)


def test_a_folded_legend_does_not_grow_in_a_view_that_gets_lower(layer):
    view, sizes = layer._view, [(780, height) for height in range(700, 300, -10)]
    layer.set_legend(LEGENDS["bar"])
    folded = []
    for size in sizes:
        view.resize(*size)
        layer.place()
        folded.append(layer.legend.folded)
    assert True in folded
    assert all(folded[folded.index(True) :]), "a banner takes height away, which is no room for more words"
    view.resize(1400, 700)
    layer.place()
    assert not layer.legend.folded


def test_a_folded_range_can_be_locked_and_names_its_ends(qtbot, layer):
    asked = []
    layer.legend.lock_clicked.connect(lambda: asked.append(True))
    layer._view.resize(510, 357)
    layer.set_legend(LEGENDS["bar"])
    assert layer.legend.folded
    assert "State norm: 0.250 to 2.00" in layer.legend.toolTip()
    assert "Click to lock it" in layer.legend.toolTip()
    qtbot.mouseClick(layer.legend, Qt.MouseButton.LeftButton)
    assert asked == [True]


def test_a_folded_legend_gives_up_its_title_before_its_numbers(layer):
    painter, legend = layer.legend._painter, replace(LEGENDS["bar"], name="A name that is rather long")
    wide = painter.folded_size(legend, 1000)
    narrow = painter.folded_size(legend, wide.width() - 1)
    assert 0 < narrow.width() < wide.width()
    assert painter.folded_size(legend, narrow.width() - 1) == QSize(0, 0)


def test_a_folded_legend_says_how_many_cells_are_erased_and_so_does_the_full_one(layer):
    for kind in ("bar", "key", "note"):
        legend = LEGENDS[kind]
        painter, erased = layer.legend._painter, replace(legend, erased=64)
        folded = painter.folded_size(legend, 1000).width()
        assert painter.folded_size(erased, 1000).width() > folded
        assert painter.folded_size(erased, folded).width() == folded, "it is given up before the title"
        assert painter.size(erased).height() > painter.size(legend).height()
        assert ("64 cells erased" if legend.note else "mist: 64 erased cells") in erased.words


@pytest.mark.parametrize("size", [(400, 420), (510, 357), (900, 600)])
def test_words_beside_faces_hide_neither_legend_nor_gizmo_nor_each_other(layer, size):
    view = layer._view
    view.resize(*size)
    layer.set_legend(LEGENDS["bar"])
    layer.place()
    for place in shown(layer):
        spot = QPointF(place.center())
        layer.set_faces([FaceSpot("painted", spot, QPointF(0, -1)), FaceSpot("read", spot, QPointF(0, -1))])
        labels = [label.geometry() for label in layer.faces.values() if label.isVisible()]
        assert len(labels) == 2
        places = [*shown(layer), *labels]
        assert not any(a.intersects(b) for a in places for b in places if a is not b)
        assert all(view.rect().contains(label) for label in labels)
    layer.set_faces([FaceSpot("read", QPointF(-50, 20), QPointF(0, 1))])
    assert not any(label.isVisible() for label in layer.faces.values())


def test_the_gizmo_still_hears_clicks_when_it_is_small(qtbot, layer):
    layer._view.resize(400, 420)
    layer.place()
    clicked = []
    layer.gizmo.axis_clicked.connect(lambda axis, sign: clicked.append((axis, sign)))
    spot = layer.gizmo.tip_position((0, 1)).toPoint()
    assert layer.gizmo.rect().contains(spot)
    qtbot.mouseClick(layer.gizmo, Qt.MouseButton.LeftButton, pos=spot)
    assert len(clicked) == 1


@pytest.mark.parametrize("size", [(400, 420), (510, 357), (746, 372), (900, 600)])
def test_the_label_beside_the_mouse_hides_neither_legend_nor_gizmo(layer, size):
    layer._view.resize(*size)
    layer.set_legend(LEGENDS["bar"])
    layer.place()
    layer.set_text("(7, 1, 0)  State norm: 0.258")
    for place in shown(layer):
        for corner in (place.topLeft(), place.topRight(), place.center()):
            layer.set_mouse(QPointF(corner.x(), place.top() - 4))
            assert not any(layer._label.geometry().intersects(other) for other in shown(layer))


def test_a_long_label_in_a_small_view_keeps_off_the_legend_before_all(layer):
    layer._view.resize(516, 300)
    layer.set_legend(LEGENDS["remark"])
    layer.place()
    layer.set_text("(7, 1, 0)  " + 4 * "gradient norm ")
    for x in range(100, 500, 50):
        layer.set_mouse(QPointF(x, layer.legend.y() - 20))
        assert not layer._label.geometry().intersects(layer.legend.geometry())
