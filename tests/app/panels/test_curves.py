"""The curves panel draws what was reported, follows or stays, and writes it to files."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSlider
from pytestqt.qtbot import QtBot

from app.curves.choices import CurveChoices
from app.curves.history import History
from app.panels.curves import CurvesPanel
from app.run.curve_table import write_csv
from app.run.messages import describe_failure
from app.widgets.palette import theme
from app.widgets.theme import qt_palette
from lattice.errors import CellcubeError, NonFiniteError
from tests.app.reports import eval_report, feed, scores, step_report


def drawn(curves: CurvesPanel, plot: str, curve: str) -> tuple[np.ndarray, np.ndarray]:
    x, y = curves.plot(plot).curves[curve].getData()
    return np.asarray(x), np.asarray(y)


def test_without_reports_it_says_what_would_be_here(curves: CurvesPanel) -> None:
    assert curves._empty.isVisible()
    assert "Press Start" in curves._empty.text()
    curves.show_state("training")
    assert "Press Start" not in curves._empty.text()
    assert "scored first" in curves._empty.text()
    curves.show_state("paused")
    assert "Press Start" in curves._empty.text()
    curves.append(step_report(1))
    curves.redraw()
    assert not curves._empty.isVisible()


def test_plots_that_appear_are_laid_out_before_the_first_one_is_drawn(curves: CurvesPanel) -> None:
    curves.append(step_report(1))
    parts = curves._draw()
    assert next(parts) is None
    assert curves._scroll.isVisible()
    assert not curves._empty.isVisible()
    assert list(parts) == [curves.plot(key) for key in curves.shown_plots()]
    assert next(curves._draw()) is curves.plot(curves.shown_plots()[0]), "later there is nothing to lay out"


def test_without_a_chosen_plot_it_says_so_and_takes_no_picture(curves: CurvesPanel, tmp_path: Path) -> None:
    feed(curves, 5)
    curves.show_plots([])
    assert curves._empty.isVisible()
    assert curves._empty.text() == "No plot is chosen. Choose some in the line above."
    with pytest.raises(CellcubeError, match=r"no plot is chosen, so there is nothing to draw: choose one"):
        curves.save_image(tmp_path / "curves.png")
    curves.show_plots(["loss"])
    assert not curves._empty.isVisible()


def test_draws_every_sample_of_a_short_run(curves: CurvesPanel) -> None:
    feed(curves, 100)
    x, y = drawn(curves, "cosine", "cosine.train")
    np.testing.assert_array_equal(x, np.arange(1, 101))
    np.testing.assert_allclose(y, [step_report(step).train_cosine for step in range(1, 101)])
    x, y = drawn(curves, "cosine", "cosine.validation")
    np.testing.assert_allclose(y, [eval_report(50).student.cosine, eval_report(100).student.cosine])


def test_logarithmic_plots_draw_exponents_and_skip_what_has_none(curves: CurvesPanel) -> None:
    for step, total in enumerate((10.0, 0.0, 0.1), start=1):
        curves.append(step_report(step, total=total))
    curves.redraw()
    _, y = drawn(curves, "loss", "loss.total")
    np.testing.assert_allclose(y, [1.0, np.nan, -1.0])
    curves.plot("loss").log_button.click()
    _, y = drawn(curves, "loss", "loss.total")
    np.testing.assert_allclose(y, [10.0, 0.0, 0.1])


def test_a_spike_in_a_long_run_is_drawn_at_every_zoom(curves: CurvesPanel) -> None:
    y = np.full(1_000_000, 0.5)
    y[444_444] = 0.99
    curves.history.series.clear()
    curves.history.of("cosine.train").extend(np.arange(1_000_000), y)
    curves.redraw()
    assert len(drawn(curves, "cosine", "cosine.train")[0]) < 10_000
    width = 1_000_000.0
    while width > 10:
        curves.zoom_to(444_444 - 0.3 * width, 444_444 + 0.7 * width)
        assert drawn(curves, "cosine", "cosine.train")[1].max() == pytest.approx(0.99)
        width /= 3


def test_baselines_reach_the_right_edge(curves: CurvesPanel) -> None:
    feed(curves, 80)
    x, y = drawn(curves, "cosine", "cosine.pca")
    assert x[-1] == 80
    assert y.min() == y.max() == pytest.approx(0.93)


def test_a_single_evaluation_can_be_seen(curves: CurvesPanel) -> None:
    feed(curves, 50)
    dots = curves.plot("cosine").dots["cosine.validation"]
    assert dots.getData()[1].tolist() == pytest.approx([eval_report(50).student.cosine])
    for step in range(100, 5000, 50):
        curves.append_evaluation(eval_report(step))
    curves.redraw()
    assert len(dots.getData()[0]) == 0, "many dots would hide the line"


def test_smoothing_keeps_the_samples_behind_the_mean(curves: CurvesPanel) -> None:
    feed(curves, 200)
    curves.tools.smoothing.setValue(3)
    _, smooth = drawn(curves, "cosine", "cosine.train")
    _x, raw = map(np.asarray, curves.plot("cosine").raw_curves["cosine.train"].getData())
    expected = [step_report(step).train_cosine for step in range(1, 201)]
    np.testing.assert_allclose(raw, expected)
    np.testing.assert_allclose(smooth[-1], np.mean(expected[-10:]))
    assert curves.tools.smoothing_text.text() == "mean of 10"


def test_follows_the_newest_step_until_the_user_zooms(curves: CurvesPanel) -> None:
    feed(curves, 100)
    assert curves.span() == (1, 100)
    curves.zoom_to(20, 40)
    curves.append(step_report(101))
    assert curves.span() == (20, 40)
    assert not curves.tools.follow_button.isChecked()
    curves.tools.follow_button.click()
    assert curves.span() == (81, 101)
    curves.append(step_report(102))
    assert curves.span() == (82, 102)
    curves.tools.fit_button.click()
    assert curves.span() == (1, 102)
    assert curves.tools.follow_button.isChecked()


def test_the_wheel_zooms_all_plots_together(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 100)
    box = curves.plot("cosine").plot.getViewBox()
    box.scaleBy(x=0.5)
    box.sigRangeChangedManually.emit([True, False])
    first, last = curves.span()
    assert last - first == pytest.approx(49.5, rel=0.01)
    other = curves.plot("loss").plot.getViewBox().viewRange()[0]
    edge = curves.plot("loss")._edge(last - first)
    assert other == pytest.approx([first - edge, last + edge]), "half a dot has room at both ends"
    box.sigRangeChangedManually.emit([True, False])
    assert curves.span() == pytest.approx((first, last)), "the room at the ends does not add up"


def test_the_wheel_never_leaves_the_run(curves: CurvesPanel) -> None:
    feed(curves, 100)
    box = curves.plot("cosine").plot.getViewBox()
    curves.zoom_to(60, 100)
    box.translateBy(x=30)
    box.sigRangeChangedManually.emit([True, False])
    assert curves.span() == pytest.approx((60, 100))
    box.scaleBy(x=9)
    box.sigRangeChangedManually.emit([True, False])
    assert curves.span() == (1, 100)


def test_a_plot_that_is_chosen_comes_into_view(curves: CurvesPanel, qtbot: QtBot) -> None:
    curves.resize(640, 170)
    feed(curves, 60)
    QTest.mouseClick(curves.tools.plot_buttons["rate"], Qt.MouseButton.LeftButton)
    plot, page, bar = curves.plot("rate"), curves._scroll.viewport(), curves._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 100, timeout=2_000)
    qtbot.waitUntil(lambda: 0 <= plot.mapTo(page, QPoint(0, 0)).y() <= page.height() - plot.height(), timeout=2_000)
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    curves.resize(640, 160)
    qtbot.wait(50)
    assert bar.value() == 0, "who scrolls by hand stays there"


def test_legend_chips_hide_curves_and_a_double_click_leaves_one(curves: CurvesPanel) -> None:
    feed(curves, 60)
    plot = curves.plot("cosine")
    QTest.mouseClick(plot.chips["cosine.train"], Qt.MouseButton.LeftButton)
    assert not plot.curves["cosine.train"].isVisible()
    QTest.mouseClick(plot.chips["cosine.train"], Qt.MouseButton.LeftButton)
    assert plot.curves["cosine.train"].isVisible()
    chip = plot.chips["cosine.validation"]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    QTest.mouseDClick(chip, Qt.MouseButton.LeftButton)
    assert [name for name, item in plot.curves.items() if item.isVisible()] == ["cosine.validation"]
    plot.show_only("cosine.validation")
    assert all(chip.isChecked() for chip in plot.chips.values())


def test_crosshair_shows_the_values_at_the_step_under_the_mouse(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 100)
    plot = curves.plot("cosine")
    box = plot.plot.getViewBox()
    position = box.mapViewToScene(QPointF(60.2, 0.5))
    plot.plot.scene().sigMouseMoved.emit(position)
    assert plot.chips["cosine.train"].value == f"{step_report(60).train_cosine:.3f}"
    assert curves.plot("loss")._crosshair.isVisible()
    assert curves.plot("loss")._crosshair.value() == 60
    plot.leaveEvent(None)
    assert not plot._crosshair.isVisible()
    assert plot.chips["cosine.train"].value == f"{step_report(100).train_cosine:.3f}"


def test_scores_are_not_joined_across_a_new_network(curves: CurvesPanel) -> None:
    for step, cosine in ((10, 0.9), (20, 0.98), (30, 0.04), (40, 0.3)):
        curves.append(step_report(step))
        curves.append_evaluation(eval_report(step, cosine))
        if step == 20:
            curves.mark_edit(20, "32\N{SUPERSCRIPT THREE}")
            curves.history.outdate_scores(20, "32\N{SUPERSCRIPT THREE}")
    curves.redraw()
    x, y = drawn(curves, "cosine", "cosine.validation")
    assert x.tolist() == [10, 20, 20, 30, 40]
    assert np.isnan(y).tolist() == [False, False, True, False, False]
    assert curves.plot("cosine").curves["cosine.validation"].opts["connect"] == "finite"
    assert len(curves.plot("cosine").dots["cosine.validation"].getData()[0]) == 4


def test_the_legend_fades_scores_that_were_measured_before_an_edit(curves: CurvesPanel) -> None:
    curves.append(step_report(10))
    curves.append_evaluation(eval_report(10, 0.9))
    curves.mark_edit(10, "objective denoise")
    curves.history.outdate_scores(10, "objective denoise")
    curves.redraw()
    chips = curves.plot("cosine").chips
    assert chips["cosine.validation"].value == "0.900"
    assert all(chips[f"cosine.{name}"].outdated for name in ("validation", "t0", "linear", "pca"))
    assert "Measured before: objective denoise." in chips["cosine.linear"].toolTip()
    assert not chips["cosine.train"].outdated
    curves.append_evaluation(eval_report(20, 0.4))
    curves.redraw()
    assert chips["cosine.validation"].value == "0.400"
    assert not chips["cosine.validation"].outdated
    assert "Measured before" not in chips["cosine.linear"].toolTip()


def test_the_legend_names_the_rank_and_where_it_comes_from(curves: CurvesPanel) -> None:
    curves.append(step_report(10))
    curves.append_evaluation(replace(eval_report(10), baseline_place="296 painted cells with 1 scalar each"))
    curves.redraw()
    chips = curves.plot("cosine").chips
    assert (chips["cosine.linear"].text(), chips["cosine.pca"].text()) == ("linear-296", "PCA-296")
    assert "rank 296: 296 painted cells with 1 scalar each" in chips["cosine.pca"].toolTip().lower()


def test_identity_is_shown_where_it_is_a_baseline_unless_somebody_hid_it(curves: CurvesPanel) -> None:
    chip = curves.plot("cosine").chips["cosine.identity"]
    curves.append(step_report(10))
    curves.append_evaluation(eval_report(10))
    curves.redraw()
    assert not chip.isChecked()
    curves.append_evaluation(replace(eval_report(20), identity=scores(0.45)))
    curves.redraw()
    assert chip.isChecked()
    assert curves.choices.curves == {}
    chip.setChecked(False)
    curves.redraw()
    assert not chip.isChecked()
    assert curves.choices.curves == {"cosine.identity": False}


def test_a_short_mark_needs_little_room(curves: CurvesPanel) -> None:
    feed(curves, 100)
    curves.mark_edit(95, "32\N{SUPERSCRIPT THREE}")
    curves.redraw()
    line = curves.plot("cosine").marks.lines[0]
    width = curves.plot("cosine").plot.getViewBox().width()
    curves.zoom_to(0, 95 / (1 - 40 / width))
    assert line.label.isVisible()
    assert line.label.textItem.toPlainText() == "32\N{SUPERSCRIPT THREE}"


def test_a_label_without_room_in_whole_stands_on_the_other_side_or_is_a_number(curves: CurvesPanel) -> None:
    feed(curves, 100)
    long = "training steps 1200 and 3 more"
    for step in (10, 12, 98):
        curves.mark_edit(step, long)
    curves.redraw()
    lines = curves.plot("cosine").marks.lines
    assert [line.label.textItem.toPlainText() for line in lines] == ["1", long, "3"]
    assert all(part.toolTip().endswith(long) for line in lines for part in (line, line.label))
    curves.restore({}, 0)
    feed(curves, 100)
    curves.mark_edit(98, long)
    curves.redraw()
    (line,) = curves.plot("cosine").marks.lines
    assert line.label.textItem.toPlainText() == long
    assert tuple(line.label.anchors[0]) == (1, 0)


def test_spikes_and_steps_that_were_not_finite_are_marked(curves: CurvesPanel) -> None:
    for step in range(1, 61):
        curves.append(step_report(step, total=30.0) if step == 40 else step_report(step))
    curves.redraw()
    x, y = curves.plot("loss").marks.spikes.getData()
    assert (x.tolist(), y.tolist()) == ([40], [pytest.approx(np.log10(30.0))])
    curves.show_failure(describe_failure("Training stopped", NonFiniteError("step 61: the loss is not finite")))
    curves.show_failure(describe_failure("Can't save x", CellcubeError("no room")))
    assert [(mark.training_step, mark.text) for mark in curves.history.marks] == [(61, "not finite: update left out")]


def test_logarithmic_steps_are_shared_by_curves_marks_and_crosshair(curves: CurvesPanel) -> None:
    feed(curves, 100)
    curves.mark_edit(9, "x")
    curves.tools.log_steps.click()
    x, _ = drawn(curves, "cosine", "cosine.train")
    assert x[0] == pytest.approx(np.log10(2))
    plot = curves.plot("cosine")
    assert plot.marks.lines[0].value() == pytest.approx(1.0)
    plot.show_crosshair(99.0)
    assert plot._crosshair.value() == pytest.approx(2.0)
    first, last = np.log10(2), np.log10(101)
    edge = plot._edge(last - first)
    assert plot.plot.getViewBox().viewRange()[0] == pytest.approx([first - edge, last + edge])
    assert curves.choices.log_steps


def test_chips_stand_beside_the_curves_at_their_ends_and_above_them_where_it_is_narrow(curves: CurvesPanel) -> None:
    curves.show_plots(["cosine"])
    feed(curves, 100)
    QTest.qWait(20)
    curves.redraw()
    plot = curves.plot("cosine")
    assert plot.legend.beside
    assert plot.legend.x() >= plot.plot.geometry().right()
    shown = [chip for chip in plot.chips.values() if chip.isChecked() and not chip.isHidden()]
    best = max(shown, key=lambda chip: float(chip.value))
    worst = min(shown, key=lambda chip: float(chip.value))
    assert best.y() < worst.y()
    assert all(chip.geometry().bottom() <= plot.legend.height() for chip in shown)
    curves.resize(300, 400)
    QTest.qWait(20)
    assert not plot.legend.beside
    assert plot.plot.y() >= plot.legend.geometry().bottom()


def test_marks_stand_at_their_step_and_share_a_line(curves: CurvesPanel) -> None:
    feed(curves, 100)
    curves.mark_edit(40, "learning rate 0.003 to 0.001")
    curves.mark_edit(40, "batch size 32 to 64")
    curves.mark_edit(90, "noise {0.1} to 0.2")
    curves.redraw()
    lines = curves.plot("loss").marks.lines
    assert [line.value() for line in lines] == [40, 90]
    assert "batch size 32 to 64" in lines[0].toolTip()
    assert lines[0].label.isVisible()
    curves.restore({}, 0)
    assert curves.history.marks == []


def test_plots_can_be_chosen_and_come_back(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 10)
    curves.show_plots(["loss", "gate"])
    curves.plot("loss").chips["loss.total"].click()
    curves.plot("loss").log_button.click()
    curves.tools.smoothing.setValue(2)
    curves.show_plots(["cosine", "gate"])
    other = CurvesPanel()
    qtbot.addWidget(other)
    other.choices = CurveChoices.from_json(curves.choices.to_json())
    assert other.shown_plots() == ["cosine", "gate"]
    assert other.choices == curves.choices
    assert not other.plot("loss").chips["loss.total"].isChecked()
    assert not other.plot("loss").logarithmic
    assert other.tools.smoothing.value() == 2
    assert other.plot("loss").isHidden()


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[1]", '{"plots": 3, "smoothing": "much", "curves": [1], "logarithmic": {"loss": 2}}']
)
def test_choices_that_make_no_sense_are_left_out(text: str) -> None:
    assert CurveChoices.from_json(text) == CurveChoices()


def test_parts_of_the_gradient_and_the_gates_get_curves_of_their_own(curves: CurvesPanel) -> None:
    feed(curves, 60)
    curves.show_plots(["gradient", "gate", "speed", "rate"])
    curves.redraw()
    report = step_report(60)
    assert set(curves.plot("gradient").curves) == {"gradient.total", *(f"gradient.{p}" for p in report.gradient_norms)}
    assert drawn(curves, "gate", "gate.functional")[1][-1] == pytest.approx(report.gate_shares["functional"])
    assert drawn(curves, "speed", "steps_per_second")[1][-1] == pytest.approx(1 / report.seconds)
    assert drawn(curves, "rate", "learning_rate")[1][-1] == pytest.approx(report.learning_rate)


def test_history_comes_back_from_a_checkpoint(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 120)
    curves.mark_edit(30, "clip norm 1 to 2")
    other = CurvesPanel()
    qtbot.addWidget(other)
    other.restore(curves.to_arrays(), 120)
    assert other.history.marks == curves.history.marks
    for name, series in curves.history.series.items():
        np.testing.assert_allclose(other.history.series[name].y, series.y, rtol=1e-6)
    other.append(step_report(100))  # an older step replaces what came after it
    assert other.history.last_step() == 100
    assert len(other.history.series["cosine.validation"]) == 1


def test_a_history_ends_where_the_run_stands_and_skips_what_is_no_curve(curves: CurvesPanel) -> None:
    feed(curves, 60)
    curves.mark_edit(55, "late")
    arrays = curves.to_arrays()
    arrays |= {
        "loss.torn/x": np.arange(3),
        "loss.torn/y": np.ones(2),
        "loss.back/x": np.array([2, 1]),
        "loss.back/y": np.ones(2),
        "loss.alone/x": np.arange(3),
    }
    curves.restore(arrays, 50)
    assert curves.history.last_step() == 50
    assert curves.history.marks == []
    assert not {"loss.torn", "loss.back", "loss.alone"} & set(curves.history.series)
    curves.restore(arrays | {"marks": np.frombuffer(b"{broken", np.uint8)}, 60)
    assert curves.history.marks == []


def test_csv_has_one_row_per_step_and_empty_cells(curves: CurvesPanel, tmp_path: Path) -> None:
    feed(curves, 50)
    curves.mark_edit(7, "batch size, 32 to 64")
    write_csv(tmp_path / "curves.csv", curves.to_arrays())
    rows = list(csv.DictReader((tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()))
    assert [int(row["training_step"]) for row in rows] == list(range(1, 51))
    assert float(rows[6]["loss.total"]) == pytest.approx(step_report(7).losses["total"], rel=1e-6)
    assert rows[6]["edit_after"] == "batch size, 32 to 64"
    assert rows[6]["cosine.validation"] == ""
    assert float(rows[49]["cosine.validation"]) == pytest.approx(eval_report(50).student.cosine, rel=1e-6)


def test_csv_of_nothing_is_only_a_header(curves: CurvesPanel, tmp_path: Path) -> None:
    write_csv(tmp_path / "curves.csv", curves.to_arrays())
    assert (tmp_path / "curves.csv").read_text().split() == ["training_step,edit_after"]


def test_a_hidden_panel_rests_and_catches_up(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 5)
    curves.hide()
    curves.append(step_report(6))
    assert not curves._timer.isActive()
    curves.show()
    qtbot.waitUntil(lambda: drawn(curves, "cosine", "cosine.train")[0][-1] == 6)


def test_narrow_panels_stack_their_plots(curves: CurvesPanel) -> None:
    feed(curves, 20)
    curves.resize(280, 600)
    QTest.qWait(20)
    cosine, loss = curves.plot("cosine"), curves.plot("loss")
    assert loss.mapTo(curves, QPoint(0, 0)).y() > cosine.mapTo(curves, QPoint(0, 0)).y()
    assert curves.width() == 280


def test_history_keeps_losses_that_begin_late() -> None:
    history = History()
    history.append(step_report(1))
    late = step_report(2)
    history.append(step_report(2, losses={**late.losses, "smoothness": 0.5}))
    assert history.series["loss.smoothness"].x.tolist() == [2]
    assert history.series["loss.total"].x.tolist() == [1, 2]


def test_plots_follow_the_theme(curves: CurvesPanel, qtbot: QtBot) -> None:
    feed(curves, 20)
    for dark in (True, False):
        curves.setPalette(qt_palette(theme(dark)))
        background = curves.plot("cosine").plot.backgroundBrush().color().name().upper()
        assert background == theme(dark).panel
