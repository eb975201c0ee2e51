"""Files of words and vectors with a damaged line: it is named, and never bends the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import reader_for
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.text_file import table_ending
from lattice.data.readers.word_vectors import word_layout
from lattice.errors import DataError

WIDTH = 12
NUMBERS = [" ".join(f"{number:.5f}" for number in row) for row in np.random.default_rng(3).normal(size=(24, WIDTH))]
LINES = [f"{chr(97 + row)}word {numbers}" for row, numbers in enumerate(NUMBERS)]


def read(path: Path, lines: list[str]) -> EmbeddingFile:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    opened = reader_for(path).value.open(path, ReadRequest())
    assert isinstance(opened, EmbeddingFile)
    return opened


SHORT, LONG, BROKEN = LINES[4].rpartition(" ")[0], f"{LINES[4]} 0.12345", LINES[4].replace("0.", "0.x", 1)
WORDLESS = f"1999 {NUMBERS[4].rpartition(' ')[0]}"


@pytest.mark.parametrize("ending", [".vec", ".txt"])
@pytest.mark.parametrize("header", [[], [f"24 {WIDTH}"]])
@pytest.mark.parametrize("damaged", [SHORT, LONG, BROKEN, WORDLESS], ids=["short", "long", "broken", "no word"])
def test_a_row_of_another_width_is_an_error_that_names_it(
    tmp_path: Path, ending: str, header: list[str], damaged: str
) -> None:
    place = 5 + len(header)
    for lines in (LINES, LINES[2:]):  # among the first lines, by which the width is told
        rows = [*header, *lines[:4], damaged, *lines[5:]]
        with pytest.raises(DataError, match=rf"a\{ending} line {place}: expected a word and 12 numbers, got '\w+ "):
            read(tmp_path / f"a{ending}", rows)


def test_a_row_of_another_width_among_numbers_alone_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.txt line 3: expected 12 numbers, got"):
        read(tmp_path / "a.txt", [*NUMBERS[:2], NUMBERS[2].rpartition(" ")[0], *NUMBERS[3:]])


def test_words_that_are_numbers_or_end_in_one_stay_words(tmp_path: Path) -> None:
    words = ["1999", "Windows 3.1", "room 12", *(line.split(" ", 1)[0] for line in LINES[3:])]
    lines = [f"{word} {numbers}" for word, numbers in zip(words, NUMBERS, strict=True)]
    found = read(tmp_path / "a.txt", lines)
    assert found.held_texts == words
    assert found.rows.layout.width == WIDTH


def test_a_table_with_gaps_among_its_numbers_stays_one(tmp_path: Path) -> None:
    lines = ["word\t" + "\t".join(f"V{place}" for place in range(WIDTH)), *(line.replace(" ", "\t") for line in LINES)]
    lines[3] = lines[3].rpartition("\t")[0] + "\tNA"
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    assert table_ending(tmp_path / "a.txt") == ".csv"


def test_lines_few_of_which_end_in_numbers_are_texts() -> None:
    assert word_layout([*LINES[:6], "A sentence.", "Another one.", "And a third."]) is None


@pytest.mark.parametrize("names", ["len wid plen pwid label", "id x y z w label"])
def test_a_table_of_numbers_with_a_name_above_each_column_holds_no_words(names: str) -> None:
    width = names.count(" ")
    rows = [" ".join([*line.split(" ")[1 : width + 1], str(row % 3)]) for row, line in enumerate(LINES[:12])]
    assert word_layout([line.replace(" ", "\t") for line in (names, *rows)]) is None
    by_row = word_layout([names, *(f"{row} {line}" for row, line in enumerate(rows))])  # as R writes its rows' names
    assert by_row is not None
    assert (by_row.words, by_row.header, by_row.width) == (True, True, width + 1)


def test_ragged_lines_of_whole_numbers_are_no_words_with_vectors() -> None:
    assert (
        word_layout([" ".join(str(7 * row + place) for place in range(5 + row % 3 % 2)) for row in range(12)]) is None
    )


@pytest.mark.parametrize("word", ["pi 3.142", "version 2.10", "x .5"])
def test_a_word_may_end_in_a_number_of_fewer_decimals_than_its_vector_has(tmp_path: Path, word: str) -> None:
    found = read(tmp_path / "a.txt", [f"{word} 0.1234 0.2345 0.3456 0.4567", *["other 0.1234 0.25 0.3456 0.4567"] * 4])
    assert (found.held_texts or [])[0] == word
    assert found.rows.layout.width == 4
