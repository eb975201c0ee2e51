"""What databases, services, notebooks and spreadsheets export, beside what the other tables of layouts hold."""

from __future__ import annotations

import base64
import csv
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.errors import DataError
from tests.lattice.data.layouts import (
    COUNT,
    IDS,
    LABELS,
    LISTS,
    SHOWN,
    TEXTS,
    TRUTH,
    WIDTH,
    WORDS,
    Maker,
    archive,
    jsonl,
    parquet,
    records,
    table,
    torch_file,
    whole_json,
    word_lines,
)
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

NUMBERS = list(map(str, range(COUNT)))
TYPES = ["UInt64", "String", "Array(Float32)"]
WORD_LINES = [" ".join([word, *map(repr, row)]) for word, row in zip(WORDS, LISTS, strict=True)]
ROWS = torch.from_numpy(TRUTH)


def lines(path: Path, rows: Iterable[str], encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join(rows) + "\n").encode(encoding))
    return path


def shown(number: str, around: str = "[{}]") -> list[str]:
    """Return the vectors as a program shows a list of them, each number as `number` has it."""
    return [around.format(", ".join(number.format(repr(value)) for value in row)) for row in LISTS]


def column(shown_rows: list[str]) -> Maker:
    return lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=shown_rows))


def listed(rows: Iterable[Any], *above: Any) -> Maker:
    return lambda p: jsonl(p / "a.jsonl", [*above, *rows])


def beside(content: Any, name: str) -> Maker:
    """Write an array and a JSON file beside it."""

    def write(folder: Path) -> Path:
        np.save(folder / "embeddings.npy", TRUTH)
        whole_json(folder / name, content)
        return folder

    return write


def each(write: Any) -> Maker:
    """Write a folder with a file for each row."""

    def write_all(folder: Path) -> Path:
        for row in range(COUNT):
            write(folder / str(row), row)
        return folder

    return write_all


def stores(folder: Path) -> Path:
    """Write what LlamaIndex persists."""
    empty: dict[str, Any] = {"embedding_dict": {}, "text_id_to_ref_doc_id": {}, "metadata_dict": {}}
    whole_json(folder / "image__vector_store.json", empty)
    whole_json(folder / "default__vector_store.json", empty | {"embedding_dict": dict(zip(IDS, LISTS, strict=True))})
    whole_json(folder / "graph_store.json", {"graph_dict": {}})
    whole_json(folder / "index_store.json", {"index_store/data": {"x": {"__type__": "a", "__data__": "{}"}}})
    return docstore(folder).parent


def docstore(folder: Path) -> Path:
    nodes = {i: {"__data__": {"id_": i, "embedding": None, "text": t}, "__type__": "1"} for i, t in
             zip(reversed(IDS), reversed(TEXTS), strict=True)}  # fmt: skip
    whole = {"docstore/data": nodes, "docstore/metadata": {i: {"doc_hash": i} for i in IDS}}
    return whole_json(folder / "docstore.json", whole)


