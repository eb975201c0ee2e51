"""Texts and pairs as people have them: headers or none, quotes of every kind, triplets, labels, surrogates."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.records import Remarks
from lattice.data.readers.text_file import open_text_file
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.requested_columns import Columns
from lattice.errors import DataError
from tests.lattice.data.layouts import packed

TEXTS = [
    f"{word} sleeps under the {place}" for word in ("a cat", "the dog", "her sister") for place in ("tree", "roof")
]
PAIRS = Columns(want_pairs=True)


def opened(
    path: Path, content: str | bytes, columns: Columns | None = None
) -> tuple[TextSource, list[TextRow], Remarks]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    remarks = Remarks()
    source = open_text_file(path, ReadRequest(columns=columns or Columns(), remarks=remarks))
    assert isinstance(source, TextSource)
    return source, list(source.rows), remarks


def lines(*parts: str) -> str:
    return "\n".join(parts) + "\n"


NO_HEADER = {
    "news.csv": lines(*(f'"{i % 4 + 1}","{text}","{text}, they say in the evening"' for i, text in enumerate(TEXTS))),
    "numbers first.csv": lines(*(f"{i},{text}" for i, text in enumerate(TEXTS))),
    "one column.tsv": lines(*TEXTS),
    "one column.csv": lines(*TEXTS),
    "two columns of texts.tsv": lines(*(f"{text}\t{text} too" for text in TEXTS)),
    "two words.tsv": lines(*(f"{text}\tcat" for text in TEXTS)),
    "all quoted.tsv": lines(*(f'"{text}"\t"en"' for text in TEXTS)),
}


@pytest.mark.parametrize("name", NO_HEADER)
def test_without_a_header_the_first_line_is_a_row(tmp_path: Path, name: str) -> None:
    source, rows, _ = opened(tmp_path / name, NO_HEADER[name])
    assert len(rows) == len(TEXTS)
    assert str(rows[0].text).startswith(TEXTS[0])
    assert "the first line is taken for a row, not for a header" in source.guess


HEADER = {
    "known.csv": "text\n",
    "known beside unknown.csv": "foo,sentence\n",
    "one word over sentences.tsv": "utterance\n",
    "underscore.tsv": "source_en\ttarget_de\n",
    "numbers below.csv": "utterance,points\n",
    "bom.csv": "\ufefftext,x\n",
}


@pytest.mark.parametrize("name", HEADER)
def test_a_header_is_no_row(tmp_path: Path, name: str) -> None:
    mark = "\t" if name.endswith("tsv") else ","
    columns = HEADER[name].count(mark)
    number = 1 if name.startswith(("known beside", "numbers", "bom")) else "b"
    body = [
        mark.join([str(number), text] if name.startswith("known b") else [text, *[str(number)] * columns])
        for text in TEXTS
    ]
    source, rows, _ = opened(tmp_path / name, HEADER[name] + lines(*body))
    assert [row.text for row in rows] == TEXTS
    assert "taken for a row" not in source.guess


def test_quotes_that_pandas_wrote_into_a_tsv_are_undone(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(
            [["text", "label"], *([f'He said "{text}" twice', i] for i, text in enumerate(TEXTS))]
        )
    _, rows, _ = opened(path, path.read_bytes())
    assert [row.text for row in rows] == [f'He said "{text}" twice' for text in TEXTS]


def test_a_quoted_field_of_a_tsv_may_go_on_in_the_next_line(tmp_path: Path) -> None:
    _, rows, _ = opened(
        tmp_path / "a.tsv", lines("text\tlabel", *(f'"{text}\nand so on"\t{i}' for i, text in enumerate(TEXTS)))
    )
    assert [row.text for row in rows] == [f"{text}\nand so on" for text in TEXTS]


def test_bare_quotes_and_extra_fields_stay_as_they_are(tmp_path: Path) -> None:
    content = lines(
        *(f'main\t2012\t{i:04d}\t{i}.5\t{text}.\t"{text} again' + "\tsource" * (i == 3) for i, text in enumerate(TEXTS))
    )
    source, rows, remarks = opened(tmp_path / "sts.csv", content, PAIRS)
    assert [(row.text, row.partner) for row in rows] == [(f"{text}.", f'"{text} again') for text in TEXTS]
    assert remarks.sentences() == [
        "1 row with more fields than columns; the last ones are left aside (first: sts.csv row 4)"
    ]
    assert "'column 1'" in source.aside


def test_bare_quotes_within_quoted_fields_are_read_as_they_stand(tmp_path: Path) -> None:
    rows_in = ['"plain one",a', '"He said "go" to me, and left",b', '"say ""so""",c', '"Hello" he said,d']
    _, rows, remarks = opened(tmp_path / "a.csv", lines("text,label", *rows_in, *(f'"{text}",e' for text in TEXTS)))
    assert [row.text for row in rows[:4]] == [
        "plain one", 'He said "go" to me, and left', 'say "so"', '"Hello" he said',
    ]  # fmt: skip
    assert [row.category for row in rows[:5]] == ["a", "b", "c", "d", "e"]
    assert len(rows) == 4 + len(TEXTS)
    assert "2 rows with quotes within quoted fields" in remarks.sentences()[0]


