"""What programs write around the rows of a table is left aside, and said; the same words within it are rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.delimited import open_delimited
from lattice.data.readers.footers import is_footer, is_frame, is_total, without_footer
from lattice.data.readers.records import Remarks
from tests.lattice.data.layouts import SHOWN, TEXTS, TRUTH

ROWS = [("1", "a cat sleeps under the tree", "3"), ("2", "the dog runs to the house", "4")]


def joined(mark: str) -> list[str]:
    return [mark.join(row) for row in ROWS]


TABLES = {
    "psql aligned.csv": [
        " id |            text             | n ", "----+-----------------------------+---",
        *(f"  {i} | {text:27} | {n} " for i, text, n in ROWS), "(2 rows)", ""],
    "psql unaligned.csv": ["id|text|n", *joined("|"), "(2 rows)"],
    "psql with commas.csv": ["id,text,n", *joined(","), "(2 rows)", "Time: 0.523 ms"],
    "psql with tabs.tsv": ["id\ttext\tn", *joined("\t"), "(2 rows)"],
    "mysql.tsv": ["id\ttext\tn", *joined("\t"), "2 rows in set (0.00 sec)"],
    "mysql framed.csv": [
        "+----+-----------------------------+---+", "| id | text                        | n |",
        "+----+-----------------------------+---+", *(f"| {i}  | {text:27} | {n} |" for i, text, n in ROWS),
        "+----+-----------------------------+---+", "2 rows in set (0.00 sec)"],
    "comment.csv": ["id,text,n", *joined(","), "-- 2 rows"],
    "sqlcmd.csv": ["id,text,n", "--,----,-", *joined(","), "", "(2 rows affected)"],
    "Oracle.csv": ["id,text,n", *joined(","), "", "2 rows selected.", ""],
    "Hive.tsv": ["id\ttext\tn", *joined("\t"), "Time taken: 0.05 seconds, Fetched: 2 row(s)"],
    "thousands.csv": ["id,text,n", *joined(","), "(1,002 rows)"],
    "spreadsheet.csv": ["id,text,n", *joined(","), ",,", "Total,,7"],
    "spreadsheet with semicolons.csv": ["id;text;n", *joined(";"), "Summe:;;7"],
    "ClickHouse.tsv": ["id\ttext\tn", *joined("\t"), "", "2 rows in set. Elapsed: 0.003 sec."],
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_a_footer_is_no_row_and_is_said(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("\n".join(TABLES[name]) + "\n")
    remarks = Remarks()
    records = [record for _, record in open_delimited(path, ReadMeter(), remarks).records]
    found = [tuple(record[column].strip() for column in record if column.strip() in ("id", "text", "n"))
             for record in records]  # fmt: skip
    assert [row for row in found if any(row)] == ROWS
    assert any("a footer, left aside (first: " in said for said in remarks.sentences())


def test_a_frame_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(TABLES["mysql framed.csv"]) + "\n")
    preview = preview_data(str(path), DataSettings())
    assert [row.text for row in preview.rows] == [text for _, text, _ in ROWS]
    assert "the lines that frame the rows are left out" in preview.notes[0]


def test_what_follows_is_a_row_again(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text\n" + "\n".join([TEXTS[0], "5 rows", TEXTS[1], "(2 rows)"]) + "\n")
    records = open_delimited(path, ReadMeter(), remarks := Remarks()).records
    assert [(row, record["text"]) for row, record in records] == [(1, TEXTS[0]), (2, "5 rows"), (3, TEXTS[1])]
    assert remarks.sentences() == ["1 row with a footer, left aside (first: a.csv: '(2 rows)')"]


def test_totals_below_vectors_are_no_vector(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    lines = ["text,embedding", *(f'"{text}","{shown}"' for text, shown in zip(TEXTS, SHOWN, strict=True)), "Total,"]
    path.write_text("\n".join(lines) + "\n")
    preview = preview_data(str(path), DataSettings())
    assert preview.rows[0].text == TEXTS[0]
    rows = open_delimited(path, ReadMeter(), Remarks()).records
    assert len(list(rows)) == len(TRUTH)


@pytest.mark.parametrize(
    "line",
    ["the rows", "2 rows of trees stood there", "rows: none", "select 2 of them", "Time flies", "1 2 3", "2.5", ""],
)
def test_other_lines_are_none(line: str) -> None:
    assert not is_footer(line)


def test_totals_frames_and_what_stands_above() -> None:
    assert is_total(["Total", "", "7"])
    assert is_total(["", "Grand total:", "7"])
    assert not is_total(["Total", "1", "7"]), "a row with all its fields may be one of the data"
    assert not is_total(["Totally", "", ""])
    assert not is_total(["", ""])
    assert is_frame("+----+---+")
    assert is_frame(" +====+ ")
    assert not is_frame("+1+2+")
    assert not is_frame("----+---")
    assert without_footer(["a", "(1 row)", ""]) == ["a"]
    assert without_footer(["(1 row)", ""]) == ["(1 row)", ""]
