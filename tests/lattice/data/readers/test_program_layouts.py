"""What programs and services write comes back bit for bit: vector databases, frameworks, data frames, answers."""

from __future__ import annotations

import csv
import decimal
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch

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
    feather_file,
    jsonl,
    lists,
    packed,
    parquet,
    records,
    table,
    torch_file,
    whole_json,
)
from tests.lattice.data.readers.test_layouts import Expected, check, rows_of

HALF = COUNT // 2
PRINTED = [np.array2string(row.astype(np.float64), floatmode="unique", max_line_width=40) for row in TRUTH]
IMAGE = [{"bytes": b"\x89PNG\r\n" + bytes(20), "path": f"{i}.png"} for i in range(COUNT)]
DOCUMENTS = [
    {"id_": i, "embedding": v, "metadata": {"file": "a.md"}, "text": t, "class_name": "TextNode"}
    for i, v, t in zip(IDS, LISTS, TEXTS, strict=True)
]
POINTS = [
    {"id": n, "version": 3, "payload": {"text": t, "city": "Oslo"}, "vector": v}
    for n, (t, v) in enumerate(zip(TEXTS, LISTS, strict=True))
]


def nested(path: Path, kind: pa.DataType, **columns: Any) -> Path:
    return parquet(path / "a.parquet", arrow_table(pa.array(LISTS, kind), **columns))


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def csv_text(rows: list[list[Any]], separator: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(rows)
    return out.getvalue()


def structured(path: Path, kind: Any, rows: list[Any]) -> Path:
    np.save(path, np.array(rows, dtype=kind))
    return path


def splits(folder: Path, *names: str) -> Path:
    """Write the truth as the first of some files, and other rows as the others."""
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shown = LISTS if number == 0 else (-TRUTH * number).tolist()
        parquet(path, arrow_table(pa.array(shown, pa.list_(pa.float32())), text=TEXTS))
    return folder


def projector(folder: Path, *, metadata: str | None = "metadata.tsv", header: bool = False) -> Path:
    """Write what the Embedding Projector loads: numbers, their names, and a description of both."""
    (folder / "tensors.bytes").write_bytes(TRUTH.astype("<f4").tobytes())
    entry: dict[str, Any] = {"tensorName": "mine", "tensorShape": [COUNT, WIDTH], "tensorPath": "tensors.bytes"}
    if metadata is not None:
        rows = [[word, label] for word, label in zip(WORDS, LABELS, strict=True)] if header else [[w] for w in WORDS]
        table(folder / metadata, [*([["word", "label"]] if header else []), *rows], "\t")
        entry["metadataPath"] = metadata
    return whole_json(folder / "projector_config.json", {"embeddings": [entry], "modelCheckpointPath": "x"})


LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    # Columns of Arrow.
    "parquet fixed-size doubles": (
        lambda p: nested(p, pa.list_(pa.float64(), WIDTH), text=TEXTS), Expected(TEXTS)),
    "parquet decimals": (
        lambda p: parquet(p / "a.parquet", arrow_table(pa.array(
            [[decimal.Decimal(repr(n)).quantize(decimal.Decimal("1e-12")) for n in row] for row in LISTS],
            pa.list_(pa.decimal128(20, 12))), text=TEXTS)), Expected(TEXTS)),
    "parquet fixed-size decimals": (
        lambda p: parquet(p / "a.parquet", arrow_table(pa.array(
            [[decimal.Decimal(repr(n)).quantize(decimal.Decimal("1e-12")) for n in row] for row in LISTS],
            pa.list_(pa.decimal256(40, 12), WIDTH)), text=TEXTS)), Expected(TEXTS)),
    "parquet struct of text and vector": (
        lambda p: parquet(p / "a.parquet", pa.table(
            {"item": [{"sentence": t, "vec": v} for t, v in zip(TEXTS, LISTS, strict=True)]})), Expected(TEXTS)),
    "parquet struct of fixed-size lists": (
        lambda p: parquet(p / "a.parquet", pa.table({"id": IDS, "features": pa.StructArray.from_arrays(
            [pa.array(LISTS, pa.list_(pa.float32(), WIDTH)), pa.array(TEXTS)], ["embedding", "text"])})),
        Expected(TEXTS)),
    "parquet dictionary of texts, large strings": (
        lambda p: parquet(p / "a.parquet", arrow_table(
            lists(), text=pa.array(TEXTS, pa.large_string()), label=pa.array(LABELS, pa.large_string()))),
        Expected(TEXTS, LABELS)),
    "parquet labels as truth values": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS, label=[i % 2 == 0 for i in range(COUNT)])),
        Expected(TEXTS, [str(i % 2 == 0) for i in range(COUNT)])),
    "parquet pandas index of ids": (
        lambda p: _pandas(p, IDS, "doc_id"), Expected(IDS)),
    "parquet pandas index without a name": (
        lambda p: _pandas(p, IDS, None), Expected(IDS)),
    "parquet pandas columns of numbers": (
        lambda p: _frame(p, {i: TRUTH[:, i] for i in range(WIDTH)}, IDS), Expected(IDS)),
    "parquet polars arrays": (
        lambda p: nested(p, pa.list_(pa.float32(), WIDTH), document=TEXTS, n=list(range(COUNT))), Expected(TEXTS)),
    "parquet pictures beside": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), image=IMAGE, caption=TEXTS)), Expected(TEXTS)),
    "parquet sound beside": (
        lambda p: parquet(p / "a.parquet", arrow_table(
            lists(), audio=IMAGE, sampling_rate=[16000] * COUNT, transcription=TEXTS)), Expected(TEXTS)),
    "parquet zstd, no dictionary, page statistics": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS), compression="zstd", use_dictionary=False,
                          data_page_version="2.0", write_page_index=True), Expected(TEXTS)),
    "parquet byte stream split": (
        lambda p: parquet(p / "a.parquet", arrow_table(lists(), text=TEXTS), use_dictionary=False,
                          use_byte_stream_split=["embedding.list.element"]), Expected(TEXTS)),
    "parquet of OpenAI's columns": (
        lambda p: parquet(p / "a.parquet", pa.table({"id": IDS, "title": WORDS, "text": TEXTS, "openai": lists()})),
        Expected(TEXTS)),
    "parquet of Cohere's Wikipedia": (
        lambda p: parquet(p / "a.parquet", pa.table({"id": list(range(COUNT)), "title": WORDS, "text": TEXTS,
            "url": [f"https://en.wikipedia.org/wiki?curid={i}" for i in range(COUNT)], "wiki_id": list(range(COUNT)),
            "views": [1.5] * COUNT, "paragraph_id": [0] * COUNT, "langs": [1] * COUNT, "emb": lists()})),
        Expected(TEXTS)),
    "parquet of Pinecone": (
        lambda p: parquet(p / "a.parquet", pa.table({"id": IDS, "values": lists(), "sparse_values": [None] * COUNT,
            "metadata": [json.dumps({"n": i}) for i in range(COUNT)], "blob": [{"text": t} for t in TEXTS]})),
        Expected(TEXTS)),
    "parquet of Milvus": (
        lambda p: parquet(p / "a.parquet", pa.table({"pk": list(range(COUNT)), "vector": lists(),
            "$meta": ["{}"] * COUNT})), Expected(list(map(str, range(COUNT))))),
    "parquet of LanceDB": (
        lambda p: parquet(p / "a.parquet", pa.table({"vector": pa.array(LISTS, pa.list_(pa.float32(), WIDTH)),
            "item": TEXTS, "price": [10.0] * COUNT, "_distance": [0.5] * COUNT})), Expected(TEXTS)),
    "arrow stream of large lists": (
        lambda p: arrow_stream(p / "a.arrow", arrow_table(lists(pa.large_list(pa.float64())), text=TEXTS)),
        Expected(TEXTS)),
    "arrow stream called feather": (
        lambda p: arrow_stream(p / "a.feather", arrow_table(lists(), text=TEXTS)), Expected(TEXTS)),
    "feather zstd of doubles": (
        lambda p: feather_file(p / "a.feather", arrow_table(lists(pa.list_(pa.float64())), text=TEXTS),
                               compression="zstd"), Expected(TEXTS)),
    "arrow.zst": (
        lambda p: packed(arrow_stream(p / "a.arrow", arrow_table(lists(), text=TEXTS)), ".zst"), Expected(TEXTS)),
    # Answers and exports of services as JSON.
    "jsonl of OpenAI's batches": (
        lambda p: jsonl(p / "a.jsonl", ({"id": f"batch_req_{n}", "custom_id": i, "error": None, "response": {
            "status_code": 200, "request_id": f"{n:032x}", "body": {"object": "list", "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 5, "total_tokens": 5},
            "data": [{"object": "embedding", "index": 0, "embedding": v}]}}}
            for n, (i, v) in enumerate(zip(IDS, LISTS, strict=True)))), Expected(IDS)),
    "jsonl of requests with their vectors": (
        lambda p: jsonl(p / "a.jsonl", ([{"model": "m", "input": t}, {"object": "list", "data": [
            {"object": "embedding", "index": 0, "embedding": v}]}] for t, v in zip(TEXTS, LISTS, strict=True))),
        Expected(TEXTS)),
    "json of Cohere": (
        lambda p: whole_json(p / "a.json", {"id": "x-1", "texts": TEXTS, "embeddings": LISTS,
            "meta": {"api_version": {"version": "1"}}, "response_type": "embeddings_floats"}), Expected(TEXTS)),
    "json of Cohere by type": (
        lambda p: whole_json(p / "a.json", {"id": "x-1", "embeddings": {"float": LISTS}, "texts": TEXTS,
            "response_type": "embeddings_by_type"}), Expected(TEXTS)),
    "json of Voyage": (
        lambda p: whole_json(p / "a.json", {"object": "list", "data": records(
            object=["embedding"] * COUNT, embedding=LISTS, index=range(COUNT)), "model": "voyage-3",
            "usage": {"total_tokens": 10}}), Expected(list(map(str, range(COUNT))))),
    "json of Ollama": (
        lambda p: whole_json(p / "a.json", {"model": "all-minilm", "embeddings": LISTS, "total_duration": 14143917}),
        Expected(None)),
    "json of Google": (
        lambda p: whole_json(p / "a.json", {"embeddings": [{"values": v} for v in LISTS]}), Expected(None)),
    "json of Vertex": (
        lambda p: whole_json(p / "a.json", {"predictions": [{"embeddings": {"values": v, "statistics": {
            "token_count": 4, "truncated": False}}} for v in LISTS]}), Expected(None)),
    "jsonl of Vertex's batches": (
        lambda p: jsonl(p / "a.jsonl", ({"instance": {"content": t}, "predictions": [{"embeddings": {
            "statistics": {"token_count": 8, "truncated": False}, "values": v}}], "status": ""}
            for t, v in zip(TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "jsonl of Bedrock's batches": (
        lambda p: jsonl(p / "a.jsonl", ({"recordId": i, "modelInput": {"inputText": t}, "modelOutput": {
            "embedding": v, "inputTextTokenCount": 5}} for i, t, v in zip(IDS, TEXTS, LISTS, strict=True))),
        Expected(TEXTS)),
    "json of TEI": (lambda p: whole_json(p / "a.json", LISTS), Expected(None)),
    "json of Hugging Face with texts": (
        lambda p: whole_json(p / "a.json", {"inputs": TEXTS, "outputs": LISTS}), Expected(TEXTS)),
    "json of Chroma": (
        lambda p: whole_json(p / "a.json", {"ids": IDS, "embeddings": LISTS, "documents": TEXTS, "uris": None,
            "data": None, "metadatas": [None] * COUNT, "included": ["embeddings", "documents"]}), Expected(TEXTS)),
    "jsonl of Qdrant": (lambda p: jsonl(p / "a.jsonl", POINTS), Expected(TEXTS)),
    "json of Qdrant's scroll": (
        lambda p: whole_json(p / "a.json", {"result": {"points": POINTS, "next_page_offset": None}, "status": "ok",
            "time": 0.01}), Expected(TEXTS)),
    "jsonl of Weaviate": (
        lambda p: jsonl(p / "a.jsonl", ({"class": "Doc", "id": i, "properties": {"text": t, "n": 1}, "vector": v,
            "vectorWeights": None} for i, t, v in zip(IDS, TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "json of Weaviate's answer": (
        lambda p: whole_json(p / "a.json", {"data": {"Get": {"Article": [{"title": t, "_additional": {"vector": v,
            "id": i}} for i, t, v in zip(IDS, TEXTS, LISTS, strict=True)]}}}), Expected(TEXTS)),
    "json of Pinecone's fetch": (
        lambda p: whole_json(p / "a.json", {"namespace": "", "usage": {"readUnits": 1}, "vectors": {
            i: {"id": i, "values": v, "metadata": {"text": t}} for i, v, t in zip(IDS, LISTS, TEXTS, strict=True)}}),
        Expected(TEXTS)),
    "json of Pinecone's upsert": (
        lambda p: whole_json(p / "a.json", {"namespace": "n", "vectors": [
            {"id": i, "values": v, "metadata": {"text": t}} for i, v, t in zip(IDS, LISTS, TEXTS, strict=True)]}),
        Expected(TEXTS)),
    "json of Milvus": (
        lambda p: whole_json(p / "a.json", {"rows": [{"pk": n, "vec": v, "doc": t} for n, (v, t) in
                                                     enumerate(zip(LISTS, TEXTS, strict=True))]}), Expected(TEXTS)),
    "jsonl of Elasticsearch": (
        lambda p: jsonl(p / "a.jsonl", ({"_index": "a", "_id": i, "_score": 1.0, "_source": {"content": t,
            "content_vector": v}} for i, t, v in zip(IDS, TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "json of Elasticsearch's answer": (
        lambda p: whole_json(p / "a.json", {"took": 5, "timed_out": False, "_shards": {"total": 1}, "hits": {
            "total": {"value": COUNT}, "max_score": 1.0, "hits": [{"_id": i, "_source": {"body": t, "emb": v}}
            for i, t, v in zip(IDS, TEXTS, LISTS, strict=True)]}}), Expected(TEXTS)),
    "jsonl of an Elasticsearch bulk": (
        lambda p: jsonl(p / "a.jsonl", (part for i, t, v in zip(IDS, TEXTS, LISTS, strict=True) for part in (
            {"index": {"_index": "a", "_id": i}}, {"text": t, "vector": v}))), Expected(TEXTS)),
    "jsonl of LangChain": (
        lambda p: jsonl(p / "a.jsonl", ({"page_content": t, "metadata": {"source": "a.md", "seq": 1}, "embedding": v}
            for t, v in zip(TEXTS, LISTS, strict=True))), Expected(TEXTS)),
    "json of LangChain's store": (
        lambda p: whole_json(p / "a.json", {i: {"id": i, "vector": v, "text": t, "metadata": {}} for i, v, t in
                                            zip(IDS, LISTS, TEXTS, strict=True)}), Expected(TEXTS)),
    "jsonl of LlamaIndex": (lambda p: jsonl(p / "a.jsonl", DOCUMENTS), Expected(TEXTS)),
    "json of LlamaIndex's vector store": (
        lambda p: whole_json(p / "a.json", {"embedding_dict": dict(zip(IDS, LISTS, strict=True)),
            "text_id_to_ref_doc_id": {i: f"ref-{i}" for i in IDS}, "metadata_dict": {i: {} for i in IDS}}),
        Expected(IDS)),
    "json of Haystack": (
        lambda p: whole_json(p / "a.json", {"documents": [{"id": i, "content": t, "meta": {}, "score": None,
            "embedding": v} for i, t, v in zip(IDS, TEXTS, LISTS, strict=True)]}), Expected(TEXTS)),
    "json of txtai": (
        lambda p: whole_json(p / "a.json", [[n, t, v] for n, (t, v) in enumerate(zip(TEXTS, LISTS, strict=True))]),
        Expected(TEXTS)),
    "json pandas records with an index": (
        lambda p: whole_json(p / "a.json", {str(n): {"text": t, "embedding": v} for n, (t, v) in
                                            enumerate(zip(TEXTS, LISTS, strict=True))}), Expected(TEXTS)),
    "json pandas table": (
        lambda p: whole_json(p / "a.json", {"schema": {"fields": [{"name": "index", "type": "integer"}, {
            "name": "text", "type": "string"}, {"name": "embedding", "type": "string"}], "primaryKey": ["index"],
            "pandas_version": "1.4.0"}, "data": records(index=range(COUNT), text=TEXTS, embedding=LISTS)}),
        Expected(TEXTS)),
    "json of datasets' rows": (
        lambda p: whole_json(p / "a.json", {"features": [{"name": "text"}], "rows": [
            {"row_idx": n, "row": {"text": t, "emb": v}, "truncated_cells": []} for n, (t, v) in
            enumerate(zip(TEXTS, LISTS, strict=True))], "num_rows_total": COUNT}), Expected(TEXTS)),
    # Separated values.
    "csv UTF-16": (
        lambda p: written(p / "a.csv", "\ufeff" + csv_text(rows_of(text=TEXTS, embedding=SHOWN)), "utf-16-le"),
        Expected(TEXTS)),
    "tsv UTF-16 big-endian": (
        lambda p: written(p / "a.tsv", "\ufeff" + csv_text(rows_of(text=TEXTS, embedding=SHOWN), "\t", "\r\n"),
                          "utf-16-be"), Expected(TEXTS)),
    "csv old Macintosh line ends": (
        lambda p: written(p / "a.csv", csv_text(rows_of(text=TEXTS, embedding=SHOWN), end="\r")), Expected(TEXTS)),
    "csv mark of UTF-8 and a separator": (
        lambda p: written(p / "a.csv", "\ufeffsep=;\r\n" + csv_text(rows_of(text=TEXTS, embedding=SHOWN), ";", "\r\n")),
        Expected(TEXTS)),
    "csv as numpy prints, over several lines": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=PRINTED), quoting=csv.QUOTE_ALL), Expected(TEXTS)),
    "csv semicolons within brackets": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[f"[{';'.join(map(repr, r))}]" for r in LISTS])),
        Expected(TEXTS)),
    "csv braces of a database": (
        lambda p: table(p / "a.csv", rows_of(id=range(COUNT), content=TEXTS, embedding=[
            "{" + ",".join(map(repr, row)) + "}" for row in LISTS])), Expected(TEXTS)),
    "csv bars": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[" ".join(map(repr, r)) for r in LISTS]), "|"),
        Expected(TEXTS)),
    "csv index of pandas": (
        lambda p: table(p / "a.csv", rows_of(**{"": range(COUNT), "text": TEXTS, "embedding": SHOWN})),
        Expected(TEXTS)),
    "csv tensor of torch": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[f"tensor({row})" for row in LISTS])),
        Expected(TEXTS)),
    "csv decimal commas in a quoted list": (
        lambda p: table(p / "a.csv", rows_of(text=TEXTS, embedding=[
            "[" + "; ".join(repr(n).replace(".", ",") for n in row) + "]" for row in LISTS]), ";",
            quoting=csv.QUOTE_ALL), Expected(TEXTS)),
    "tsv numbers behind a text": (
        lambda p: table(p / "a.tsv", [[text, *row] for text, row in zip(TEXTS, LISTS, strict=True)], "\t"),
        Expected(TEXTS)),
    "txt old Macintosh words": (
        lambda p: written(p / "a.txt", "\r".join(" ".join([w, *map(repr, r)]) for w, r in
                                                 zip(WORDS, LISTS, strict=True))), Expected(WORDS)),
    "txt Windows words": (
        lambda p: written(p / "a.txt", "\r\n".join(" ".join([w, *map(repr, r)]) for w, r in
                                                   zip(WORDS, LISTS, strict=True))), Expected(WORDS)),
    # Arrays.
    "npy structured": (
        lambda p: structured(p / "a.npy", [("id", "U30"), ("embedding", "f4", WIDTH)],
                             list(zip(IDS, LISTS, strict=True))), Expected(IDS)),
    "npz structured": (
        lambda p: archive(p / "a.npz", data=np.array(list(zip(TEXTS, LISTS, strict=True)),
                                                     dtype=[("text", "U80"), ("vector", "<f4", WIDTH)])),
        Expected(TEXTS)),
    "npy one row of rows": (
        lambda p: structured(p / "a.npy", "f4", [LISTS]), Expected(None)),
    "npy rows of one row": (
        lambda p: structured(p / "a.npy", "f4", [[row] for row in LISTS]), Expected(None)),
    "npz objects not needed": (
        lambda p: archive(p / "a.npz", embeddings=TRUTH, texts=np.array(TEXTS), raw=np.array([{}] * COUNT)),
        Expected(TEXTS)),
    "npz ids as numbers": (
        lambda p: archive(p / "a.npz", ids=np.arange(COUNT), emb=TRUTH), Expected(list(map(str, range(COUNT))))),
    "npz of clip": (
        lambda p: archive(p / "a.npz", image_embeddings=TRUTH, paths=np.array([f"img/{i}.jpg" for i in range(COUNT)])),
        Expected([f"img/{i}.jpg" for i in range(COUNT)])),
    "pt ids and embeddings": (
        lambda p: torch_file(p / "a.pt", {"ids": IDS, "embeddings": torch.from_numpy(TRUTH)}), Expected(IDS)),
    "pt ids as a tensor": (
        lambda p: torch_file(p / "a.pt", {"ids": torch.arange(COUNT), "embeddings": torch.from_numpy(TRUTH)}),
        Expected(list(map(str, range(COUNT))))),
    "pt embedding layer": (
        lambda p: torch_file(p / "a.pt", torch.nn.Embedding.from_pretrained(torch.from_numpy(TRUTH)).state_dict()),
        Expected(None)),
    "pt double": (
        lambda p: torch_file(p / "a.pt", torch.from_numpy(TRUTH).double()), Expected(None)),
    # Folders.
    "folder of splits": (
        lambda p: splits(p, "train-00000-of-00001.parquet", "validation-00000-of-00001.parquet",
                         "test-00000-of-00001.parquet"), Expected(TEXTS)),
    "folder of split folders": (
        lambda p: splits(p, "validation/a.parquet", "train/a.parquet", "test/a.parquet"),
        Expected(TEXTS, None, {"split": "validation"})),
    "folder of the projector": (lambda p: projector(p).parent, Expected(WORDS)),
    # The Embedding Projector.
    "projector numbers": (lambda p: projector(p).with_name("tensors.bytes"), Expected(WORDS)),
    "projector description": (lambda p: projector(p), Expected(WORDS)),
    "projector description with labels": (
        lambda p: projector(p, header=True, metadata="names_of_mine.tsv"), Expected(WORDS, LABELS)),
    "projector without names": (lambda p: projector(p, metadata=None), Expected(None)),
}  # fmt: skip


def _pandas(folder: Path, index: list[str], name: str | None) -> Path:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"embedding": LISTS}, index=pandas.Index(index, name=name))
    frame.to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


def _frame(folder: Path, columns: dict[Any, Any], index: list[str]) -> Path:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(columns, index=index)
    frame.columns = frame.columns.astype(str)
    frame.to_parquet(folder / "a.parquet")
    return folder / "a.parquet"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_programs_write_comes_back_bit_for_bit(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])
