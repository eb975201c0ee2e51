"""Backslashes in tables are undone where the file shows that a program wrote them, and stay elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.data.readers.backslashes import copied_field, doubled_quotes
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.records import Remarks
from lattice.data.readers.text_file import open_text_file
from lattice.data.readers.text_source import TextSource


def read(path: Path, content: str) -> tuple[list[str | None], list[str]]:
    path.write_text(content, encoding="utf-8")
    remarks = Remarks()
    opened = open_text_file(path, ReadRequest(remarks=remarks))
    assert isinstance(opened, TextSource)
    return [row.text for row in opened.rows], remarks.sentences()


def test_a_copy_of_a_database_gives_line_ends_tabs_and_backslashes(tmp_path: Path) -> None:
    content = "id\ttext\n1\tone\\nline\\tand\\\\nabla\n2\t\\N\n3\tanother text\n"
    assert read(tmp_path / "a.tsv", content) == (
        ["one\nline\tand\\nabla", None, "another text"],
        ["1 row with backslashes for line ends, tabs and backslashes, undone (first: a.tsv row 1)"],
    )


@pytest.mark.parametrize("beside", ["1\tplain", "1\t\\N\n2\twith \\alpha"])
def test_other_backslashes_between_tabs_stay(tmp_path: Path, beside: str) -> None:
    texts, remarks = read(tmp_path / "a.tsv", f"id\ttext\n{beside}\n9\tone \\nabla of it\n")
    assert texts[-1] == "one \\nabla of it"
    assert not remarks


def test_quotes_behind_backslashes_are_quotes(tmp_path: Path) -> None:
    rows = ['1,"She said \\"no\\", and left"', '2,"in C:\\\\"', '3,"a third \\nabla"']
    texts, remarks = read(tmp_path / "a.csv", "\n".join(["id,text", *rows, ""]))
    assert texts == ['She said "no", and left', "in C:\\", "a third \\nabla"]
    assert remarks == ["2 rows with backslashes before quotes, which are taken off (first: a.csv row 1)"]


def test_a_backslash_that_ends_a_quoted_field_stays(tmp_path: Path) -> None:
    texts, remarks = read(tmp_path / "a.csv", 'id,text\n1,"in C:\\"\n2,"a ""second"" one"\n')
    assert texts == ["in C:\\", 'a "second" one']
    assert not remarks


@pytest.mark.parametrize(
    "content",
    [
        "| id | text |\n| --- | :---: |\n| 1 | a cat sleeps |\n| 2 | a dog runs |\n",
        " id | text\n----+--------\n 1 | a cat sleeps\n 2 | a dog runs\n",
        "id,text\n--,----\n1,a cat sleeps\n2,a dog runs\n",
    ],
)
def test_the_rule_below_a_header_is_no_row(tmp_path: Path, content: str) -> None:
    assert read(tmp_path / "a.csv", content) == (
        ["a cat sleeps", "a dog runs"],
        ["1 row with a rule below the header, left out (first: a.csv row 1)"],
    )


def test_backslashes_are_undone_from_left_to_right() -> None:
    assert doubled_quotes(r'"\\" \" \n') == r'"\" "" \n'
    assert copied_field(r"\\n\n\N") == "\\n\n\\N"
