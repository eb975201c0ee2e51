"""Layouts off the beaten track come back bit for bit too: decimal commas, late vectors, records in torch files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import reader_for
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.table_layout import layout_of
from lattice.data.requested_columns import Columns
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
    Maker,
    archive,
    arrow_table,
    jsonl,
    lists,
    parquet,
    records,
    table,
    tensors,
    torch_file,
    whole_json,
)
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

COMMAS = [[repr(number).replace(".", ",") for number in row] for row in LISTS]
COMMA_COLUMNS = {f"emb_{i}": [row[i] for row in COMMAS] for i in range(WIDTH)}
PLAIN = [text.replace(",", "") for text in TEXTS]
MARKED = [f"#{text}" if row < 3 else text for row, text in enumerate(PLAIN)]
KINDS = torch.arange(COUNT) % 3
KIND_NAMES = [str(int(kind)) for kind in KINDS]


def arrow_file(path: Path, content: pa.Table) -> Path:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, content.schema) as writer:
        writer.write_table(content, max_chunksize=5)
    return path


def before(line: str, path: Path) -> Path:
    path.write_text(f"{line}\n{path.read_text()}")
    return path


def saved_text(path: Path, **options: Any) -> Path:
    np.savetxt(path, TRUTH.astype(np.float64), fmt="%.9g", **options)
    return path


LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    "csv decimal commas": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, **COMMA_COLUMNS), ";"), Expected(TEXTS)),
    "tsv decimal commas, no header": (lambda p: table(p / "a.tsv", COMMAS, "\t"), Expected(None)),
    "csv decimal commas in one column": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, vector=map(" ".join, COMMAS)), ";"), Expected(TEXTS)),
    "csv that states its separator": (
        lambda p: before("sep=;", table(p / "a.csv", rows_of(text=TEXTS, embedding=SHOWN), ";")), Expected(TEXTS)),
    "csv comment before the header": (
        lambda p: before("# made by a tool", table(p / "a.csv", rows_of(text=TEXTS, embedding=SHOWN))),
        Expected(TEXTS)),
    "csv header of numpy": (
        lambda p: saved_text(p / "a.csv", delimiter=",", header=",".join(f"d{i}" for i in range(WIDTH))),
        Expected(None)),
    "parquet struct of vectors": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"text": TEXTS, "emb": [{"dense": row, "sparse": [0.5]} for row in LISTS]})), Expected(TEXTS)),
    "parquet struct in a struct": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"text": TEXTS, "body": [{"out": {"embedding": row}} for row in LISTS]})), Expected(TEXTS)),
    "parquet lists of one struct": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"text": TEXTS, "data": [[{"embedding": row, "index": 0}] for row in LISTS]})), Expected(TEXTS)),
    "csv rows that begin with a mark, no header": (
        lambda p: table(p / "a.csv", zip(MARKED, SHOWN, strict=True), "\t"), Expected(MARKED)),
    "parquet dictionary of texts": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=pa.array(TEXTS).dictionary_encode())),
        Expected(TEXTS)),
    "parquet a constant column beside": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), object=["one embedding here"] * COUNT, id=IDS)),
        Expected(IDS)),
    "arrow string views": (
        lambda p: arrow_file(p / "a.arrow", arrow_table(lists(), text=pa.array(TEXTS, pa.string_view()))),
        Expected(TEXTS)),
    "arrow list views": (
        lambda p: arrow_file(p / "a.arrow", arrow_table(pa.array(LISTS, pa.list_view(pa.float32())), text=TEXTS)),
        Expected(TEXTS)),
    "ipc": (lambda p: arrow_file(p / "a.ipc", arrow_table(lists(), text=TEXTS)), Expected(TEXTS)),
    "jsonl of a search engine": (
        lambda p: jsonl(p / "a.jsonl", ({"id": i, "payload": {"text": t}, "vectors": {"dense": v}} for i, t, v in
                                        zip(IDS, TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "jsonl answers of a batch": (
        lambda p: jsonl(p / "a.jsonl", (
            {"custom_id": i, "response": {"body": {"data": [{"embedding": v, "index": 0}]}}} for i, v in
            zip(IDS, LISTS, strict=True))), Expected(IDS)),
    "json of a service, each with its kind": (
        lambda p: whole_json(p / "a.json", {"object": "list", "model": "m", "data": records(
            object=["embedding"] * COUNT, index=range(COUNT), embedding=LISTS)}),
        Expected(list(map(str, range(COUNT))))),
    "json columns with objects": (
        lambda p: whole_json(p / "a.json", {
            "ids": IDS, "embeddings": LISTS, "documents": TEXTS, "metadatas": [{"page": 1}] * COUNT}),
        Expected(TEXTS)),
    "npz X and y": (
        lambda p: archive(p / "a.npz", X=TRUTH, y=KINDS.numpy()), Expected(None, KIND_NAMES)),
    "npz texts as bytes": (
        lambda p: archive(p / "a.npz", embeddings=TRUTH, texts=[text.encode() for text in TEXTS]), Expected(TEXTS)),
    "safetensors with labels": (
        lambda p: tensors(p / "a.safetensors", embeddings=TRUTH, labels=KINDS.numpy()), Expected(None, KIND_NAMES)),
    "pt with labels": (
        lambda p: torch_file(p / "a.pt", {"rows": torch.from_numpy(TRUTH), "labels": KINDS.to(torch.int32)}),
        Expected(None, KIND_NAMES)),
    "pt records": (
        lambda p: torch_file(p / "a.pt", records(
            text=TEXTS, label=LABELS, embedding=[torch.from_numpy(row.copy()) for row in TRUTH])),
        Expected(TEXTS, LABELS)),
    "pt records of lists": (
        lambda p: torch_file(p / "a.pt", records(sentence=TEXTS, vector=LISTS)), Expected(TEXTS)),
    "pt rows, texts and labels": (
        lambda p: torch_file(p / "a.pt", (torch.from_numpy(TRUTH), TEXTS, KINDS)), Expected(TEXTS, KIND_NAMES)),
    "pt in a dict": (
        lambda p: torch_file(p / "a.pt", {"train": {"embeddings": torch.from_numpy(TRUTH), "texts": TEXTS}}),
        Expected(TEXTS)),
    "pt parameter": (
        lambda p: torch_file(p / "a.pt", torch.nn.Parameter(torch.from_numpy(TRUTH))), Expected(None)),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_odd_layouts_come_back_bit_for_bit(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


@pytest.mark.parametrize(
    ("name", "value", "aside"),
    [
        ("tuple.pt", (torch.from_numpy(TRUTH), TEXTS, IDS), "'ids'"),
        ("labels.pt", records(text=TEXTS, label=list(KINDS), embedding=LISTS), "'label'"),
    ],
)
def test_parts_of_torch_files_that_are_not_read_are_named(tmp_path: Path, name: str, value: Any, aside: str) -> None:
    dataset, loader = load(torch_file(tmp_path / name, value))
    assert dataset.categories is None
    assert loader.report.left_aside == [f"{name}: left aside {aside}"]


def test_a_dict_that_holds_itself_has_an_end(tmp_path: Path) -> None:
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(DataError, match=r"a\.pt holds no table \[samples, width\] at all"):
        load(torch_file(tmp_path / "a.pt", endless))


def test_lists_of_another_length_than_one_have_no_vector(tmp_path: Path) -> None:
    items = [[{"embedding": row}] for row in LISTS]
    items[3], items[5] = items[3] * 2, []
    dataset, loader = load(parquet(tmp_path / "a.parquet", pa.table({"text": TEXTS, "data": items})))
    kept = [row for row in range(COUNT) if row not in (3, 5)]
    assert torch.equal(dataset.embeddings.float(), torch.from_numpy(TRUTH[kept]))
    assert loader.report.dropped == {"not finite": 2}


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_vectors_that_begin_late_are_found(tmp_path: Path, kind: str) -> None:
    path = late(tmp_path, kind)
    dataset, loader = load(path)
    assert torch.equal(dataset.embeddings.float(), torch.from_numpy(TRUTH))
    assert loader.report.dropped == {"not finite": 30}


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
@pytest.mark.parametrize(
    ("limit", "vector", "found"), [(None, None, True), (31, None, True), (30, None, False), (None, "none", False)]
)
def test_late_vectors_are_looked_for_within_the_limit_where_vectors_are_wanted(
    tmp_path: Path, kind: str, limit: int | None, vector: str | None, found: bool
) -> None:
    request = ReadRequest(limit, Columns(vector=vector))
    path = late(tmp_path, kind)
    assert isinstance(reader_for(path).value.open(path, request), EmbeddingFile) is found


def late(folder: Path, kind: str) -> Path:
    texts = [f"the text number {row} of a long day" for row in range(30)]
    vectors = [*[None] * 30, *LISTS]
    if kind == "parquet":
        return parquet(folder / "a.parquet", pa.table({"text": texts + TEXTS, "embedding": vectors}))
    return jsonl(folder / "a.jsonl", records(text=texts + TEXTS, embedding=vectors))


def test_what_was_done_to_a_table_is_said(tmp_path: Path) -> None:
    path = before("sep=;", table(tmp_path / "a.csv", rows_of(text=TEXTS, **COMMA_COLUMNS), ";"))
    (said,) = load(path)[1].report.guesses
    assert said.startswith(
        "a.csv: the table begins in line 2; commas in the numbers of 12 columns are taken for decimal"
    )


@pytest.mark.parametrize(
    ("lines", "skipped", "header"),
    [
        (["#text,kind", '"one, two, three",a', '"four, five, six",b'], 0, True),
        (["# exported on Monday, May 4", "#text,score", "one day,1", "two days,2"], 1, True),
        (["# made, as it is, by a tool", "#text,score", "one,1", "two,2"], 1, True),
        (["# made by a tool", "# on a day, in May", "# with care", "text,score", "one,1"], 3, True),
        (["#one day,1", "#two days,2", "three days,3"], 0, False),
    ],
)
def test_lines_that_begin_with_a_mark_are_comments_headers_or_rows(
    lines: list[str], skipped: int, header: bool
) -> None:
    layout = layout_of("a.csv", lines, tabs=False)
    assert (layout.skipped, layout.header) == (skipped, header)


def test_one_number_with_a_decimal_comma_makes_all_of_a_table_decimal(tmp_path: Path) -> None:
    rows = np.round(np.abs(TRUTH), 3)
    rows[:, 0] += 1  # a whole column that might hold thousands
    shown = [[f"{number:.3f}".replace(".", ",") for number in row] for row in rows]
    columns = {f"emb_{i}": [row[i] for row in shown] for i in range(WIDTH)}
    dataset, _ = load(table(tmp_path / "a.csv", rows_of(text=TEXTS, **columns), ";"))
    assert torch.allclose(dataset.embeddings.float(), torch.from_numpy(rows), atol=1e-6)


@pytest.mark.parametrize("numbers", [["1,234", "12,500"], ["1", "2"]])
def test_thousands_are_no_decimals(tmp_path: Path, numbers: list[str]) -> None:
    points = numbers * (COUNT // 2)
    dataset, loader = load(table(tmp_path / "a.csv", rows_of(text=TEXTS, label=points, embedding=SHOWN), ";"))
    assert "decimal" not in " ".join(loader.report.guesses)
    assert list(dataset.categories or ()) == points
