"""Files of texts: rows, columns, limits, and what is wrong with them."""

from __future__ import annotations

import itertools
from pathlib import Path

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings

from lattice.data.missing_marks import is_missing_mark
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.text_file import column_names, open_text_file
from lattice.data.readers.text_source import TextRow
from lattice.data.requested_columns import Columns
from lattice.data.values import is_mark, mostly
from lattice.errors import DataError
from lattice.limits import MAX_ROW_BYTES


def read(path: Path, columns: Columns | None = None) -> list[TextRow]:
    return list(open_text_file(path, ReadRequest(columns=columns or Columns(), meter=ReadMeter())).rows)


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_text_file_gives_its_lines_without_the_blank_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"\xef\xbb\xbfone\r\n\n   \n two \nthr\xc3\xa9e")
    assert [(row.row, row.text) for row in read(path)] == [(1, "one"), (4, "two"), (5, "thrée")]


def test_json_lines_may_be_objects_or_strings(tmp_path: Path) -> None:
    objects = write(tmp_path / "a.jsonl", '{"id": 1, "text": "one"}\n\n{"text": null}\n{"id": 2}\n{"text": " "}\n')
    assert [(row.row, row.text) for row in read(objects)] == [(1, "one"), (3, None), (4, None), (5, None)]
    assert [row.text for row in read(write(tmp_path / "b.jsonl", '"one"\n"two"\n'))] == ["one", "two"]


