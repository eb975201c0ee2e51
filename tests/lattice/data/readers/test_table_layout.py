"""Tables as programs and people leave them: row names, units, gaps, joined files, other scripts, measurements."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, LABELS, LISTS, SHOWN, TEXTS, TRUTH, WIDTH, WORDS, Maker, table
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

DIMENSIONS = [f"V{i}" for i in range(1, WIDTH + 1)]
MEASURES = ["age", "height", "mass", "bmi", "sbp", "dbp", "rate", "temperature", "ldl", "hdl", "tg", "glucose"]
MARK = "\ufeff"
NAMED = [[word, *row] for word, row in zip(WORDS, LISTS, strict=True)]


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def plain(rows: list[list[object]]) -> list[str]:
    return [",".join(map(str, row)) for row in rows]


LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    "csv row names of R": (lambda p: table(p / "a.csv", [DIMENSIONS, *NAMED]), Expected(WORDS)),
    "csv a separator ends each row": (
        lambda p: text(p / "a.csv", "text;embedding\n" + "".join(
            f"{t};{s};\n" for t, s in zip(TEXTS, SHOWN, strict=True))), Expected(TEXTS)),
    "csv a separator ends each line of numbers": (
        lambda p: text(p / "a.csv", "".join(f"{line},\n" for line in plain(LISTS))), Expected(None)),
    "csv called tsv": (lambda p: table(p / "a.tsv", rows_of(text=TEXTS, embedding=SHOWN)), Expected(TEXTS)),
    "csv header once more": (
        lambda p: table(p / "a.csv", [*(rows := rows_of(text=TEXTS, embedding=SHOWN))[:9], rows[0], *rows[9:]]),
        Expected(TEXTS)),
    "csv mark within joined files": (
        lambda p: text(p / "a.csv", f"{MARK}text;embedding\n" + "".join(
            f"{MARK * (i == 8)}{t};{s}\n" for i, (t, s) in enumerate(zip(TEXTS, SHOWN, strict=True)))),
        Expected(TEXTS)),
    "csv names with types": (
        lambda p: table(p / "a.csv", [["n.id:ID", "n.text", "n.embedding:float[]"], *(
            [w, t, ";".join(map(repr, row))] for w, t, row in zip(WORDS, TEXTS, LISTS, strict=True))]),
        Expected(TEXTS)),
    "csv a title above": (
        lambda p: table(p / "a.csv", [["My export of May", ""], ["", ""], *rows_of(text=TEXTS, embedding=SHOWN)]),
        Expected(TEXTS)),
    "csv a quoted title with commas above, and a blank line below": (
        lambda p: text(table(p / "a.csv", [["Report, of May, 2024", ""], *rows_of(text=TEXTS, embedding=SHOWN)]),
                       (p / "a.csv").read_text(encoding="utf-8") + "\n\n"), Expected(TEXTS)),
    "csv measurements": (
        lambda p: table(p / "a.csv", [[*MEASURES, "species"], *([*row, label] for row, label in
                                                                zip(LISTS, LABELS, strict=True))]),
        Expected(None, LABELS)),
    "csv names of two levels": (
        lambda p: table(p / "a.csv", [[*(f"('emb', 'd{i}')" for i in range(WIDTH)), "text"], *(
            [*row, t] for row, t in zip(LISTS, TEXTS, strict=True))]), Expected(TEXTS)),
    "csv dimensions with gaps": (
        lambda p: table(p / "a.csv", [[f"feature_{2 * i}" for i in range(WIDTH)], *LISTS]), Expected(None)),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_tables_come_back_bit_for_bit(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


def test_a_gap_among_numbers_drops_its_row_and_leaves_the_vectors(tmp_path: Path) -> None:
    rows = [[word, *row] for word, row in zip(WORDS, LISTS, strict=True)]
    rows[3][5] = "NA"
    dataset, loader = load(table(tmp_path / "a.csv", [["word", *DIMENSIONS], *rows]))
    assert torch.equal(dataset.embeddings.float(), torch.from_numpy(np.delete(TRUTH, 3, 0)))
    assert loader.report.dropped == {"not finite": 1}


def test_units_below_the_header_are_an_error_in_their_row(tmp_path: Path) -> None:
    rows = [["word", *DIMENSIONS], ["-", *["mV"] * WIDTH], *NAMED]
    with pytest.raises(DataError, match=r"a\.csv row 1: column 'V1' holds 'mV', expected a number"):
        load(table(tmp_path / "a.csv", rows))


def test_what_looks_like_vectors_is_never_passed_over(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", rows_of(text=TEXTS, embedding=[f"'{shown}'" for shown in SHOWN]))
    words = r"a\.csv: column 'embedding' holds .*which can't be read as a vector.*--vector-column none"
    with pytest.raises(DataError, match=words):
        load(path)


def shown(path: Path, **settings: str) -> list[tuple[str, str]]:
    preview = preview_data(str(path), DataSettings(**settings))
    assert not preview.problem
    return [(row.text, row.category) for row in preview.rows]


def test_a_header_in_a_script_without_blanks_is_told_by_its_length(tmp_path: Path) -> None:
    rows = [["\u6587\u672c"], *([f"\u732b\u5728\u6811\u4e0b\u7761\u89c9{i}"] for i in range(COUNT))]
    assert shown(table(tmp_path / "a.csv", rows))[0] == (rows[1][0], "")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["-1", "1", "-1", "1"], ["-1", "1"]),
        (["0.0", "1.0", "", "1.0"], ["0", "1"]),
        (["2", "3", "NaN", "3"], ["2", "3"]),
    ],
)
def test_classes_as_numbers_are_categories_however_they_are_written(
    tmp_path: Path, labels: list[str], expected: list[str]
) -> None:
    found = shown(table(tmp_path / "a.csv", rows_of(text=TEXTS[:4], label=labels)))
    assert [category for _, category in found[:2]] == expected


def test_missing_texts_of_a_database_are_dropped(tmp_path: Path) -> None:
    texts = [TEXTS[0], "\\N", "\u200b", TEXTS[1]]
    found = shown(table(tmp_path / "a.tsv", rows_of(id=WORDS[:4], content=texts), "\t"))
    assert [row for row, _ in found] == TEXTS[:2]


def test_a_table_of_blank_lines_holds_no_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.csv holds no rows; expected at least one"):
        load(text(tmp_path / "a.csv", "\n \n\n"))


def test_a_footer_hides_no_title(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "My export\n\nid,text,label\n1,a cat sleeps,x\n2,a dog runs,y\nTotal: 2\n")
    with pytest.raises(DataError, match=r"a\.csv row 3 \(line 6\) has 1 fields, expected 3 as in the header"):
        load(path)


def test_a_row_that_is_called_as_the_only_column_stays(tmp_path: Path) -> None:
    assert [row for row, _ in shown(text(tmp_path / "a.csv", "text\none row\ntext\nanother row\n"))] == [
        "one row", "text", "another row"]  # fmt: skip
