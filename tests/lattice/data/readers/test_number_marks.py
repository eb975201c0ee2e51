"""Marks are taken out of numbers alone, and thousands are told by what can be nothing else."""

from __future__ import annotations

import pytest

from lattice.data.readers.number_marks import NumberMarks, marks_of


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        ("12.5%", "He paid $ 5, or 20 % of it", "He paid $ 5, or 20 % of it"),
        ("12.5%", " 20 %", " 20"),
        ("1,234.56", "Well, 7,000.5 and more", "Well, 7,000.5 and more"),
        ("1,234.56", "7,000.5 ", "7000.5 "),
        ("1,234.56", "12,5", "12,5"),
        ("0,5", "yes, or 0,7", "yes, or 0,7"),
        ("0,5", "[0,7; 1,5]", "[0.7; 1.5]"),
        ("1.234,5 \u20ac", "2.345.678,25 \u20ac", "2345678.25"),
    ],
)
def test_later_fields_are_edited_only_where_they_are_such_numbers(first: str, later: str, expected: str) -> None:
    row = ["a", later]
    marks_of([["a", first]], ";").undo(row)
    assert row == ["a", expected]


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        (["1,234,567"], ","),
        (["1.234.567", "890"], "."),
        (["1,234.5"], ","),
        (["1,234", "12,500"], None),
        (["192.168.100.101", "192.168.100.102"], None),
        (["128,130,255"], None),
    ],
)
def test_two_groups_of_thousands_or_both_marks_tell_thousands(fields: list[str], mark: str | None) -> None:
    rows = [["2,500", field] for field in fields] if mark == "," else [["a", field] for field in fields]
    expected = {None: (), ",": ((0, ","), (1, ",")), ".": ((1, "."),)}[mark]
    assert marks_of(rows, ",").groups == expected
    assert rows[0][1] == (fields[0] if mark is None else fields[0].replace(mark, ""))


def test_gaps_in_a_row_are_no_numbers() -> None:
    row = ["NA"]
    NumberMarks(signs=(0, 1), groups=((0, ","), (2, ",")), decimals=(0, 3)).undo(row)
    assert row == ["NA"]