def test_quoted_fields_may_hold_separators_and_line_ends(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", 'id,text\n1,"a, b"\n2,"two\nlines"\n\n3,"say ""hi"""\n')
    assert [row.text for row in read(path)] == ["a, b", "two\nlines", 'say "hi"']


def test_semicolons_are_taken_for_separators_where_the_header_has_them(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id;text\n1;a, b\n")
    assert [row.text for row in read(path)] == ["a, b"]


def test_tabs_separate_and_quotes_are_plain_characters(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tsv", 'id\ttext\n1\t"quoted\n2\tb"\n')
    assert [row.text for row in read(path)] == ['"quoted', 'b"']


def test_only_the_chosen_columns_of_a_parquet_file_are_read(tmp_path: Path) -> None:
    long = [str(i) * 500 for i in range(4000)]
    table = pa.table({"text": [f"t{i}" for i in range(4000)], "notes": long, "id": range(4000)})
    pq.write_table(table, tmp_path / "a.parquet", compression="none", use_dictionary=False)
    meter = ReadMeter()
    rows = list(open_text_file(tmp_path / "a.parquet", ReadRequest(columns=Columns("text"), meter=meter)).rows)
    assert [row.text for row in rows] == [f"t{i}" for i in range(4000)]
    assert meter.bytes < 0.3 * (tmp_path / "a.parquet").stat().st_size


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())], ids=str)
def test_every_type_of_parquet_text_is_read(tmp_path: Path, kind: pa.DataType) -> None:
    pq.write_table(pa.table({"text": pa.array(["one", None, "two"]).cast(kind)}), tmp_path / "a.parquet")
    assert [row.text for row in read(tmp_path / "a.parquet")] == ["one", None, "two"]


def test_pairs_come_from_two_columns(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "answer,x,question\nblue,1,sky?\nred,2,blood?\n")
    source = open_text_file(path, ReadRequest(columns=Columns(want_pairs=True)))
    assert source.guess == "a.csv: pairs from columns 'question' and 'answer', guessed"
    assert [(row.text, row.partner) for row in source.rows] == [("sky?", "blue"), ("blood?", "red")]
    asked = read(path, Columns(pair=("answer", "x")))
    assert [(row.text, row.partner) for row in asked] == [("blue", "1"), ("red", "2")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"", "is empty; expected at least one row"),
        ("a.jsonl", b"\n\n", "holds no rows"),
        ("a.csv", b"text\n", "holds no rows"),
        ("a.txt", b"fine\nna\xefve\n", "a.txt line 2, byte 3: not UTF-8; save it as UTF-8"),
        ("a.txt", "hällo".encode("utf-16")[:-1], "a.txt, after line 0: damaged utf-16.*save it as UTF-8"),
        ("a.txt", b"x" * (MAX_ROW_BYTES + 2), "line 1 is longer than 8 MiB"),
        ("a.jsonl", b'{"text": "a"}\n{"text": \n', "a.jsonl line 2 is not JSON"),
        ("a.jsonl", b"[1]\n", "line 1 is a JSON list; expected an object or a string"),
        ("a.jsonl", b"[" * 200_000 + b"\n", "line 1 is not JSON"),
        ("a.jsonl", b'{"text": "a"}\n{"text": 3}\n"b"\n', "row 2: column 'text' holds int, expected a text"),
        ("a.csv", b"id,text\n1,a\n2,b,c\n", r"row 2 \(line 3\) has 3 fields, expected 2 as in the header"),
        ("a.csv", b"id,id\n1,a\n", "the first line must name the columns, each once"),
        ("a.csv", b'id,text\n1,"open\n', "malformed: unexpected end of data"),
        ("a.csv", b"id,n\n1,2\n3,4\n", "none of its columns holds texts"),
        ("a.parquet", b"PAR1 nothing of the kind PAR1", "is no readable parquet file"),
        ("a.docx", b"x", r"\.docx is no kind of text file"),
    ],
)
def test_malformed_files_say_where_and_what(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(write(tmp_path / name, content))


def test_a_missing_column_is_an_error_that_names_those_there_are(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "id,text\n1,a\n")
    with pytest.raises(DataError, match=r"a\.csv has no column 'body'; it has 'id', 'text'"):
        read(path, Columns("body"))
    with pytest.raises(DataError, match=r"can't tell which two columns are the pairs"):
        read(path, Columns(want_pairs=True))
    with pytest.raises(DataError, match=r"a text file has no columns; use one of \.jsonl"):
        read(write(tmp_path / "a.txt", "one\n"), Columns("text"))


def test_a_parquet_of_nulls_has_no_texts_to_choose(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": pa.nulls(5, pa.string())}), tmp_path / "a.parquet")
    with pytest.raises(DataError, match="none of its columns holds texts"):
        read(tmp_path / "a.parquet")
    assert [row.text for row in read(tmp_path / "a.parquet", Columns("text"))] == [None] * 5
    pq.write_table(pa.table({"id": [1, 2]}), tmp_path / "b.parquet")
    with pytest.raises(DataError, match=r"none of its columns holds texts or vectors \('id'\)"):
        read(tmp_path / "b.parquet")


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv", ".tsv"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(texts=st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1)))
def test_any_texts_come_back_as_they_were_written(tmp_path: Path, suffix: str, texts: list[str]) -> None:
    import csv
    import json

    texts = [text.strip() for text in texts if text.strip() and not is_missing_mark(text.strip())]
    path = tmp_path / f"texts{suffix}"
    if suffix == ".csv" and all(map(str.isdecimal, (text[-1:] for text in texts))):  # a column of amounts: $1
        return
    if not texts or (suffix == ".txt" and mostly(is_mark, texts)):  # lines of marks are refused
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        if suffix == ".jsonl":
            file.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
        elif suffix == ".csv":
            csv.writer(file).writerows([["text", "other"], *([text, "x"] for text in texts)])
        elif suffix == ".tsv":
            file.writelines(["text\n", *(text + "\n" for text in texts)])
        else:
            file.writelines(text + "\n" for text in texts)
    columns = Columns() if suffix == ".txt" else Columns("text")
    assert [row.text for row in read(path, columns)] == texts


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv", ".tsv"])
def test_a_few_rows_cost_one_small_read(tmp_path: Path, suffix: str) -> None:
    line = {".txt": "word {}\n", ".jsonl": '{{"text": "word {}"}}\n', ".csv": "{},word\n", ".tsv": "{}\tword\n"}[suffix]
    head = {".csv": "id,text\n", ".tsv": "id\ttext\n"}.get(suffix, "")
    path = write(tmp_path / f"a{suffix}", head + "".join(line.format(i) for i in range(60_000)))
    meter = ReadMeter()
    source = open_text_file(path, ReadRequest(meter=meter))
    assert len(list(itertools.islice(source.rows, 10))) == 10
    source.rows.close()
    assert meter.bytes <= 1 << 16
    assert meter.rows <= 20


def test_column_names_without_reading_on(tmp_path: Path) -> None:
    assert column_names(write(tmp_path / "a.txt", "one\ntwo\n")) == []
    assert column_names(write(tmp_path / "a.csv", "id, question ,answer\n1,a,b\n")) == ["id", "question", "answer"]
    assert column_names(write(tmp_path / "a.jsonl", '{"a": "x"}\n{"b": "y", "a": "z"}\n')) == ["a", "b"]
    pq.write_table(pa.table({"id": [1], "text": ["x"]}), tmp_path / "a.parquet")
    assert column_names(tmp_path / "a.parquet") == ["text"]
    with pytest.raises(DataError, match=r"\.npy is no kind of text file; expected \.txt"):
        column_names(write(tmp_path / "a.npy", "x"))
    with pytest.raises(DataError, match="line 1 is not JSON"):
        column_names(write(tmp_path / "b.jsonl", "{"))
