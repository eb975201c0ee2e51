"""Quoted fields of several lines are read, and a quote that swallows rows is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.delimited import open_delimited
from lattice.data.readers.records import Record, Remarks
from lattice.errors import DataError


def read(path: Path, lines: list[str]) -> tuple[list[Record], list[str]]:
    path.write_text("\n".join(["id,text,place", *lines, "8,h,i", "9,k,l"]) + "\n", encoding="utf-8")
    remarks = Remarks()
    return list(open_delimited(path, ReadMeter(), remarks).records), remarks.sentences()


@pytest.mark.parametrize(
    "text",
    [
        "a, b\nc, d, e\nf, g, h\ni, j",  # the lines within look like rows
        "a, b, c\nd, e, f\ng, h, i\nj",
        "a\n" + "b, c, d\n" * 12 + "e",  # many, but the first one is no row
    ],
)
def test_a_closed_field_of_several_lines_is_read_whatever_commas_it_holds(tmp_path: Path, text: str) -> None:
    records, remarked = read(tmp_path / "a.csv", [f'1,"{text}",x'])
    assert records[0] == (1, {"id": "1", "text": text, "place": "x"})
    assert len(records) == 3
    assert remarked == ["1 row with quoted lines that look like rows, read as they stand (first: a.csv row 1)"]


def test_a_closed_field_of_plain_lines_is_not_remarked(tmp_path: Path) -> None:
    records, remarked = read(tmp_path / "a.csv", ['1,"a, b, c\nd, e, f\ng",x'])
    assert len(records) == 3
    assert remarked == []


@pytest.mark.parametrize(
    "lines",
    [
        ['1,"a,b', *["2,c,d"] * 12, '3,e",f'],  # three fields, and as many rows are lost
        ['1,"a,b', "2,c,d", "3,e,f", '4,"g,h",i'],  # quotes within
        ['1,a,x,"b', "2,c,d", "3,e,f", '4,g"'],  # more fields than columns
    ],
)
def test_a_quote_that_swallows_rows_is_refused(tmp_path: Path, lines: list[str]) -> None:
    words = rf"a\.csv line 2 opens a quote that is closed {len(lines) - 1} lines below only, with whole rows between"
    with pytest.raises(DataError, match=words):
        read(tmp_path / "a.csv", lines)
