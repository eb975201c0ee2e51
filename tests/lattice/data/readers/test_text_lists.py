"""Lists of texts in a row are read whole: each a sample, words as one text, instructions left aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import reader_for
from lattice.data.readers.opening import open_file
from lattice.data.readers.records import Remarks
from lattice.data.readers.text_source import TextSource
from lattice.data.requested_columns import Columns
from tests.lattice.data.layouts import TEXTS, jsonl, parquet, whole_json

HALVES = [TEXTS[row : row + 2] for row in range(0, len(TEXTS), 2)]
ASKED = "Represent the question;"
PAIRS = Columns(want_pairs=True)


def rows_of(path: Path, columns: Columns | None = None) -> tuple[list[tuple[Any, Any, str]], list[str]]:
    remarks = Remarks()
    opened = open_file(reader_for(path), path, ReadRequest(columns=columns or Columns(), remarks=remarks))
    assert isinstance(opened, TextSource)
    return list(_plain(opened)), remarks.sentences()


def _plain(opened: TextSource) -> Iterator[tuple[Any, Any, str]]:
    return ((row.text, row.partner, row.category) for row in opened.rows)


def intents(path: Path) -> Path:
    records = [
        {"tag": f"kind{chr(97 + row)}", "patterns": part, "responses": [text.upper() for text in part]}
        for row, part in enumerate(HALVES)
    ]
    return whole_json(path, {"intents": records})


def test_each_pattern_of_an_intent_is_a_sample_of_its_tag(tmp_path: Path) -> None:
    rows, said = rows_of(intents(tmp_path / "intents.json"))
    assert [text for text, _, _ in rows] == TEXTS
    assert [category for _, _, category in rows][:3] == ["kinda", "kinda", "kindb"]
    assert said == [
        "8 rows with a list of texts in column 'patterns': each is a sample of its own (first: intents.json row 1)"
    ]


def test_each_pattern_is_paired_with_each_response(tmp_path: Path) -> None:
    rows, _ = rows_of(intents(tmp_path / "intents.json"), PAIRS)
    first = [(text, other.upper()) for text in HALVES[0] for other in HALVES[0]]
    assert [(text, partner) for text, partner, _ in rows][:4] == first
    assert len(rows) == 4 * len(HALVES)


def test_words_of_one_sentence_are_joined(tmp_path: Path) -> None:
    table = pa.table({"tokens": [text.split() for text in TEXTS], "tags": [[0, 1]] * len(TEXTS)})
    rows, said = rows_of(parquet(tmp_path / "a.parquet", table))
    assert [text for text, _, _ in rows] == TEXTS
    assert said == ["16 rows with a list of words in column 'tokens', read as one text (first: a.parquet row 1)"]


@pytest.mark.parametrize("columns", [Columns(), Columns(text="passages")])
def test_lists_beside_another_column_are_read_whole(tmp_path: Path, columns: Columns) -> None:
    path = jsonl(tmp_path / "a.jsonl", [{"number": row, "passages": part} for row, part in enumerate(HALVES)])
    assert [text for text, _, _ in rows_of(path, columns)[0]] == TEXTS


def test_an_instruction_before_the_text_is_left_aside(tmp_path: Path) -> None:
    records = [{"query": [ASKED, text], "pos": ["Represent the answer;", text.upper()]} for text in TEXTS]
    rows, said = rows_of(jsonl(tmp_path / "a.jsonl", records), PAIRS)
    assert [(text, partner) for text, partner, _ in rows] == [(text, text.upper()) for text in TEXTS]
    assert said[0].startswith("16 rows with an instruction before the text in column 'query', left aside")
