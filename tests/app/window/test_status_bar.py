"""The status bar: what goes on, how fast, where, and at what cost."""

from dataclasses import replace

import pytest
from PyQt6.QtCore import QEvent, QObject

from app.run.messages import WorkProgress
from app.window.status_bar import RunStatusBar
from tests.app.reports import eval_report, scores


@pytest.fixture
def bar(qtbot):
    bar = RunStatusBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_says_what_goes_on_how_fast_where_and_at_what_cost(qtbot, bar):
    bar.set_run(412, 600, "CPU, no CUDA device")
    bar.set_state("training")
    bar.set_training(413, 3.52)
    bar.set_watching(0.041)
    bar.set_score(0.9834, 0.88)
    qtbot.waitUntil(lambda: "413" in bar.facts_label.full_text, timeout=2_000)
    assert bar.state_label.text() == "Training"
    facts = bar.facts_label.full_text
    for part in ("training step 413 of 600", "3.5 steps/s", "CPU, no CUDA device", "watching costs 4.1 %"):
        assert part in facts
    assert bar.score_label.text() == "validation cosine 0.983, without rollout 0.880"


def test_numbers_do_not_jitter(qtbot, bar):
    texts = set()
    bar.set_run(0, 600, "CPU")
    bar.set_state("training")
    for step in range(50):
        bar.set_training(step, 3.5)
        texts.add(bar.facts_label.full_text)
        qtbot.wait(4)
    assert len(texts) <= 4


def test_a_notice_takes_the_place_of_the_facts_for_a_while(qtbot, bar):
    bar.set_run(1, 600, "CPU")
    bar.notify("Saved run.safetensors")
    assert bar.facts_label.full_text == "Saved run.safetensors"
    bar._notice_timer.timeout.emit()
    assert bar.facts_label.full_text == ""
    bar.set_state("paused")
    assert "training step 1 of 600" in bar.facts_label.full_text
    bar._notice_timer.stop()


def test_short_work_shows_no_bar(qtbot, bar):
    bar.work.show_progress(WorkProgress("Saving", 0, None))
    assert not bar.work.isVisible()
    bar.work.finish()
    qtbot.wait(500)
    assert not bar.work.isVisible()


