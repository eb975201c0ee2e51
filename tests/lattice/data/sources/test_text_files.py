"""Folders of texts: what is not read is named, and addresses among the files of sentences are left aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from lattice.config import DataSettings
from lattice.data.readers.counted import ReadMeter
from lattice.data.report import LoadReport
from lattice.data.sources.base import Opening
from lattice.data.sources.opening import open_source
from lattice.errors import DataError
from lattice.progress import no_progress
from tests.lattice.data.layouts import COUNT, TEXTS, jsonl, records, table, word_lines
from tests.lattice.data.readers.test_layouts import load

URLS = "".join(f"http://example.org/{row}\n" for row in range(8))
LINES = "\n".join(TEXTS) + "\n"


def texts_of(folder: Path) -> tuple[list[str], list[str]]:
    report = LoadReport()
    source = open_source(str(folder), None, Opening(DataSettings(), False, ReadMeter(), report, no_progress))
    return list(source.texts(False, source.count) or ()), report.left_aside


def test_every_file_that_is_not_read_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    jsonl(folder / "a.jsonl", records(text=TEXTS[:8]))
    table(folder / "b.csv", [["text"], *([text] for text in TEXTS[8:])])
    (folder / "c.txt").write_text("one more sentence\n")
    (folder / "d.pdf").write_bytes(b"%PDF-1.4")
    (folder / "README.md").write_text("what it is")
    texts, aside = texts_of(folder)
    assert texts == TEXTS
    assert aside == [
        "x: left aside d.pdf",
        "x: left aside 'c.txt': the tables beside are read; give such files a folder of their own to read them",
    ]


@pytest.mark.parametrize("name", ["a-links.txt", "z-links.txt"])
def test_lines_of_addresses_among_sentences_are_left_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "b.txt").write_text(LINES)
    (tmp_path / name).write_text(URLS)
    texts, aside = texts_of(tmp_path)
    assert texts == TEXTS
    assert f"left aside {name}: its lines are ids, addresses, hashes or numbers" in aside[0]
    (tmp_path / "b.txt").unlink()
    with pytest.raises(DataError, match="Give a file of sentences"):
        texts_of(tmp_path)


def test_of_a_corpus_of_leipzig_the_sentences_are_read(tmp_path: Path) -> None:
    (tmp_path / "eng-sentences.txt").write_text(LINES)
    (tmp_path / "eng-words.txt").write_text("the\nhollow\nplanet\n")
    (tmp_path / "eng-sources.txt").write_text(URLS)
    texts, aside = texts_of(tmp_path)
    assert texts == TEXTS
    assert "eng-sources.txt, eng-words.txt" in aside[0]


def test_tables_with_other_columns_name_both_files(tmp_path: Path) -> None:
    for name, column in (("a", "text"), ("b", "content")):
        table(tmp_path / f"{name}.csv", [[column], *([text] for text in TEXTS)])
    said = (
        r"b\.csv has no column 'text'; it has 'content', but the texts of a\.csv are in 'text'\. Give the columns of b"
    )
    with pytest.raises(DataError, match=said):
        texts_of(tmp_path)


def test_word_vectors_that_were_cut_off_are_told(tmp_path: Path) -> None:
    path = word_lines(tmp_path / "a.vec", header=True)
    assert "states" not in load(path)[0].report.guesses[0]
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-2]))
    said = f"; it states {COUNT} of them and holds {COUNT - 2}: if it was cut off, copy or make it again"
    assert load(path)[0].report.guesses[0].endswith(said)
