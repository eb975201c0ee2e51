"""Curves as a table: one row per training step, empty cells where nothing was reported, edits in a column."""

import numpy as np

from app.curves.history import History
from app.run.curve_table import write_csv


def test_curves_of_other_steps_share_a_table(tmp_path):
    history = History()
    history.of("loss.total").extend(np.array([1, 2, 3]), np.array([0.5, 0.25, 0.125], np.float32))
    history.of("cosine.validation").extend(np.array([2]), np.array([0.75], np.float32))
    history.mark_edit(3, "batch size 64")
    history.mark_edit(7, "8\N{SUPERSCRIPT THREE}")
    path = tmp_path / "curves.csv"
    write_csv(path, history.to_arrays())
    assert path.read_text(encoding="utf-8").splitlines() == [
        "training_step,loss.total,cosine.validation,edit_after",
        "1,0.5,,",
        "2,0.25,0.75,",
        "3,0.125,,batch size 64",
        "7,,,8\N{SUPERSCRIPT THREE}",
    ]


def test_a_run_without_reports_is_a_heading(tmp_path):
    write_csv(tmp_path / "curves.csv", {})
    assert (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines() == ["training_step,edit_after"]


def test_numbers_come_back_to_the_bit(tmp_path):
    values = np.array([0.868118405342102, 1 / 3, 1e-7, 2.5e12, np.inf], np.float32)
    history = History()
    history.of("loss.total").extend(np.arange(1, 6), values)
    write_csv(tmp_path / "curves.csv", history.to_arrays())
    rows = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert np.array_equal(np.array([row.split(",")[1] for row in rows], np.float32), values)