def test_long_work_shows_what_how_far_and_how_long(qtbot, bar, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.work_bar.time.monotonic", lambda: clock[0])
    bar.work.show_progress(WorkProgress("Loading data", 0, 200))
    qtbot.waitUntil(bar.work.isVisible, timeout=2_000)
    clock[0] += 3.0
    bar.work.show_progress(WorkProgress("Loading data", 50, 200))
    assert bar.work.label.text() == "Loading data, 25 %, 9.0 s left"
    assert (bar.work.bar.value(), bar.work.bar.maximum()) == (50, 200)
    with qtbot.waitSignal(bar.cancelled, timeout=1_000):
        bar.work.button.click()
    bar.work.finish()
    assert not bar.work.isVisible()


def test_the_bar_is_never_painted_beside_another_share_in_words(qtbot, bar):
    work, painted = bar.work, []

    class Painted(QObject):
        def eventFilter(self, _watched, event):
            if event.type() == QEvent.Type.Paint and work.bar.maximum() > 0:
                share = work.bar.value() / work.bar.maximum()
                painted.append((f"Fitting, {100 * share:.0f} %", work.label.text().partition(" %")[0] + " %"))
            return False

    watch = Painted()
    work.bar.installEventFilter(watch)
    work.show_progress(WorkProgress("Fitting", 0, None))
    work.show()
    for done, total in ((100, 100), (25, 100), (60, 50)):
        work.show_progress(WorkProgress("Fitting", done, total))
    qtbot.waitUntil(lambda: bool(painted), timeout=5_000)
    assert all(drawn == told for drawn, told in painted), painted
    assert work.bar.value() == work.bar.maximum() == 50, "what goes beyond its total is full"
    work.finish()


def test_how_far_the_work_is_has_its_room_from_the_start(qtbot, bar, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.work_bar.time.monotonic", lambda: clock[0])
    bar.resize(1600, bar.height())
    bar.work.show_progress(WorkProgress("Evaluating", 0, 100))
    bar.work.show()
    qtbot.waitExposed(bar.work)
    bar.layout().activate()
    bar.work.layout().activate()
    clock[0] += 40
    bar.work.show_progress(WorkProgress("Evaluating", 1, 100))
    label = bar.work.label
    assert label.text() == "Evaluating, 1.0 %, 1 h 06 min left"
    assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), "before it is laid out again"
    bar.work.finish()


def test_scores_beside_long_work_make_no_window_wider_than_a_small_screen(qtbot, bar):
    bar.set_run(12, 400, "CPU, no CUDA device")
    bar.set_score(0.0012, 0.014, 0, ("PCA-384", 1.0))
    bar.set_state("training")
    bar.work.show_progress(WorkProgress("Evaluating", 12, 100))
    bar.work.show()
    whole = "validation cosine 0.001, without rollout 0.014, best baseline PCA-384 1.000 (at step 0)"
    qtbot.waitUntil(lambda: bar.score_label.text() == whole, timeout=2_000)
    assert bar.minimumSizeHint().width() < 800
    bar.resize(800, bar.height())
    qtbot.waitUntil(lambda: bar.score_label.drawn_text != whole, timeout=2_000)
    assert bar.score_label.drawn_text.startswith("validation cosine 0.001")
    assert bar.facts_label.text().startswith("training step 12")
    bar.set_state("stepping")
    assert bar.minimumSizeHint().width() < 1000, "with the longest state"
    bar.work.finish()
    bar.resize(1600, bar.height())
    qtbot.waitUntil(lambda: bar.score_label.drawn_text == whole, timeout=2_000)


def test_work_of_unknown_length(qtbot, bar):
    bar.work.show_progress(WorkProgress("Encoding", 12345, None))
    assert bar.work.bar.maximum() == 0
    assert bar.work.label.text() == "Encoding, 12,345"
    bar.work.finish()


def test_a_pause_that_waits_says_for_what_and_how_long(bar):
    bar.set_run(4, 600, "CPU")
    bar.set_state("training")
    bar.set_awaited("pause", 9.2)
    assert bar.state_label.text() == "Pausing after this training step (about 9 s)"
    bar.set_awaited("pause")
    assert bar.state_label.text() == "Pausing after this training step"
    bar.set_awaited("pause", 83.7)
    assert bar.state_label.text() == "Pausing after this training step (about 1 min 24 s)"
    assert "rate" not in bar.facts_label.full_text
    bar.set_awaited("")
    assert bar.state_label.text() == "Training"


def test_one_training_step_is_counted_in_seconds(bar, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.work_bar.time.monotonic", lambda: clock[0])
    bar.set_state("stepping")
    assert bar.state_label.text() == "Computing one training step, 0:00 so far"
    assert bar._count_timer.isActive()
    clock[0] += 42.4
    bar._count_timer.timeout.emit()
    assert bar.state_label.text() == "Computing one training step, 0:42 so far"
    clock[0] += 3600
    bar._count_timer.timeout.emit()
    assert bar.state_label.text() == "Computing one training step, 1:00:42 so far"
    bar.set_state("paused")
    assert bar.state_label.text() == "Paused"
    assert not bar._count_timer.isActive()


def test_a_recording_is_shown_as_long_as_it_lasts(bar, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("app.window.work_bar.time.monotonic", lambda: clock[0])
    assert not bar.recording_label.isVisible()
    bar.set_recording(True)
    bar.notify("Saved photo.png")
    clock[0] += 12.3
    bar._recording_timer.timeout.emit()
    assert bar.recording_label.isVisible()
    assert bar.recording_label.text() == "REC 0:12"
    bar.set_recording(False)
    assert not bar.recording_label.isVisible()
    assert not bar._recording_timer.isActive()


def test_the_first_look_at_a_new_cube_is_not_told_as_the_cost_of_watching(bar):
    bar.set_run(1, 600, "CPU")
    bar.set_state("training")
    bar.set_watching(0.98)
    bar._refresh()
    assert "watching" not in bar.facts_label.full_text


@pytest.mark.gl
def test_a_photo_does_not_hide_that_a_movie_is_recorded(window):
    window.pictures.recording_changed.emit(True)
    window.status.notify("Saved photo.png")
    assert window.status.recording_label.isVisible()
    assert window.actions_["record"].isChecked()
    assert window.actions_["record"].text() == "End the movie"
    window.pictures.recording_changed.emit(False)
    assert not window.status.recording_label.isVisible()
    assert not window.actions_["record"].isChecked()


LONG = "can't write the checkpoint /a/folder/with/a/long/name/run.safetensors: no space left on the device " * 3


def test_a_long_notice_or_name_of_work_never_widens_the_window(qtbot, bar):
    bar.resize(700, bar.height())
    bar.set_run(1, 600, "CPU")
    bar.notify(LONG)
    bar._notice_timer.stop()
    assert bar.minimumSizeHint().width() < 700
    assert bar.facts_label.full_text == LONG
    assert bar.facts_label.text().endswith("\N{HORIZONTAL ELLIPSIS}")
    bar.work.show_progress(WorkProgress(LONG, 1, 10))
    qtbot.waitUntil(bar.work.isVisible, timeout=2_000)
    assert bar.work.label.toolTip().startswith(LONG)
    assert bar.minimumSizeHint().width() < 1000, "a small screen has 1024"
    bar.work.finish()


def test_a_part_of_work_with_a_longer_name_has_its_room_at_once(qtbot, bar):
    bar.resize(1024, bar.height())
    bar.show()
    bar.work.show_progress(WorkProgress("Saving", 1, 10))
    qtbot.waitUntil(bar.work.isVisible, timeout=2_000)
    bar.work.show_progress(WorkProgress("Training the MLP baseline", 88, 100))
    label = bar.work.label
    assert label.width() >= label.fontMetrics().horizontalAdvance(label.text()), "the bar repaints at once"
    assert label.geometry().right() < bar.work.bar.geometry().left()
    bar.work.finish()


def test_a_report_shows_its_scores_and_all_others_in_the_tooltip(bar):
    bar.set_run(50, 600, "CPU")
    bar.set_report(replace(eval_report(50, 0.9), mlp=scores(0.85)), 1.0)
    bar._refresh()
    assert bar.score_label.text() == "validation cosine 0.900, without rollout 0.563, best baseline linear-296 0.955"
    assert "squared error" in bar.score_label.toolTip().lower()


def test_scores_say_at_which_step_they_were_measured_once_the_run_went_on(bar):
    bar.set_run(50, 600, "CPU")
    bar.set_report(eval_report(50, 0.9), 1.0)
    bar._refresh()
    assert "step" not in bar.score_label.text()
    bar.set_training(73, 3.5)
    bar._refresh()
    assert bar.score_label.text().endswith(" (at step 50)")


def test_the_best_baseline_is_the_one_beside_the_score(bar):
    report = replace(eval_report(50, 0.9), mlp=scores(0.97))
    for changed, name in (
        (report, "MLP 0.970"),
        (replace(report, mlp=None), "linear-296 0.955"),
        (replace(report, identity=scores(0.98)), "identity 0.980"),
        (replace(report, identity=scores(0.98), fair=("pca",)), "MLP 0.970"),
    ):
        bar.set_report(changed, 1.0)
        bar._refresh()
        assert bar.score_label.text().endswith(f"best baseline {name}")
    bar.set_report(replace(report, mlp=None, fair=()), 1.0)
    bar._refresh()
    assert bar.score_label.text() == "validation cosine 0.900, without rollout 0.563"


def test_scores_from_before_an_edit_fade_until_there_are_new_ones(bar):
    bar.set_run(50, 600, "CPU")
    bar.outdate_scores("objective denoise")
    assert bar.score_label.text() == "validation: not yet measured"
    bar.set_report(eval_report(50, 0.9), 1.0)
    bar.outdate_scores("training embedding objective denoise")
    text = bar.score_label.text()
    assert text.startswith(
        "validation cosine 0.900, without rollout 0.563, best baseline linear-296 0.955 (measured before: "
    )
    assert text.endswith("...)")
    assert "Measured before: training embedding objective denoise" in bar.score_label.toolTip()
    assert bar.score_label.property("role") == "outdated"
    bar.set_report(eval_report(60, 0.5), 1.0)
    bar._refresh()
    assert bar.score_label.text().startswith("validation cosine 0.500")
    assert "measured before" not in bar.score_label.text()
    assert bar.score_label.property("role") == ""