def both(write: Maker, *, name: str, content: bytes) -> Maker:
    """Write a file and another beside it; return their folder."""

    def write_both(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return write(folder).parent

    return write_both


LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    # Databases.
    "json of Chroma's query": (
        lambda p: whole_json(p / "a.json", {"ids": [IDS], "embeddings": [LISTS], "documents": [TEXTS],
            "metadatas": [[None] * COUNT], "distances": [[0.5] * COUNT]}), Expected(TEXTS)),
    "tsv of pgvector's copy": (
        lambda p: table(p / "a.tsv", zip(range(COUNT), TEXTS, [s.replace(" ", "") for s in SHOWN], strict=True), "\t"),
        Expected(TEXTS)),
    "jsonl of Weaviate's named vectors": (
        listed({"uuid": i, "properties": {"body": t}, "vector": {"default": v}, "references": None}
               for i, t, v in zip(IDS, TEXTS, LISTS, strict=True)), Expected(TEXTS)),
    "jsonl of Qdrant's sparse and dense vectors": (
        listed({"id": n, "payload": {"document": t}, "vector": {"bm25": {"indices": [*range(14)],
               "values": [0.5 + i for i in range(14)]}, "dense": v}}
               for n, (t, v) in enumerate(zip(TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "jsonl of Vespa": (
        listed({"put": f"id:ns:doc::{i}", "fields": {"text": t, "embedding": {"values": v}}}
               for i, t, v in zip(IDS, TEXTS, LISTS, strict=True)), Expected(TEXTS)),
    "json of Meilisearch": (
        lambda p: whole_json(p / "a.json", [{"id": n, "title": t, "_vectors": {"default": {"embeddings": [v],
            "regenerate": False}}} for n, (t, v) in enumerate(zip(TEXTS, LISTS, strict=True))]), Expected(TEXTS)),
    "jsonl of Neo4j": (
        listed({"type": "node", "id": str(n), "labels": ["Doc"], "properties": {"text": t, "embedding": v}}
               for n, (t, v) in enumerate(zip(TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "jsonl of ClickHouse's compact rows": (
        listed(zip(IDS, TEXTS, LISTS, strict=True)), Expected(TEXTS)),
    "jsonl of ClickHouse's compact rows with names": (
        listed(zip(IDS, TEXTS, LISTS, strict=True), ["id", "text", "embedding"]), Expected(TEXTS)),
    "jsonl of ClickHouse's compact rows with types": (
        listed(zip(IDS, TEXTS, LISTS, strict=True), ["id", "text", "embedding"], TYPES), Expected(TEXTS)),
    "tsv of ClickHouse with types": (
        lambda p: table(p / "a.tsv", [["id", "text", "embedding"], TYPES, *zip(NUMBERS, TEXTS, SHOWN, strict=True)],
                        "\t"), Expected(TEXTS)),
    "csv of ClickHouse with types": (
        lambda p: table(p / "a.csv", [["id", "text", "embedding"], TYPES, *zip(NUMBERS, TEXTS, SHOWN, strict=True)]),
        Expected(TEXTS)),
    "folder of LlamaIndex": (stores, Expected(TEXTS)),
    # Answers of services.
    "jsonl of batches with an error": (
        listed([*({"custom_id": i, "response": {"body": {"data": [{"embedding": v, "index": 0}]}}, "error": None}
                  for i, v in zip(IDS, LISTS, strict=True)),
                {"custom_id": "z", "response": None, "error": {"code": "x", "message": "too long a text for this"}}]),
        Expected(IDS)),
    "jsonl of Cohere's jobs": (
        listed({"text": t, "embeddings": {"float": v, "int8": [1] * WIDTH}} for t, v in
               zip(TEXTS, LISTS, strict=True)), Expected(TEXTS)),
    "jsonl of Ollama": (
        listed({"model": "m", "embeddings": [v], "total_duration": 1, "prompt_eval_count": 3} for v in LISTS),
        Expected(None)),
    "jsonl of prompts": (
        listed({"model": "m", "prompt": t, "embedding": v} for t, v in zip(TEXTS, LISTS, strict=True)),
        Expected(TEXTS)),
    "jsonl of Titan": (
        listed({"embedding": v, "embeddingsByType": {"float": v}, "inputTextTokenCount": 5} for v in LISTS),
        Expected(None)),
    "jsonl of documents with passages": (
        listed({"doc_id": f"d{n}", "title": "T", "chunks": records(text=TEXTS[n : n + 2], embedding=LISTS[n : n + 2])}
               for n in range(0, COUNT, 2)), Expected(TEXTS)),
    "json of documents with passages": (
        lambda p: whole_json(p / "a.json", {"documents": [
            {"name": f"d{n}", "pages": records(text=TEXTS[n : n + 3], embedding=LISTS[n : n + 3])}
            for n in range(0, COUNT, 3)]}), Expected(TEXTS)),
    "json of a graph": (
        lambda p: whole_json(p / "a.json", {"nodes": records(id=IDS, embedding=LISTS), "edges": [
            {"source": IDS[0], "target": IDS[1], "weight": 0.5}] * 20}), Expected(IDS)),
    "jsonl of objects without line ends": (
        lambda p: lines(p / "a.jsonl", ["".join(map(json.dumps, records(text=TEXTS, embedding=LISTS)))]),
        Expected(TEXTS)),
    "json of llama.cpp": (
        lambda p: whole_json(p / "a.json", [{"index": n, "embedding": [v]} for n, v in enumerate(LISTS)]),
        Expected(NUMBERS)),
    "jsonl of numbered dimensions": (
        listed({"text": t, "embedding": dict(enumerate(v))} for t, v in zip(TEXTS, LISTS, strict=True)),
        Expected(TEXTS)),
    "jsonl with a line about itself": (
        listed(records(text=TEXTS, embedding=LISTS), {"version": 1, "dim": WIDTH, "model": "m"}), Expected(TEXTS)),
    # Tables of notebooks and spreadsheets.
    "csv numpy 2 shows": (column(shown("np.float32({})")), Expected(TEXTS)),
    "csv numpy 2 shows doubles": (column(shown("np.float64({})")), Expected(TEXTS)),
    "csv tensor on a card": (column(shown("{}", "tensor([{}], device='cuda:0')")), Expected(TEXTS)),
    "csv tensor with a gradient": (column(shown("{}", "tensor([{}], grad_fn=<DivBackward0>)")), Expected(TEXTS)),
    "csv list of tensors": (column(shown("tensor({})")), Expected(TEXTS)),
    "csv dimensions and a class without header": (
        lambda p: table(p / "a.csv", [[*row, label] for row, label in zip(LISTS, LABELS, strict=True)]),
        Expected(None, LABELS)),
    "csv dimensions before a word": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, **{f"{i}_emb": TRUTH[:, i].tolist() for i in range(WIDTH)})),
        Expected(TEXTS)),
    "csv quoted dimensions": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, **{f"d{i}": TRUTH[:, i].tolist() for i in range(WIDTH)}),
                        quoting=csv.QUOTE_ALL), Expected(TEXTS)),
    "csv JSON beside": (
        lambda p: table(p / "a.csv", rows_of(metadata=[json.dumps({"source": "a long name of a document", "n": n})
            for n in range(COUNT)], document=TEXTS, embedding=SHOWN)), Expected(TEXTS)),
    "tsv of StarSpace": (lambda p: lines(p / "a.tsv", (s.replace(" ", "\t") for s in WORD_LINES)), Expected(WORDS)),
    # Arrays and what lies beside them.
    "npz without names": (lambda p: archive(p / "a.npz", arr_0=TRUTH, arr_1=np.arange(COUNT) % 2), Expected(None)),
    "npz of two splits": (
        lambda p: archive(p / "a.npz", X_train=TRUTH, y_train=np.arange(COUNT) % 2, X_test=TRUTH[:4], y_test=[1] * 4),
        Expected(None, [str(row % 2) for row in range(COUNT)], {"table": "X_train"})),
    "npz of ids beside a corpus": (
        lambda p: (archive(p / "emb.npz", ids=IDS, embeddings=TRUTH),
                   jsonl(p / "corpus.jsonl", records(_id=IDS[::-1], text=TEXTS[::-1]))) and p, Expected(TEXTS)),
    "tables joined by ids": (
        lambda p: (table(p / "embeddings.csv", rows_of(id=IDS, embedding=SHOWN)),
                   table(p / "texts.csv", [["id", "text"], *zip(IDS[::-1], TEXTS[::-1], strict=True)])) and p,
        Expected(TEXTS)),
    "npy texts.json beside": (beside(TEXTS, "texts.json"), Expected(TEXTS)),
    "npy word2idx.json beside": (
        beside({WORDS[i]: i for i in reversed(range(COUNT))}, "word2idx.json"), Expected(WORDS)),
    "npy idx2word.json beside": (beside(dict(enumerate(WORDS)), "idx2word.json"), Expected(WORDS)),
    "npy of gensim": (
        both(lambda p: _saved(p / "w.kv.vectors.npy"), name="w.kv", content=b"\x80\x04x"), Expected(None)),
    "vectors.txt and vocab.txt of GloVe": (
        both(lambda p: lines(p / "vectors.txt", WORD_LINES), name="vocab.txt",
             content="".join(f"{word} {9 + n}\n" for n, word in enumerate(WORDS)).encode()), Expected(WORDS)),
    "vec and bin of fastText": (
        both(lambda p: word_lines(p / "cc.vec", header=True), name="cc.bin",
             content=(793712314).to_bytes(4, "little") + bytes(60)), Expected(WORDS)),
    "pt of torchtext": (
        lambda p: torch_file(p / "a.pt", (WORDS, {w: n for n, w in enumerate(WORDS)}, ROWS, WIDTH)), Expected(WORDS)),
    "pt with a vocabulary": (
        lambda p: torch_file(p / "a.pt", {"vectors": ROWS, "stoi": {w: n for n, w in enumerate(WORDS)}, "itos": WORDS}),
        Expected(WORDS)),
    # A vector a file.
    "a json record each": (
        each(lambda path, row: whole_json(path.with_suffix(".json"), {"text": TEXTS[row], "embedding": LISTS[row]})),
        Expected(TEXTS)),
    "a json list each": (each(lambda path, row: whole_json(path.with_suffix(".json"), LISTS[row])), Expected(NUMBERS)),
    "a number a line each": (
        each(lambda path, row: lines(path.with_suffix(".txt"), map(repr, LISTS[row]))), Expected(NUMBERS)),
    "a line of numbers each": (
        each(lambda path, row: lines(path.with_suffix(".txt"), [" ".join(map(repr, LISTS[row]))])), Expected(NUMBERS)),
    "a row of a csv each": (each(lambda path, row: table(path.with_suffix(".csv"), [LISTS[row]])), Expected(NUMBERS)),
    "an npz each": (
        each(lambda path, row: archive(path.with_suffix(".npz"), embedding=TRUTH[row], frame=3)), Expected(NUMBERS)),
}  # fmt: skip


def _saved(path: Path) -> Path:
    np.save(path, TRUTH)
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_exports_come_back_bit_for_bit(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


SPAM = ["ham" if row % 3 else "spam" for row in range(COUNT)]
PLAIN = [text.replace(",", "") for text in TEXTS]
OF_TEXTS: dict[str, tuple[Maker, list[str], list[str] | None]] = {
    "document store of LlamaIndex": (docstore, TEXTS[::-1], None),
    "requests of OpenAI's batches": (
        listed({"custom_id": i, "method": "POST", "url": "/v1/embeddings", "body": {"model": "m", "input": t}}
               for i, t in zip(IDS, TEXTS, strict=True)), TEXTS, None),
    "Label Studio": (
        lambda p: whole_json(p / "a.json", [{"id": n, "annotations": [{"id": n, "result": [{"value": {"choices": [k]},
            "type": "choices"}]}], "data": {"text": t}} for n, (t, k) in enumerate(zip(TEXTS, LABELS, strict=True))]),
        TEXTS, None),
    "Prodigy": (
        listed({"text": t, "_input_hash": n - 1234567, "label": k, "answer": "accept"}
               for n, (t, k) in enumerate(zip(TEXTS, LABELS, strict=True))), TEXTS, LABELS),
    "doccano": (listed(records(id=range(COUNT), text=TEXTS, label=[[k] for k in LABELS])), TEXTS, LABELS),
    "several labels": (
        listed(records(text=TEXTS, labels=[[k, "all"] for k in LABELS])), TEXTS, [f"{k}, all" for k in LABELS]),
    "Unicode text of Excel": (
        lambda p: lines(p / "a.txt", ["\ufefftext\tlabel\r", *(f"{t}\t{k}\r" for t, k in
                        zip(TEXTS, LABELS, strict=True))], "utf-16-le"), TEXTS, LABELS),
    "separators at the ends": (
        lambda p: lines(p / "a.csv", ["text,label,", *(f'"{t}",{k},' for t, k in zip(TEXTS, LABELS, strict=True))]),
        TEXTS, LABELS),
    "blanks before quotes": (
        lambda p: lines(p / "a.csv", ["id, text, label", *(f'{n}, "{t}", "{k}"' for n, (t, k) in
                        enumerate(zip(TEXTS, LABELS, strict=True)))]), TEXTS, LABELS),
    "blanks before fields": (
        lambda p: lines(p / "a.csv", ["text, label", *(f"{t}, {k}" for t, k in zip(PLAIN, LABELS, strict=True))]),
        PLAIN, LABELS),
    "a table of Markdown": (
        lambda p: lines(p / "a.csv", ["| text | label |", "|---|---|", *(f"| {t} | {k} |" for t, k in
                        zip(TEXTS, LABELS, strict=True))]), TEXTS, LABELS),
    "one column of psql": (
        lambda p: lines(p / "a.txt", ["      text", "-" * 30, *(f" {t}" for t in TEXTS), "(16 rows)", ""]),
        TEXTS, None),
    "spam without an ending": (
        lambda p: lines(p / "SMSSpamCollection", [f"{k}\t{t}" for k, t in zip(SPAM, TEXTS, strict=True)]), TEXTS, SPAM),
    "captions of COCO": (
        lambda p: whole_json(p / "a.json", {"images": [{"id": n, "file_name": "a.jpg"} for n in range(5)],
            "licenses": [{"id": 1, "name": "x"}], "annotations": [{"image_id": n, "caption": t} for n, t in
            enumerate(TEXTS)]}), TEXTS, None),
    "sentences of Tatoeba": (
        lambda p: lines(p / "a.csv", [f"{n}\t{k}\t{t}" for n, (k, t) in enumerate(zip(LABELS, TEXTS, strict=True))]),
        TEXTS, LABELS),
    "parts of Spark": (
        lambda p: (lines(p / "part-00000", TEXTS[:8]), lines(p / "part-00001", TEXTS[8:]), lines(p / "_SUCCESS", []))
        and p, TEXTS, None),
}  # fmt: skip


@pytest.mark.parametrize("labels", [LABELS, [row % 2 for row in range(COUNT)]], ids=["words", "numbers"])
def test_pixels_are_vectors_although_all_of_them_are_whole(tmp_path: Path, labels: list[Any]) -> None:
    dataset, _ = load(table(tmp_path / "a.csv", rows_of(label=labels, **PIXELS)))
    assert torch.equal(dataset.embeddings, torch.tensor(list(PIXELS.values()), dtype=torch.float32).T)
    assert list(dataset.categories or ()) == list(map(str, labels))


@pytest.mark.parametrize("layout", OF_TEXTS)
def test_exports_of_texts_are_read(tmp_path: Path, layout: str) -> None:
    make, texts, labels = OF_TEXTS[layout]
    preview = preview_data(str(make(tmp_path)), DataSettings())
    assert not preview.problem
    assert [row.text for row in preview.rows] == texts[:5]
    assert [row.category for row in preview.rows] == (labels or [""] * COUNT)[:5]


def test_lists_of_addresses_beside_texts_and_curves_beside_data_are_left_aside(tmp_path: Path) -> None:
    for label, text in (("neg", TEXTS[0]), ("pos", TEXTS[1])):
        (tmp_path / "train" / label).mkdir(parents=True)
        lines(tmp_path / "train" / label / "0_1.txt", [text])
    lines(tmp_path / "train" / "urls_neg.txt", ["http://a.org/1", "http://a.org/2"])
    preview = preview_data(str(tmp_path), DataSettings())
    assert [(row.text, row.category) for row in preview.rows] == [(TEXTS[0], "neg"), (TEXTS[1], "pos")]
    (tmp_path / "run").mkdir()
    np.save(tmp_path / "run" / "loss.npy", np.arange(7.0))
    np.save(tmp_path / "run" / "accuracy.npy", np.arange(9.0))
    jsonl(tmp_path / "run" / "rows.jsonl", records(text=TEXTS, embedding=LISTS))
    check(tmp_path / "run", lambda folder: folder, Expected(TEXTS))


def test_a_folder_of_documents_by_class_has_their_classes(tmp_path: Path) -> None:
    for row, text in enumerate(TEXTS[:4]):
        folder = tmp_path / ("alt.atheism", "sci.space")[row // 2]
        folder.mkdir(exist_ok=True)
        lines(folder / str(49960 + row), [text])
    preview = preview_data(str(tmp_path), DataSettings())
    assert [(row.text, row.category) for row in preview.rows] == list(
        zip(TEXTS, ["alt.atheism"] * 2 + ["sci.space"] * 2, strict=False)
    )


PIXELS = {f"pixel{i}": [(n * i + 1) % 256 for n in range(COUNT)] for i in range(20)}
REFUSED: dict[str, tuple[Maker, str]] = {
    "vectors shortened by numpy": (column(["[ 0.1  0.2  0.3 ...  0.5  0.6 0.7]"] * COUNT), r"the numbers between were"),
    "vectors shortened by torch": (
        column(["tensor([0.1, 0.2, 0.3,  ..., 0.5, 0.6])"] * COUNT), r"the numbers between were left out"),
    "base64 of Redis": (
        listed({"content": t, "content_vector": base64.b64encode(row.tobytes()).decode()} for t, row in
               zip(TEXTS, TRUTH, strict=True)), "holds vectors as base64"),
    "whole numbers": (
        lambda p: table(p / "a.csv", rows_of(n=range(COUNT), **dict(list(PIXELS.items())[:9]))),
        "the first of them with --vector-column"),
    "objects as Python shows them": (
        lambda p: lines(p / "a.jsonl", map(str, records(text=TEXTS, embedding=LISTS))), r"write `json\.dumps\(ast"),
    "lines of Python": (
        lambda p: lines(p / "a.txt", map(str, records(text=TEXTS, embedding=LISTS))), "objects as Python shows them"),
    "passages in a column": (
        lambda p: parquet(p / "a.parquet", pa.table({"doc": IDS[:8], "title": TEXTS[:8], "chunks": [
            records(text=TEXTS[n : n + 2], embedding=LISTS[n : n + 2]) for n in range(8)]})),
        r"column 'chunks' holds several records with vectors in a row; .*explode\('chunks'\)"),
    "notebook": (lambda p: whole_json(p / "a.ipynb", {"cells": []}), r"a\.ipynb is a notebook; save the table"),
    "archive of a table": (lambda p: _zipped(p / "a.csv.zip"), r"a\.csv\.zip is an archive of files; unpack it"),
    "index and ids": (
        both(lambda p: _ids(p / "ids.npy"), name="index.faiss", content=b"IxF2" + bytes(50)),
        r"no file of vectors, but ids\.npy: .*index\.faiss is a search index; write its vectors"),
    "index and pickle": (
        both(lambda p: lines(p / "index.pkl", ["x"]), name="index.faiss", content=b"IxF2"), "is a search index"),
    "weights of a model": (
        lambda p: torch_file(p / "a.pt", {"model_state_dict": {"emb.weight": ROWS, "fc.weight": torch.ones(3, 4)},
                                          "epoch": 3}),
        r"holds 'model_state_dict\.emb\.weight', 'model_state_dict\.fc\.weight'; .*--table"),
    "two documents stores": (
        lambda p: whole_json(p / "a.json", {"one": {i: {"text": "a b"} for i in IDS}, "two": {
            i: {"text": "c d"} for i in IDS}}), "holds the lists 'one', 'two'; choose one with --table"),
}  # fmt: skip


def _zipped(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.csv", "text\nx\n")
    return path


def _ids(path: Path) -> Path:
    np.save(path, np.arange(COUNT))
    return path


@pytest.mark.parametrize("layout", REFUSED)
def test_exports_that_are_not_read_say_what_to_do(tmp_path: Path, layout: str) -> None:
    make, words = REFUSED[layout]
    with pytest.raises(DataError, match=words):
        load(make(tmp_path))
