"""Vectors in every layout that people have come back bit for bit, with the texts, names and categories beside them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader
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
    arrow_stream,
    arrow_table,
    fbin,
    feather_file,
    fvecs,
    jsonl,
    lists,
    packed,
    parquet,
    records,
    saved_data_set,
    table,
    tensors,
    torch_file,
    whole_json,
    word2vec,
    word_lines,
)  # fmt: skip


class Expected(NamedTuple):
    """What a load gives beside the vectors."""

    texts: list[str] | None
    labels: list[str] | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012 - never changed


def load(path: Path, **settings: Any) -> tuple[EmbeddingDataset, UnifiedDatasetLoader]:
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings))
    return loader.load(), loader


def check(folder: Path, make: Maker, expected: Expected) -> None:
    """Load what `make` writes into a folder: the truth, with what is expected beside it, and without a teacher."""
    dataset, loader = load(make(folder), **expected.settings)
    assert torch.equal(dataset.embeddings.float(), torch.from_numpy(TRUTH))
    assert (None if dataset.texts is None else list(dataset.texts)) == expected.texts
    if expected.labels is not None:
        assert list(dataset.categories or ()) == expected.labels
    assert loader.report.teacher == "", "nothing was encoded"


def rows_of(**columns: Any) -> list[list[Any]]:
    return [list(columns), *map(list, zip(*columns.values(), strict=True))]


NUMBERS = {f"emb_{i}": TRUTH[:, i].tolist() for i in range(WIDTH)}
PLAIN_TEXTS = [text.replace(",", "") for text in TEXTS]

LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    # Columns of Arrow.
    "parquet list": (lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS, id=IDS)), Expected(TEXTS)),
    "parquet double": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(pa.list_(pa.float64())), text=TEXTS)), Expected(TEXTS)),
    "parquet large list": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(pa.large_list(pa.float32())), text=TEXTS)),
        Expected(TEXTS)),
    "parquet fixed-size list": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(pa.list_(pa.float32(), WIDTH)), text=TEXTS, label=LABELS)),
        Expected(TEXTS, LABELS)),
    "parquet tensor": (
        lambda p: parquet(p / "a.parquet", arrow_table(
            pa.FixedShapeTensorArray.from_numpy_ndarray(TRUTH), text=TEXTS)), Expected(TEXTS)),
    "parquet list of one list": (
        lambda p: parquet(p / "a.parquet", arrow_table(pa.array([[row] for row in LISTS]), text=TEXTS)),
        Expected(TEXTS)),
    "parquet texts of numbers": (
        lambda p: parquet(p / "a.parquet", arrow_table(pa.array(SHOWN), text=TEXTS)), Expected(TEXTS)),
    "parquet dictionary of labels": (
        lambda p: parquet(p / "a.parquet", arrow_table(
            lists(), text=TEXTS, category=pa.array(LABELS).dictionary_encode())), Expected(TEXTS, LABELS)),
    "parquet struct": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"id": IDS, "values": lists(), "metadata": [{"text": text, "lang": "en"} for text in TEXTS]})),
        Expected(TEXTS)),
    "parquet ids": (lambda p: parquet(p / "a.parquet", arrow_table(lists(), id=IDS)), Expected(IDS)),
    "parquet whole-number ids": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), id=list(range(COUNT)))),
        Expected(list(map(str, range(COUNT))))),
    "parquet urls": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), url=[f"https://a.org/{i}" for i in IDS])),
        Expected([f"https://a.org/{i}" for i in IDS])),
    "parquet vectors alone": (lambda p: parquet(p / "a.parquet", arrow_table(lists())), Expected(None)),
    "parquet one column per dimension": (
        lambda p: parquet(p / "a.parquet", pa.table({"text": TEXTS, **NUMBERS})),
        Expected(TEXTS)),
    "parquet numbered columns": (
        lambda p: parquet(p / "a.parquet", pa.table({str(i): pa.array(TRUTH[:, i]) for i in range(WIDTH)})),
        Expected(None)),
    "parquet small row groups": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS), row_group_size=3, compression="zstd"),
        Expected(TEXTS)),
    "parquet two vectors, by the text's name": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"title": WORDS, "text": TEXTS, "title_emb": pa.array((-TRUTH).tolist()), "text_emb": lists()})),
        Expected(TEXTS)),
    "parquet column chosen": (
        lambda p: parquet(p / "a.parquet", pa.table({"text": TEXTS, "embedding": (-TRUTH).tolist(), "b": lists()})),
        Expected(TEXTS, None, {"vector_column": "b"})),
    "parquet gz": (lambda p: packed(parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS)), ".gz"),
        Expected(TEXTS)),
    "arrow stream": (lambda p: arrow_stream(p / "a.arrow", arrow_table(lists(), text=TEXTS)), Expected(TEXTS)),
    "arrow file": (lambda p: feather_file(p / "a.arrow", arrow_table(lists(), text=TEXTS)), Expected(TEXTS)),
    "feather lz4": (
        lambda p: feather_file(p / "a.feather", arrow_table(lists(), text=TEXTS), compression="lz4", chunksize=5),
        Expected(TEXTS)),
    "saved data set": (lambda p: saved_data_set(p / "saved", arrow_table(lists(), text=TEXTS)), Expected(TEXTS)),
    # JSON.
    "jsonl": (lambda p: jsonl(p / "a.jsonl", records(text=TEXTS, embedding=LISTS)), Expected(TEXTS)),
    "jsonl nested": (
        lambda p: jsonl(p / "a.jsonl", ({"id": i, "values": v, "metadata": {"text": t, "label": s}} for i, v, t, s in
                                        zip(IDS, LISTS, TEXTS, LABELS, strict=True))), Expected(TEXTS)),
    "jsonl lists": (lambda p: jsonl(p / "a.jsonl", LISTS), Expected(None)),
    "jsonl text and vector": (lambda p: jsonl(p / "a.jsonl", map(list, zip(TEXTS, LISTS, strict=True))),
        Expected(TEXTS)),
    "jsonl text of numbers": (lambda p: jsonl(p / "a.jsonl", records(text=TEXTS, vec=SHOWN)), Expected(TEXTS)),
    "jsonl ids": (lambda p: jsonl(p / "a.ndjson", records(_id=IDS, emb=LISTS)), Expected(IDS)),
    **{f"jsonl{ending}": (
        lambda p, ending=ending: packed(jsonl(p / "a.jsonl", records(text=TEXTS, embedding=LISTS)), ending),
        Expected(TEXTS))
       for ending in (".gz", ".xz", ".zst", ".bz2")},
    "json records": (
        lambda p: whole_json(p / "a.json", records(text=TEXTS, embedding=LISTS, label=LABELS), indent=1),
        Expected(TEXTS, LABELS)),
    "json lines in a .json": (lambda p: jsonl(p / "a.json", records(text=TEXTS, embedding=LISTS)), Expected(TEXTS)),
    "json columns": (lambda p: whole_json(p / "a.json", {"texts": TEXTS, "embeddings": LISTS}), Expected(TEXTS)),
    "json by id": (lambda p: whole_json(p / "a.json", dict(zip(IDS, LISTS, strict=True))), Expected(IDS)),
    "json records by id": (
        lambda p: whole_json(p / "a.json", dict(zip(IDS, records(text=TEXTS, embedding=LISTS), strict=True))),
        Expected(TEXTS)),
    "json lists": (lambda p: whole_json(p / "a.json", LISTS), Expected(None)),
    "json answer of a service": (
        lambda p: whole_json(p / "a.json", {"model": "m", "data": records(embedding=LISTS, index=range(COUNT))}),
        Expected(list(map(str, range(COUNT))))),
    "json split": (
        lambda p: whole_json(
            p / "a.json", {"columns": ["text", "emb"], "index": [], "data": list(zip(TEXTS, LISTS, strict=True))}),
        Expected(TEXTS)),
    "json pandas columns": (
        lambda p: whole_json(p / "a.json", {"text": dict(enumerate(TEXTS)), "emb": dict(enumerate(LISTS))}),
        Expected(TEXTS)),
    "json two lists": (
        lambda p: whole_json(p / "a.json", {"one": LISTS[:3], "two": records(text=TEXTS, emb=LISTS)}),
        Expected(TEXTS, None, {"table": "two"})),
    # Separated values.
    "csv": (lambda p: table(p / "a.csv", rows_of(text=TEXTS, n=range(COUNT), embedding=SHOWN)), Expected(TEXTS)),
    "csv as numpy shows": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[
            np.array2string(row.astype(np.float64), floatmode="unique", max_line_width=40) for row in TRUTH])),
        Expected(TEXTS)),
    "csv as repr shows": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[f"array({row}, dtype=float32)" for row in LISTS])),
        Expected(TEXTS)),
    "csv one column per dimension": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, label=LABELS, **NUMBERS)), Expected(TEXTS, LABELS)),
    "csv numbers as names": (
        lambda p: table(p / "a.csv", rows_of(**{"": WORDS, **{str(i): TRUTH[:, i].tolist() for i in range(WIDTH)}})),
        Expected(WORDS)),
    "csv without header": (lambda p: table(p / "a.csv", LISTS), Expected(None)),
    "csv text before, no header": (
        lambda p: table(p / "a.csv", [[text, *row] for text, row in zip(TEXTS, LISTS, strict=True)]), Expected(TEXTS)),
    "csv semicolons": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=SHOWN), ";"), Expected(TEXTS)),
    "csv quoted all": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=SHOWN), quoting=csv.QUOTE_ALL), Expected(TEXTS)),
    "csv numbers with blanks": (
        lambda p: table(p / "a.csv", rows_of(sentence=TEXTS, vec=[" ".join(map(repr, row)) for row in LISTS])),
        Expected(TEXTS)),
    "csv.gz": (
        lambda p: packed(table(p / "a.csv", rows_of(text=TEXTS, embedding=SHOWN)), ".gz"), Expected(TEXTS)),
    "tsv": (lambda p: table(p / "a.tsv", rows_of(text=TEXTS, embedding=SHOWN), "\t"), Expected(TEXTS)),
    "tsv numbers": (lambda p: table(p / "a.tsv", LISTS, "\t"), Expected(None)),
    "csv chosen": (
        lambda p: table(p / "a.csv", rows_of(a=WORDS, text=TEXTS, kind=LABELS, embedding=SHOWN)),
        Expected(WORDS, LABELS, {"text_column": "a", "label_column": "kind"})),
    # Word vectors.
    "glove": (lambda p: word_lines(p / "glove.txt", header=False), Expected(WORDS)),
    "fasttext": (lambda p: word_lines(p / "wiki.vec", header=True), Expected(WORDS)),
    "vec without header": (lambda p: word_lines(p / "a.vec", header=False), Expected(WORDS)),
    "glove words with blanks": (
        lambda p: word_lines(p / "a.txt", header=True, words=[f"{w} x" for w in WORDS]),
        Expected([f"{w} x" for w in WORDS])),
    "glove numbers as words": (
        lambda p: word_lines(p / "a.txt", header=False, words=["1999", *WORDS[1:]]), Expected(["1999", *WORDS[1:]])),
    "glove tabs": (lambda p: word_lines(p / "a.vec", header=False, separator="\t"), Expected(WORDS)),
    "glove.gz": (lambda p: packed(word_lines(p / "a.vec", header=True), ".gz"), Expected(WORDS)),
    "lines of numbers": (
        lambda p: (p / "a.txt").write_text("\n".join(" ".join(map(repr, row)) for row in LISTS)) and p / "a.txt",
        Expected(None)),
    "word2vec": (lambda p: word2vec(p / "a.bin", newline=True), Expected(WORDS)),
    "word2vec without line ends": (lambda p: word2vec(p / "a.bin", newline=False), Expected(WORDS)),
    "word2vec.gz": (lambda p: packed(word2vec(p / "a.bin", newline=True), ".gz"), Expected(WORDS)),
    # Benchmarks of search.
    "fvecs": (lambda p: fvecs(p / "a.fvecs"), Expected(None)),
    "fbin": (lambda p: fbin(p / "a.fbin"), Expected(None)),
    # Archives.
    "npz texts": (lambda p: archive(p / "a.npz", embeddings=TRUTH, texts=TEXTS, labels=LABELS),
        Expected(TEXTS, LABELS)),
    "npz ids": (lambda p: archive(p / "a.npz", vectors=TRUTH, ids=IDS), Expected(IDS)),
    "npz objects": (
        lambda p: archive(p / "a.npz", vectors=TRUTH, ids=np.array(IDS, dtype=object)), Expected(None)),
    "npz fortran": (lambda p: archive(p / "a.npz", embeddings=np.asfortranarray(TRUTH)), Expected(None)),
    "npz big-endian fortran": (
        lambda p: archive(p / "a.npz", embeddings=np.asfortranarray(TRUTH.astype(">f4"))), Expected(None)),
    "npz by name": (lambda p: archive(p / "a.npz", **dict(zip(WORDS, TRUTH, strict=True))), Expected(WORDS)),
    "npz chosen": (lambda p: archive(p / "a.npz", train=TRUTH, test=TRUTH[:4]),
        Expected(None, None, {"table": "train"})),
    "npz.xz": (lambda p: packed(archive(p / "a.npz", embeddings=TRUTH, texts=TEXTS), ".xz"), Expected(TEXTS)),
    "npy.zst": (lambda p: packed(save_npy(p / "a.npy"), ".zst"), Expected(None)),
    "pt by id": (
        lambda p: torch_file(p / "a.pt", {i: torch.from_numpy(row.copy()) for i, row in zip(IDS, TRUTH, strict=True)}),
        Expected(IDS)),
    "pt views by id": (
        lambda p: torch_file(p / "a.pt", dict(zip(IDS, torch.from_numpy(TRUTH), strict=True))), Expected(IDS)),
    "pt rows of one row": (
        lambda p: torch_file(p / "a.pt", [torch.from_numpy(row[None].copy()) for row in TRUTH]), Expected(None)),
    "pt lists": (lambda p: torch_file(p / "a.pt", LISTS), Expected(None)),
    "pt lists by id": (lambda p: torch_file(p / "a.pt", dict(zip(IDS, LISTS, strict=True))), Expected(IDS)),
    "pt texts": (
        lambda p: torch_file(p / "a.pt", {"embeddings": torch.from_numpy(TRUTH), "sentences": TEXTS}), Expected(TEXTS)),
    "pth tensors in a list": (
        lambda p: torch_file(
            p / "a.pth", {"embeddings": [torch.from_numpy(row.copy()) for row in TRUTH], "text": TEXTS}),
        Expected(TEXTS)),
    "pt chosen": (
        lambda p: torch_file(p / "a.pt", {"a": torch.zeros(4, 3), "b": torch.from_numpy(TRUTH)}),
        Expected(None, None, {"table": "b"})),
    "safetensors by name": (lambda p: tensors(p / "a.safetensors", **dict(zip(WORDS, TRUTH, strict=True))),
        Expected(WORDS)),
    "safetensors chosen": (
        lambda p: tensors(p / "a.safetensors", a=-TRUTH, b=TRUTH), Expected(None, None, {"table": "b"})),
}  # fmt: skip


def save_npy(path: Path) -> Path:
    np.save(path, TRUTH)
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_vectors_come_back_bit_for_bit_with_what_lies_beside_them(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


@pytest.mark.parametrize("layout", ["parquet list", "arrow stream", "jsonl", "csv", "glove", "word2vec", "fvecs"])
def test_a_limit_gives_the_first_rows(tmp_path: Path, layout: str) -> None:
    path = LAYOUTS[layout][0](tmp_path)
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path), max_total_samples=5), DataSettings())
    assert torch.equal(loader.load().embeddings, torch.from_numpy(TRUTH[:5]))
