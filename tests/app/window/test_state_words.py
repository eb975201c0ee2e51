"""The state word says what is: the work that training stands for, and that training diverged."""

from __future__ import annotations

import pytest

from app.run.commands import MeasureDamage, ProveResume, ScoreSamples
from app.run.file_commands import EncodeTexts, ExportEmbeddings, ExportStudent, PushStudent
from app.run.messages import WorkProgress
from app.window.state_words import Doing, state_words
from app.window.status_bar import RunStatusBar


@pytest.mark.parametrize(
    ("doing", "expected"),
    [
        (Doing("training"), ("Training", "success")),
        (Doing("training", work="Exporting", work_seconds=72), ("Exporting, 1:12", "accent")),
        (
            Doing("training", work="reading a-file-with-a-rather-long-name.csv"),
            "Reading a-file-wi..., 0:00",
        ),
        (Doing("training", "pause", work="Evaluating"), ("Pausing after this training step", "warning")),
        (Doing("loading", work="Loading torch"), ("Loading", "accent")),
        (Doing("training", diverged=True), ("Diverged", "warning")),
        (Doing("finished", diverged=True), ("Finished, diverged", "warning")),
        (Doing("training", work="Evaluating", diverged=True), ("Evaluating, 0:00", "accent")),
        (Doing("loading", diverged=True), ("Loading", "accent")),
    ],
)
def test_one_rule_says_what_goes_on(doing, expected):
    words, role = state_words(doing)
    assert (words if isinstance(expected, str) else (words, role)) == expected


def test_every_job_has_a_name_of_what_it_does(tmp_path):
    jobs = [
        (MeasureDamage(), "Measuring damage"),
        (ScoreSamples(), "Scoring samples"),
        (ProveResume(3), "Proving that the run resumes"),
        (ExportStudent(tmp_path / "x.pt2"), "Exporting"),
        (ExportEmbeddings(tmp_path / "x.npz"), "Exporting"),
        (PushStudent("x", "me/x"), "Exporting"),
        (EncodeTexts(tmp_path / "texts.csv", tmp_path / "x", None), "Encoding texts.csv"),
    ]
    assert [job.doing for job, _ in jobs] == [name for _, name in jobs]


def test_the_state_word_names_the_work_under_way_by_its_first_name_until_it_ends(qtbot, monkeypatch):
    bar = RunStatusBar()
    qtbot.addWidget(bar)
    bar.show()
    bar.set_state("training")
    now = [100.0]
    monkeypatch.setattr("app.window.work_bar.time.monotonic", lambda: now[0])
    bar.work.show_progress(WorkProgress("Exporting", 0, None))
    assert bar.state_label.text() == "Training", "work that is over in a moment does not flicker"
    now[0] = 142.0
    bar.work.show_progress(WorkProgress("Evaluating", 1, 4))
    bar.work._appear()
    assert bar.state_label.text() == "Exporting, 0:42"
    bar.work.finish()
    assert bar.state_label.text() == "Training"
    assert not bar._count_timer.isActive()
    bar.close()