def test_a_field_longer_than_the_library_allows_is_read(tmp_path: Path) -> None:
    long = "word " * 40_000 + "end"
    _, rows, _ = opened(tmp_path / "a.csv", lines("text,label", f"{long},1", "short one,2"))
    assert rows[0].text == long


@pytest.mark.parametrize("separator", [";", "|", "\t"])
def test_other_separators_are_found(tmp_path: Path, separator: str) -> None:
    content = lines(f"id{separator}text", *(f"{i}{separator}{text}, and more, of it" for i, text in enumerate(TEXTS)))
    assert [row.text for row in opened(tmp_path / "a.csv", content)[1]] == [
        f"{text}, and more, of it" for text in TEXTS
    ]


@pytest.mark.parametrize("ending", [".gz", ".xz", ".zst", ".bz2"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv"])
def test_compressed_texts_are_unpacked_on_the_way(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / name
    path.write_text(lines(*(["text"] if name != "a.txt" else []), *TEXTS))
    source = open_text_file(packed(path, ending), ReadRequest())
    assert isinstance(source, TextSource)
    assert [row.text for row in source.rows] == TEXTS


PAIR_FILES = {
    "triplets.jsonl": [{"query": text, "positive": f"{text}!", "negative": f"no {text}"} for text in TEXTS],
    "positives.jsonl": [{"query": text, "pos": [f"{text}!"], "neg": ["x y", "z w"]} for text in TEXTS],
    "passages.jsonl": [{"query": text, "positive_passages": [{"docid": "1", "text": f"{text}!"}]} for text in TEXTS],
    "answers.jsonl": [{"question": text, "answers": {"text": [f"{text}!"], "answer_start": [3]}} for text in TEXTS],
    "sets.jsonl": [{"set": [text, f"{text}!"]} for text in TEXTS],
    "lists.jsonl": [[text, f"{text}!"] for text in TEXTS],
    "triplet lists.jsonl": [[text, f"{text}!", f"no {text}"] for text in TEXTS],
    "written lists.jsonl": [{"query": text, "pos": str([f"{text}!"])} for text in TEXTS],
    "nli.jsonl": [{"anchor": text, "positive": f"{text}!", "negative": "n o"} for text in TEXTS],
}


@pytest.mark.parametrize("name", PAIR_FILES)
def test_pairs_are_found(tmp_path: Path, name: str) -> None:
    source, rows, _ = opened(tmp_path / name, lines(*map(json.dumps, PAIR_FILES[name])), PAIRS)
    assert [(row.text, row.partner) for row in rows] == [(text, f"{text}!") for text in TEXTS]
    assert "pairs from columns" in source.guess


def test_triplets_without_names_in_a_table_are_pairs_too(tmp_path: Path) -> None:
    content = lines(*(f"{text}\t{text}!\tno {text}" for text in TEXTS))
    source, rows, _ = opened(tmp_path / "triples.tsv", content, PAIRS)
    assert [(row.text, row.partner) for row in rows] == [(text, f"{text}!") for text in TEXTS]
    assert "'column 3'" in source.aside


def test_tabs_part_a_table_although_its_rows_have_more_commas_of_one_number(tmp_path: Path) -> None:
    content = lines(*(f"a,b\t{i}.5\t{t}, c\t{t}, d" + "\tsource" * (i % 2) for i, t in enumerate(TEXTS)))
    _, rows, _ = opened(tmp_path / "sts.csv", content, PAIRS)
    assert [(row.text, row.partner) for row in rows] == [(f"{text}, c", f"{text}, d") for text in TEXTS]


def test_texts_stand_beside_pairs_of_vectors(tmp_path: Path) -> None:
    row = {"query": "{}", "answer": "{}!", "query_emb": [0.5, 1.5], "answer_emb": [2.5, 3.5]}
    content = lines(*(json.dumps({k: v.format(t) if isinstance(v, str) else v for k, v in row.items()}) for t in TEXTS))
    (tmp_path / "a.jsonl").write_text(content)
    file = open_text_file(tmp_path / "a.jsonl", ReadRequest(columns=PAIRS))
    assert isinstance(file, EmbeddingFile)
    assert file.partners is not None
    assert list(file.texts("texts", 9) or ()) == TEXTS
    assert list(file.texts("partner_texts", 9) or ()) == [f"{text}!" for text in TEXTS]


def test_each_of_several_positives_makes_a_pair(tmp_path: Path) -> None:
    content = lines(*(json.dumps({"query": text, "pos": [f"{text}!", f"{text}?"]}) for text in TEXTS))
    rows = opened(tmp_path / "a.jsonl", content, PAIRS)[1]
    assert [row.partner for row in rows[:3]] == [f"{TEXTS[0]}!", f"{TEXTS[0]}?", f"{TEXTS[1]}!"]
    assert [row.row for row in rows[:3]] == [1, 1, 2]


def test_a_lone_surrogate_is_replaced_and_counted(tmp_path: Path) -> None:
    _, rows, remarks = opened(
        tmp_path / "a.jsonl", lines('{"text": "a \\ud83d cat"}', '{"text": "a \\ud83d\\ude00 dog"}')
    )
    assert [row.text for row in rows] == ["a \ufffd cat", "a \U0001f600 dog"]
    assert remarks.sentences() == [
        "1 row with a lone surrogate, which is no character: U+FFFD stands in its place (first: a.jsonl row 1)"
    ]


@pytest.mark.parametrize("column", ["label", "category", "topic", "class"])
def test_a_column_of_labels_becomes_the_category(tmp_path: Path, column: str) -> None:
    content = lines(*(json.dumps({"text": text, column: i % 2, "extra": "x"}) for i, text in enumerate(TEXTS)))
    source, rows, _ = opened(tmp_path / "a.jsonl", content)
    assert [row.category for row in rows] == ["0", "1"] * 3
    assert source.aside == "a.jsonl: left aside 'extra'"
    assert [row.category for row in opened(tmp_path / "a.jsonl", content, Columns(label="extra"))[1]] == ["x"] * 6
    assert [row.category for row in opened(tmp_path / "a.jsonl", content, Columns(label="none"))[1]] == [""] * 6


OPAQUE = {
    "ids": [f"doc-{i:08d}-aaaa" for i in range(6)],
    "urls": [f"https://example.org/page/{i}" for i in range(6)],
    "hashes": [f"{i:02x}9b8c7d6e5f4a3b2c1d0e" for i in range(6)],
    "numbers in brackets": [f"[{i}.5, 2, 3]" for i in range(6)],
    "numbers": [f"{i}.25" for i in range(6)],
    "paths": [f"images/train/{i}.jpg" for i in range(6)],
}


@pytest.mark.parametrize("kind", OPAQUE)
def test_marks_are_never_taken_for_sentences(tmp_path: Path, kind: str) -> None:
    alone = lines(*(json.dumps({"thing": value}) for value in OPAQUE[kind]))
    with pytest.raises(DataError, match=r"none of its columns holds texts or vectors.*--text-column"):
        opened(tmp_path / "a.jsonl", alone, Columns(vector="none"))
    beside = lines(
        *(json.dumps({"thing": value, "remark": text}) for value, text in zip(OPAQUE[kind], TEXTS, strict=True))
    )
    assert [row.text for row in opened(tmp_path / "b.jsonl", beside)[1]] == TEXTS
    asked = opened(tmp_path / "a.jsonl", alone, Columns("thing", vector="none"))[1]
    assert [row.text for row in asked] == OPAQUE[kind]


def test_vectors_beside_texts_are_left_where_texts_are_to_be_encoded(tmp_path: Path) -> None:
    content = lines(*(json.dumps({"text": text, "embedding": [0.5, 1.5, 2.5]}) for text in TEXTS))
    source, rows, _ = opened(tmp_path / "a.jsonl", content, Columns(vector="none"))
    assert [row.text for row in rows] == TEXTS
    assert source.aside == "a.jsonl: left aside 'embedding'"
