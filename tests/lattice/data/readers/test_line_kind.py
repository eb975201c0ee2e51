"""A file of lines is read as what its lines are: words, tables and JSON; what no teacher can encode is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers import line_kind as line_kinds
from lattice.data.readers import streams
from lattice.data.readers.line_kind import line_kind
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, LABELS, LISTS, SHOWN, TEXTS, TRUTH, WORDS, Maker, jsonl, records, table
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

NUMBERS = [" ".join(map(repr, row)) for row in LISTS]


def lines(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def saved(path: Path, **options: str) -> Path:
    np.savetxt(path, TRUTH.astype(np.float64), fmt="%.9g", **options)
    return path


LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    "txt JSON lines": (lambda p: jsonl(p / "a.txt", records(text=TEXTS, embedding=LISTS)), Expected(TEXTS)),
    "txt table of commas": (lambda p: table(p / "a.txt", rows_of(text=TEXTS, embedding=SHOWN)), Expected(TEXTS)),
    "txt table of tabs": (
        lambda p: table(p / "a.txt", rows_of(text=TEXTS, label=LABELS, embedding=SHOWN), "\t"),
        Expected(TEXTS, LABELS)),
    "txt word, tab, list": (
        lambda p: lines(p / "a.txt", *(f"{w}\t{s}" for w, s in zip(WORDS, SHOWN, strict=True))), Expected(WORDS)),
    "txt lists in brackets": (lambda p: lines(p / "a.txt", *SHOWN), Expected(None)),
    "txt header and footer of numpy": (
        lambda p: saved(p / "a.txt", header="my vectors\nof sixteen things", footer="end"), Expected(None)),
    "txt table of R": (
        lambda p: lines(p / "a.txt", " ".join(f'"V{i}"' for i in range(len(LISTS[0]))),
                        *(f'"{w}" {n}' for w, n in zip(WORDS, NUMBERS, strict=True))), Expected(WORDS)),
    "glove words of three parts": (
        lambda p: lines(p / "a.txt", *(f"{w} . . {n}" for w, n in zip(WORDS, NUMBERS, strict=True))),
        Expected([f"{w} . ." for w in WORDS])),
    "vec hard blanks in words": (
        lambda p: lines(p / "a.vec", "16 12", *(f"a\u00a0{w} {n}" for w, n in zip(WORDS, NUMBERS, strict=True))),
        Expected([f"a\u00a0{w}" for w in WORDS])),
    "vec an empty word": (
        lambda p: lines(p / "a.vec", "16 12", f" {NUMBERS[0]}",
                        *(f"{w} {n}" for w, n in zip(WORDS[1:], NUMBERS[1:], strict=True))),
        Expected(["", *WORDS[1:]])),
    "emb of node2vec": (
        lambda p: lines(p / "a.emb", "16 12", *(f"{i} {n}" for i, n in enumerate(NUMBERS))),
        Expected(list(map(str, range(COUNT))))),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_lines_come_back_bit_for_bit_whatever_the_file_is_called(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


REFUSED = {
    "sparse": ([f"{i % 2} 1:{i}.5 7:0.25" for i in range(9)], r"a\.txt: its lines are sparse vectors of libsvm"),
    "complex": ([f" ({i}.0+1.0e+00j)  ({i}.5-2j)" for i in range(9)], r"its lines are complex numbers"),
    "CoNLL": (["-DOCSTART- -X- -X- O", "", *["cat NN B-NP O", "sleeps VBZ B-VP O"] * 8], r"hold one token each.*CoNLL"),
    "CoNLL with tabs": (["cat\tNN\tB-NP", "sleeps\tVBZ\tO", ""] * 8, r"hold one token each.*CoNLL.*join the tokens"),
    "sparse with tabs": (
        [f"{i % 2}\t1:{i}.5\t7:0.25" for i in range(9)],
        r"libsvm; write them.*load_svmlight_file\('a\.txt'",
    ),
    "XML": (["<?xml version='1.0'?>", "<r>", "<p>a text here</p>", "</r>"], r"a\.txt is an XML document"),
    "TEI": (["<TEI>", "<p>a text here</p>", "<p>another</p>", "</TEI>"], r"are marked up \(XML or HTML\)"),
    "zero bytes": (["a text with\0out end", "another text"], r"a\.txt line 1 holds a zero byte"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_lines_that_are_no_texts_say_what_they_are(tmp_path: Path, name: str) -> None:
    rows, words = REFUSED[name]
    with pytest.raises(DataError, match=words):
        load(lines(tmp_path / "a.txt", *rows))


@pytest.mark.parametrize(
    "texts",
    [
        ["A first, and a second.", "Two, three.", "Four, and so on, and on."],
        ["{not JSON} at all", "[a remark] and its text"],
        ["text, and more of it", "another, short one", "a third"],
        ["only one line"],
        ["[0.5, 2]", "[1.5, 3]"],
        ["{", "a brace begins this text", "}"],
        ["[", "Chorus", "]"],
        ['"A remark",', "she said."],
    ],
)
def test_texts_stay_texts(texts: list[str]) -> None:
    assert line_kind(texts) == "texts"


def test_the_marks_of_fasttext_are_categories_and_no_texts(tmp_path: Path) -> None:
    rows = [f"__label__{label} __label__all {text}" for label, text in zip(LABELS, TEXTS, strict=True)]
    preview = preview_data(str(lines(tmp_path / "a.txt", *rows)), DataSettings())
    assert [(row.text, row.category) for row in preview.rows[:2]] == [(TEXTS[0], "news, all"), (TEXTS[1], "sport, all")]


@pytest.mark.parametrize("mark", [" ", "\t"])
def test_a_mark_of_fasttext_before_a_tab_or_before_no_text_is_taken_off(tmp_path: Path, mark: str) -> None:
    rows = [f"__label__{label}{mark}{text}" for label, text in zip(LABELS, TEXTS, strict=True)]
    preview = preview_data(str(lines(tmp_path / "a.txt", rows[0], "__label__news", *rows[1:])), DataSettings())
    assert [(row.text, row.category) for row in preview.rows[:2]] == [(TEXTS[0], "news"), (TEXTS[1], "sport")]


def test_json_over_several_lines_is_read_whatever_the_file_is_called(tmp_path: Path) -> None:
    for name in ("a.txt", "a.jsonl"):
        for indent in (1, None):
            whole = json.dumps(records(text=TEXTS, id=WORDS), indent=indent)
            objects = "\n".join(json.dumps(record, indent=indent) for record in records(text=TEXTS, id=WORDS))
            glued = "[" + ",\n".join(map(json.dumps, records(text=TEXTS, id=WORDS))) + "]"
            for content in (whole, objects, glued):
                preview = preview_data(str(lines(tmp_path / name, content)), DataSettings())
                assert [row.text for row in preview.rows] == TEXTS[:5]


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_a_list_on_one_line_may_be_longer_than_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(streams, "MAX_ROW_BYTES", 256)
    monkeypatch.setattr(line_kinds, "_LONG_LIST", 64)
    path = lines(tmp_path / name, json.dumps(records(text=TEXTS, id=WORDS)))
    assert [row.text for row in preview_data(str(path), DataSettings()).rows] == TEXTS[:5]
    with pytest.raises(DataError, match=r"line 1 is longer than"):
        load(lines(path, "{" + " " * 300 + "}"))


def test_the_columns_of_a_table_in_a_text_file_can_be_chosen(tmp_path: Path) -> None:
    path = table(tmp_path / "a.txt", rows_of(id=WORDS, text=TEXTS), "\t")
    preview = preview_data(str(path), DataSettings(text_column="id"))
    assert preview.columns == ("id", "text")
    assert [row.text for row in preview.rows] == WORDS[:5]
    assert preview.notes[0].startswith("a.txt: its lines are those of a .csv file, and are read so")
