"""The data map panel: planes, colours, hover, choice by click and keys, lasso, figures, and narrow docks."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PyQt6.QtCore import QObject, Qt, pyqtSignal

from app.panels.data_map import survey
from app.panels.data_map.panel import DataMapPanel
from lattice.data import build_dataset
from lattice.data.survey.rows import survey_rows
from tests.app.fakes import fake_dataset
from tests.app.scored import scored


class Controller:
    def request(self, command, done, failed):
        done(survey_rows(self.dataset, command.most).on_host())


class Display(QObject):
    sample_changed = pyqtSignal(int)
    sample = 3

    def watch(self, sample):
        self.watched = sample


@pytest.fixture
def services():
    said = []
    return SimpleNamespace(controller=Controller(), display=Display(), notify=said.append, said=said)


@pytest.fixture
def panel(qtbot, services):
    panel = DataMapPanel(services)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    yield panel
    panel.close()


def show(qtbot, panel, services, dataset=None):
    services.controller.dataset = dataset or fake_dataset()
    panel.show()
    panel.show_run(SimpleNamespace(dataset=services.controller.dataset))
    qtbot.waitUntil(lambda: not panel.surveyor.job.running, timeout=10_000)
    qtbot.waitUntil(lambda: len(panel.plot.points) > 0, timeout=10_000)


def test_a_hidden_map_looks_for_near_duplicates_alone(qtbot, panel, services):
    services.controller.dataset = fake_dataset()
    with qtbot.waitSignal(panel.surveyor.near_duplicates_found, timeout=10_000) as found:
        panel.show_run(SimpleNamespace(dataset=services.controller.dataset))
    assert found.args[0].compared == len(services.controller.dataset.validation_indices)
    qtbot.waitUntil(lambda: not panel.surveyor.job.running, timeout=10_000)
    assert len(panel.plot.points) == 0
    panel.show()
    qtbot.waitUntil(lambda: len(panel.plot.points) == 40, timeout=10_000)


def test_pca_at_once_with_categories_and_figures(qtbot, panel, services):
    show(qtbot, panel, services)
    assert panel.note.full_text.startswith("PCA of all 40 samples: ")
    assert panel.legend.words == ["even: 20", "odd: 20"]
    assert panel.figures.norms.counts.sum() == panel.figures.nearest.counts.sum() == 40
    assert "1.00 to 1.00, median 1.00" in panel.figures.norms_text.text()
    assert panel.figures.dropped.text() == "No row was dropped."
    assert "near-duplicate" in panel.figures.near.text()
    assert panel.plot._watched == 3


def test_colours_by_split_and_by_the_cosine_of_the_last_evaluation(qtbot, panel, services):
    show(qtbot, panel, services)
    held_out = services.controller.dataset.validation_indices.tolist()
    panel.tools.choose_colors("split")
    assert panel.legend.words == [f"trained on: {40 - len(held_out)}", f"held out: {len(held_out)}"]
    panel.tools.choose_colors("cosine")
    assert panel.legend.words == ["not scored: 40"]
    before = panel.plot.cloud.raster.colors_3N.copy()
    scores = scored(services.controller.dataset)
    panel.follow(scores)
    cosines = np.linspace(0.25, 0.75, len(held_out), dtype=np.float32)
    scores.controller.evaluate(cosines, 5)
    assert panel.legend.words == ["0.250 to 0.750", f"not scored: {40 - len(held_out)}"]
    changed = (panel.plot.cloud.raster.colors_3N != before).any(axis=0)
    assert np.flatnonzero(changed).tolist() == sorted(held_out)
    assert f"cosine of the student: {cosines[0]:.3f}" in panel.describe(held_out[0])
    assert panel.plot.cloud.raster.ranks_N[held_out].min() > np.delete(panel.plot.cloud.raster.ranks_N, held_out).max()
    assert np.flatnonzero(~panel.plot.cloud.raster.background_N).tolist() == sorted(held_out)
    trained = int(services.controller.dataset.train_indices[0])
    assert "cosine" not in panel.describe(trained)
    panel.legend.score_line.button.click()
    scores.controller.answer(range(40), np.linspace(0.1, 0.9, 40), 5)
    assert panel.legend.words == ["0.100 to 0.900"]
    lines = panel.describe(trained).splitlines()
    assert lines[-2:] == [
        f"sample {trained + 1} of 40, trained on",
        f"cosine of the student: {0.1 + 0.8 * trained / 39:.3f}",
    ]
    scores.controller.go_to(6)
    assert panel.describe(trained).endswith(" (at step 5)")


def test_the_offer_to_score_all_stands_below_the_colours_of_cosines_alone(qtbot, panel, services):
    show(qtbot, panel, services)
    panel.follow(scored(services.controller.dataset))
    assert panel.legend.score_line.isHidden()
    panel.tools.choose_colors("cosine")
    assert not panel.legend.score_line.isHidden()
    panel.tools.choose_colors("split")
    assert panel.legend.score_line.isHidden()


def test_data_without_categories_is_coloured_by_split(qtbot, panel, services):
    rows = torch.randn(30, 8, generator=torch.Generator().manual_seed(0))
    show(qtbot, panel, services, build_dataset(rows, source="bare"))
    assert panel.tools.colors.currentData() == "split"
    assert panel.describe(2).startswith("sample 3\nsample 3 of 30, ")


def test_a_click_watches_the_sample_under_it(qtbot, panel, services):
    show(qtbot, panel, services)
    place = panel.plot.mapFromScene(panel.plot.place_of(17))
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert services.display.watched == 17


def test_a_click_on_the_ring_around_a_point_watches_it_too(qtbot, panel, services):
    show(qtbot, panel, services)
    place = panel.plot.mapFromScene(panel.plot.place_of(17))
    qtbot.mouseMove(panel.plot.viewport(), place)
    qtbot.waitUntil(lambda: panel.plot._current == 17, timeout=10_000)
    qtbot.mouseClick(panel.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert services.display.watched == 17


def test_keys_walk_choose_zoom_and_clear(qtbot, panel, services):
    show(qtbot, panel, services)
    plot = panel.plot
    start = plot.place_of(3)
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    reached = plot._current
    assert plot.place_of(reached).x() > start.x()
    qtbot.keyClick(plot, Qt.Key.Key_Return)
    assert services.display.watched == reached
    wide = np.ptp(plot.box.viewRange()[0])
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert np.ptp(plot.box.viewRange()[0]) < wide
    qtbot.keyClick(plot, Qt.Key.Key_Home)
    assert np.ptp(plot.box.viewRange()[0]) == pytest.approx(wide)
    panel.keep(np.arange(40) < 5, "in the lasso")
    with qtbot.waitSignal(panel.filter_changed, timeout=1_000) as cleared:
        qtbot.keyClick(plot, Qt.Key.Key_Escape)
    assert cleared.args == [None, ""]


def test_a_lasso_filters_the_list_and_dims_the_rest(qtbot, panel, services):
    show(qtbot, panel, services)
    panel.tools.lasso.click()
    assert panel.plot.box.lasso_on
    low, high = panel.plot.points.min(axis=0) - 1, panel.plot.points.max(axis=0) + 1
    middle = float(np.median(panel.plot.points[:, 0]))
    left = np.array([low, (middle, low[1]), (middle, high[1]), (low[0], high[1])], dtype=np.float32)
    with qtbot.waitSignal(panel.filter_changed, timeout=1_000) as kept:
        panel.plot.box.lassoed.emit(left)
    expected = np.flatnonzero(panel.plot.points[:, 0] < middle)
    assert kept.args[0].tolist() == expected.tolist()
    assert kept.args[1] == "in the lasso"
    assert panel.plot.cloud.raster.kept_N.sum() == len(expected) == 20
    assert services.said == ["The Data panel lists 20 samples in the lasso."]
    panel.tools.clear.click()
    assert panel.plot.cloud.raster.kept_N is None


def test_an_empty_lasso_is_no_filter(qtbot, panel, services):
    show(qtbot, panel, services)
    panel.plot.lassoed.emit(np.zeros(40, dtype=bool))
    assert services.said == ["No sample of the map is in there."]
    assert not panel.tools.clear.isEnabled()


def test_umap_in_the_background_with_cancel_and_failure(qtbot, panel, services, monkeypatch):
    show(qtbot, panel, services)

    def broken(rows):
        def work(progress, deliver):
            raise ValueError("no umap today")

        return work

    monkeypatch.setattr("app.panels.data_map.surveyor.umap", broken)
    with qtbot.waitSignal(panel.surveyor.layout_ended, timeout=5_000):
        panel.tools.choose_projection("umap")
        assert not panel.cancel_button.isHidden()
    assert panel.note.full_text == "no umap today"
    assert panel.tools.projection.currentData() == "pca"
    assert panel.cancel_button.isHidden()

    monkeypatch.setattr("app.panels.data_map.surveyor.umap", along_a_line)
    with qtbot.waitSignal(panel.surveyor.plane_found, timeout=5_000):
        panel.tools.choose_projection("umap")
    assert panel.note.full_text == "UMAP it is"
    panel.tools.choose_projection("pca")
    assert panel.note.full_text.startswith("PCA")


def along_a_line(rows):
    points = np.stack([np.arange(len(rows)), np.zeros(len(rows))], axis=1).astype(np.float32)
    return lambda progress, deliver: deliver(survey.Layout("umap", rows, points, "UMAP it is"))


def test_other_data_begin_with_pca_whatever_plane_was_on_screen(qtbot, panel, services, monkeypatch):
    monkeypatch.setattr("app.panels.data_map.surveyor.umap", along_a_line)
    show(qtbot, panel, services)
    with qtbot.waitSignal(panel.surveyor.plane_found, timeout=5_000):
        panel.tools.choose_projection("umap")
    show(qtbot, panel, services, fake_dataset(samples=12))
    assert panel.tools.projection.currentData() == "pca"
    assert len(panel.plot.points) == 12


def test_umap_that_was_chosen_before_the_rows_came(qtbot, panel, services, monkeypatch):
    monkeypatch.setattr("app.panels.data_map.surveyor.umap", along_a_line)
    services.controller.dataset, answers = fake_dataset(), []
    services.controller.request = lambda command, done, failed: answers.append((command, done, failed))
    panel.show()
    panel.show_run(SimpleNamespace(dataset=services.controller.dataset))
    panel.tools.choose_projection("umap")
    assert not panel.cancel_button.isHidden()
    panel.cancel_button.click()
    assert panel.tools.projection.currentData() == "pca"
    assert panel.cancel_button.isHidden()
    panel.tools.choose_projection("umap")
    answers[0][2](None)
    assert panel.note.full_text == "The samples can't be read."
    assert panel.tools.projection.currentData() == "pca"
    assert panel.cancel_button.isHidden()
    panel.tools.choose_projection("umap")
    assert len(answers) == 2, "the rows are read again"
    command, done, _ = answers[1]
    done(survey_rows(services.controller.dataset, command.most).on_host())
    qtbot.waitUntil(lambda: panel.note.full_text == "UMAP it is", timeout=10_000)
    qtbot.waitUntil(panel.cancel_button.isHidden, timeout=10_000)
    qtbot.waitUntil(lambda: not panel.surveyor.job.running, timeout=10_000)
    assert panel.plot.points[:, 1].tolist() == [0.0] * 40, "the plane of PCA stays behind it"


def test_a_late_category_is_one(qtbot, panel, services):
    names = [""] * 1199 + ["late"]
    show(qtbot, panel, services, replace(fake_dataset(samples=1200), categories=names))
    assert panel.tools.colors.currentData() == "category"


def test_a_narrow_panel_shows_the_figures_in_place_of_the_map(qtbot, panel, services):
    show(qtbot, panel, services)
    assert panel.plot.isVisible()
    assert panel.figures.isVisible()
    panel.resize(420, 200)
    qtbot.waitUntil(lambda: not panel.figures.isVisible(), timeout=2_000)
    assert panel.legend.isVisible(), "or nobody knows what the colours mean"
    assert panel.plot.width() > panel.legend.width()
    panel.tools.figures.click()
    assert panel.figures.isVisible()
    assert not panel.plot.isVisible()
    assert not panel.legend.isVisible(), "it would leave the figures no room"
