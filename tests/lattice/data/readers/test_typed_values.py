"""What databases and services wrap with types, or describe beside, comes back bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lattice.data.readers.typed_values import plain_values
from lattice.errors import DataError
from tests.lattice.data.layouts import COUNT, IDS, LISTS, TEXTS, Maker, jsonl, parquet, table, whole_json
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of

WRITTEN = [[repr(number) for number in row] for row in LISTS]
ROWS = list(zip(IDS, TEXTS, LISTS, strict=True))
DYNAMO = [{"id": {"S": i}, "text": {"S": t}, "n": {"N": "3"}, "embedding": {"L": [{"N": repr(x)} for x in v]}}
          for i, t, v in ROWS]  # fmt: skip

LAYOUTS: dict[str, tuple[Maker, Expected]] = {
    "jsonl of MongoDB's extended JSON": (
        lambda p: jsonl(p / "a.jsonl", ({"_id": {"$oid": f"507f{n:020x}"}, "text": t, "n": {"$numberLong": "5"},
            "embedding": [{"$numberDouble": repr(x)} for x in v]} for n, (_, t, v) in enumerate(ROWS))),
        Expected(TEXTS)),
    "jsonl of DynamoDB's export": (
        lambda p: jsonl(p / "a.jsonl", ({"Item": item} for item in DYNAMO)), Expected(TEXTS)),
    "json of DynamoDB's scan": (
        lambda p: whole_json(p / "a.json", {"Items": DYNAMO, "Count": COUNT, "ScannedCount": COUNT}), Expected(TEXTS)),
    "json of Firestore": (
        lambda p: whole_json(p / "a.json", {"documents": [{"name": f"projects/p/{i}", "fields": {
            "text": {"stringValue": t}, "embedding": {"arrayValue": {"values": [{"doubleValue": x} for x in v]}}}}
            for i, t, v in ROWS]}), Expected(TEXTS)),
    "jsonl of BigQuery's repeated records": (
        lambda p: jsonl(p / "a.jsonl", ({"content": t, "embedding": [{"v": x} for x in v]} for _, t, v in ROWS)),
        Expected(TEXTS)),
    "json of BigQuery's answer": (
        lambda p: whole_json(p / "a.json", {"schema": {"fields": [{"name": "text", "type": "STRING"}, {
            "name": "embedding", "type": "FLOAT"}]}, "rows": [{"f": [{"v": t}, {"v": [{"v": repr(x)} for x in v]}]}
            for _, t, v in ROWS], "totalRows": "16"}), Expected(TEXTS)),
    "json of ClickHouse's rows": (
        lambda p: whole_json(p / "a.json", {"meta": [{"name": n} for n in ("id", "text", "emb")],
            "data": [list(row) for row in ROWS], "rows": COUNT}), Expected(TEXTS)),
    "jsonl of numbers as texts": (
        lambda p: jsonl(p / "a.jsonl", ({"content": t, "embedding": w} for t, w in zip(TEXTS, WRITTEN, strict=True))),
        Expected(TEXTS)),
    "parquet of numbers as texts": (
        lambda p: parquet(p / "a.parquet", _arrow(text=TEXTS, embedding=WRITTEN)), Expected(TEXTS)),
    "json of Solr": (
        lambda p: whole_json(p / "a.json", {"response": {"numFound": COUNT, "docs": [
            {"id": i, "title_t": [t], "vector": v} for i, t, v in ROWS]}}), Expected(TEXTS)),
    "json of Redis": (
        lambda p: whole_json(p / "a.json", {f"doc:{n}": {"$": [{"text": t, "embedding": v}]}
                                            for n, (_, t, v) in enumerate(ROWS)}), Expected(TEXTS)),
    "jsonl one id and vector a line": (lambda p: jsonl(p / "a.jsonl", ({i: v} for i, _, v in ROWS)), Expected(IDS)),
    "json numbers and vectors": (lambda p: whole_json(p / "a.json", list(enumerate(LISTS))), Expected(None)),
    "json lists one after the other": (
        lambda p: _joined(p / "a.json", ROWS[:8], ROWS[8:]), Expected(TEXTS)),
    "json list called jsonl": (
        lambda p: whole_json(p / "a.jsonl", _records(ROWS)), Expected(TEXTS)),
    "json list over lines called jsonl": (
        lambda p: whole_json(p / "a.jsonl", _records(ROWS), indent=1), Expected(TEXTS)),
    "jsonl with commas": (
        lambda p: _written(p / "a.jsonl", ",\n".join(map(_json, _records(ROWS)))), Expected(TEXTS)),
    "json text sequence": (
        lambda p: _written(p / "a.jsonl", "".join(f"\x1e{_json(r)}\n" for r in _records(ROWS))), Expected(TEXTS)),
    "csv missing vectors of a database": (
        lambda p: table(p / "a.csv", [*rows_of(text=TEXTS, embedding=map(str, LISTS)), ["a text too many", "\\N"],
                                      ["another text too many", "NULL"]]), Expected(TEXTS)),
}  # fmt: skip


def _arrow(**columns: Any) -> Any:
    import pyarrow as pa

    return pa.table(columns)


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


def _records(rows: list[tuple[str, str, list[float]]]) -> list[dict[str, Any]]:
    return [{"id": i, "text": t, "embedding": v} for i, t, v in rows]


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _joined(path: Path, *parts: list[tuple[str, str, list[float]]]) -> Path:
    return _written(path, "\n".join(_json(_records(part)) for part in parts))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_databases_write_comes_back_bit_for_bit(tmp_path: Path, layout: str) -> None:
    check(tmp_path, *LAYOUTS[layout])


@pytest.mark.parametrize(
    "value",
    [
        {"S": 3, "N": 4.5},
        {"N": 4},
        {"v": [1, 2]},
        {"L": "a letter"},
        [{"v": 1, "w": 2}],
        {"text": "a", "list": [1.5, None]},
        [],
    ],
)
def test_columns_that_are_called_like_types_stay(value: Any) -> None:
    assert plain_values(value) == value


def test_wrapped_values_within_lists_and_objects_become_plain() -> None:
    wrapped = {"M": {"a": {"N": "1.5"}, "b": {"NULL": True}, "c": {"L": [{"S": "x"}, {"BOOL": False}]}}}
    assert plain_values(wrapped) == {"a": 1.5, "b": None, "c": ["x", False]}


@pytest.mark.parametrize("name", ["N", "$numberInt", "$numberLong", "$numberDecimal", "integerValue"])
def test_wrapped_whole_numbers_keep_all_their_digits(name: str) -> None:
    for number in (7, -7, 2**53 + 1):
        found = plain_values({name: str(number)})
        assert found == number
        assert isinstance(found, int)
    assert isinstance(plain_values({name: "7.0"}), float)
    assert isinstance(plain_values({name: "9" * 5000}), float), "more digits than Python reads"
    assert isinstance(plain_values({"$numberDouble": "7"}), float), "its type says so"


def test_wrapped_ids_name_rows_and_wrapped_bytes_are_refused(tmp_path: Path) -> None:
    ids = [str(2**53 + place) for place in range(COUNT)]
    rows = [{"id": {"N": i}, "embedding": {"L": [{"N": repr(x)} for x in v]}} for i, v in zip(ids, LISTS, strict=True)]
    dataset, _ = load(jsonl(tmp_path / "a.jsonl", rows))
    assert list(dataset.texts or ()) == ids
    whole = [{"text": t, "embedding": {"L": [{"N": str(round(x * 40))} for x in v]}} for _, t, v in ROWS]
    with pytest.raises(DataError, match="holds whole numbers of one byte"):
        load(jsonl(tmp_path / "b.jsonl", whole))


@pytest.mark.parametrize("gap", ["NULL", "\\N", "NA", ""])
def test_vectors_that_are_missing_in_all_first_rows_are_still_found(tmp_path: Path, gap: str) -> None:
    missing = [[f"a text too many, number {row}", gap] for row in range(24)]
    rows = [*rows_of(text=TEXTS, embedding=map(str, LISTS))]
    dataset, loader = load(table(tmp_path / "a.csv", [rows[0], *missing, *rows[1:]]))
    assert list(dataset.texts or ()) == TEXTS
    assert loader.report.dropped == {"not finite": 24}
