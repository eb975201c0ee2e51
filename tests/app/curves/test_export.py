"""Curves as pictures: readable, told of which run, and without touching those on screen."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PyQt6.QtGui import QImage
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.curves.specs import PLOTS
from app.panels.curves import CurvesPanel
from lattice.config import SimpleProjectConfig
from lattice.errors import CellcubeError
from tests.app.reports import eval_report, step_report


@pytest.fixture
def panel(qtbot: QtBot) -> CurvesPanel:
    panel = CurvesPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    panel.show()
    return panel


def feed(panel: CurvesPanel, steps: int) -> None:
    for step in range(1, steps + 1):
        panel.append(step_report(step))
    panel.append_evaluation(eval_report(steps))
    panel.redraw()


def test_pictures_show_the_curves(panel: CurvesPanel, tmp_path: Path) -> None:
    feed(panel, 100)
    panel.save_image(tmp_path / "curves.png")
    image = QImage(str(tmp_path / "curves.png"))
    assert image.width() == 2 * (2 * 560 + 3 * 12), "two plots, each large enough to be read, and margins"
    colors = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert len(colors) > 20
    panel.save_image(tmp_path / "curves.svg")
    assert QSvgRenderer(str(tmp_path / "curves.svg")).isValid()
    text = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert text.count("<polyline") + text.count("<path") > 5
    for word in ("validation", "training step", "cosine with the teacher"):
        assert f">{word}" in text
    assert ">log<" not in text, "a button says nothing on paper"
    assert ">identity<" not in text, "nor do curves that are hidden"


def test_the_curves_on_screen_are_as_before_a_picture_of_them(panel: CurvesPanel, tmp_path: Path) -> None:
    panel.resize(930, 230)
    panel.show_plots([spec.key for spec in PLOTS])
    feed(panel, 5)
    QTest.qWait(1)

    def look() -> list[object]:
        plots = [panel.plot(key) for key in panel.shown_plots()]
        return [(plot.geometry(), plot.legend.beside, plot.legend.geometry(), plot.plot.size(),
                 [chip.isVisible() for chip in plot.chips.values()]) for plot in plots]  # fmt: skip

    before = look()
    panel.save_image(tmp_path / "curves.png")
    QTest.qWait(1)
    assert look() == before


def test_a_picture_of_the_curves_says_of_which_run_it_is(panel: CurvesPanel, tmp_path: Path) -> None:
    config = SimpleProjectConfig.from_preset("debug").override(["training_embedding.seed=7"])
    summary = SimpleNamespace(
        name="mine", config=config, dataset=SimpleNamespace(source="words.csv"), curves={}, training_step=0
    )
    panel.show_run(summary)
    feed(panel, 3)
    panel.save_image(tmp_path / "curves.svg")
    assert "mine, 8x8x8 cells, words.csv, seed 7" in (tmp_path / "curves.svg").read_text(encoding="utf-8")


def test_other_picture_formats_are_refused(panel: CurvesPanel, tmp_path: Path) -> None:
    feed(panel, 3)
    with pytest.raises(CellcubeError, match=r"can't save curves.bmp as a picture: expected .* \.png or \.svg"):
        panel.save_image(tmp_path / "curves.bmp")
