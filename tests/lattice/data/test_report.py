"""The account of a load: dropped rows by reason and by number."""

from __future__ import annotations

import numpy as np
import pytest

from lattice.config.teacher import TeacherSettings
from lattice.data.provenance import NO_TEACHER, TeacherRecord
from lattice.data.report import BadRow, LoadReport, Span


def report() -> LoadReport:
    return LoadReport(
        spans=[Span(0, "a.npy", "row", 0), Span(100, "b.csv", "row", np.arange(7, 107))],
        dropped_texts=[BadRow("no text", "b.csv row 3")],
        dropped_rows={"duplicate": np.array([5, 101]), "not finite": np.array([199])},
    )


def test_dropped_rows_are_reached_by_number_without_a_list_of_all() -> None:
    rows = [BadRow("no text", "b.csv row 3"), BadRow("duplicate", "a.npy row 5")]
    rows += [BadRow("duplicate", "b.csv row 8"), BadRow("not finite", "b.csv row 106")]
    made = report()
    assert made.dropped_count == 4
    assert [made.bad_row(number) for number in range(4)] == rows
    assert made.bad_rows() == rows
    assert made.bad_rows(2) == rows[:2]
    assert made.dropped == {"duplicate": 2, "not finite": 1, "no text": 1}


@pytest.mark.parametrize("number", [-1, 4])
def test_a_row_that_was_not_dropped_is_an_error(number: int) -> None:
    with pytest.raises(IndexError, match=f"no dropped row {number}, only 4"):
        report().bad_row(number)


def test_the_account_names_the_teacher_as_the_window_does() -> None:
    record = TeacherRecord(TeacherSettings(model="m"), "m (8-D, prompt query 'query: ')", "a note")
    assert report().account()["teacher"] == NO_TEACHER
    assert LoadReport(teacher="m (8-D)", made_by=record).account()["teacher"] == "m (8-D, prompt query 'query: ')"
    assert str(LoadReport(teacher="m (8-D)").account()["teacher"]).startswith("several, or unknown: m (8-D) encoded")


def test_a_kept_sample_is_named_by_its_row_where_that_is_another_number() -> None:
    made = LoadReport(
        spans=[Span(0, "a.npy", "row", 1)], dropped_rows={"twice": np.array([4, 3]), "zero": np.array([9])}
    )
    kept = [row for row in range(12) if row not in (3, 4, 9)]
    named = ["" if row == sample else f"a.npy row {row + 1}" for sample, row in enumerate(kept)]
    assert [made.kept_origin(sample) for sample in range(len(kept))] == named
    assert report().kept_origin(0) == "a.npy row 0", "two files"
    assert report().kept_origin(99) == "b.csv row 7"
    assert LoadReport().kept_origin(3) == ""
