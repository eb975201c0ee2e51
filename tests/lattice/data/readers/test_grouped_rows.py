"""Row groups decoded by several threads give what one thread reads, and report what it reports."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader, hashing
from lattice.data import table as table_module
from lattice.data.readers import grouped_rows
from lattice.data.readers.arrow_file import open_columnar
from lattice.data.readers.arrow_vectors import ArrowRows, matrix_of
from lattice.data.readers.columnar import RowGroup
from lattice.data.readers.columnar_source import ColumnarEmbeddings
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.grouped_rows import GroupedRows, Groups, runs_of
from lattice.data.readers.records import Remarks
from lattice.data.readers.row_layout import RowLayout
from lattice.data.sources.texts_ahead import TextsAhead
from lattice.data.table import RowTable
from lattice.data.texts import PackedTexts
from lattice.data.validation import Bounds
from lattice.data.vector_columns import VectorColumns
from lattice.errors import DataError
from lattice.progress import Cancelled, Progress
from tests.lattice.data.layouts import COUNT, IDS, LISTS, TRUTH, arrow_table, lists, parquet

PER_GROUP = 3


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped_rows, "LEAST_PART_BYTES", 1)
    monkeypatch.setattr(table_module, "PIECE_BYTES", 2 * TRUTH[0].nbytes)


def table_of(path: Path, rows: list[Any], kind: Any = None) -> Path:
    vectors = pa.array(rows, kind or pa.list_(pa.float32()))
    return parquet(path, arrow_table(vectors, id=IDS), row_group_size=PER_GROUP)


def load(
    path: Path, limit: int | None = None, progress: Progress | None = None, **settings: Any
) -> tuple[EmbeddingDataset, UnifiedDatasetLoader]:
    training = TrainingEmbeddingSettings(data=str(path), max_total_samples=limit)
    loader = UnifiedDatasetLoader(training, DataSettings(**settings), progress=progress)
    return loader.load(), loader


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("limit", [None, 10, 9, 4])
def test_parts_give_the_rows_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int, limit: int | None
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: workers)
    told: list[int] = []
    path = table_of(tmp_path / "a.parquet", LISTS)
    dataset, _ = load(path, limit, lambda _, done, total: told.append(done))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH[:limit]))
    assert list(dataset.texts or []) == IDS[:limit]
    assert told == sorted(told)
    assert told[-1] == len(dataset)


@pytest.mark.parametrize("kind", [pa.float64(), pa.float16()])
def test_parts_of_another_type_are_converted_on_the_way(tmp_path: Path, kind: Any) -> None:
    path = table_of(tmp_path / "a.parquet", TRUTH.astype(kind.to_pandas_dtype()).tolist(), pa.list_(kind))
    dataset, _ = load(path, storage="float32")
    assert dataset.embeddings.dtype == torch.float32
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH.astype(kind.to_pandas_dtype()).astype(np.float32)))


def test_remarks_of_parts_are_counted_and_the_first_row_is_named(tmp_path: Path) -> None:
    rows: list[Any] = [None if index in (4, 8, 14) else row for index, row in enumerate(LISTS)]
    _, loader = load(table_of(tmp_path / "a.parquet", rows))
    said = "3 rows with no vector; they are dropped as not finite (first: a.parquet row 5)"
    assert [remark for remark in loader.report.warnings if "no vector" in remark] == [said]


def test_the_first_part_that_fails_is_the_one_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    later, real = threading.Event(), ArrowRows.read_into

    def read_into(self: ArrowRows, out: torch.Tensor) -> None:
        if self.position == PER_GROUP:
            assert later.wait(10)
        try:
            real(self, out)
        except DataError:
            later.set()
            raise

    monkeypatch.setattr(ArrowRows, "read_into", read_into)
    rows: list[Any] = [*LISTS]
    rows[4], rows[7] = rows[4][:5], rows[7][:6]
    with pytest.raises(DataError, match=r"a\.parquet row 5: column 'embedding' holds 5 numbers, expected 12"):
        load(table_of(tmp_path / "a.parquet", rows))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read")]


def test_cancelling_leaves_the_parts_behind_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    told, real, read = threading.Event(), ArrowRows.read_into, []

    def read_into(self: ArrowRows, out: torch.Tensor) -> None:
        if self.position >= 2 * PER_GROUP:
            assert told.wait(10)
        read.append(self.position)
        real(self, out)

    def progress(what: str, done: int, total: int | None) -> None:
        if what.startswith("reading"):
            threading.Timer(0.2, told.set).start()
            raise Cancelled

    monkeypatch.setattr(ArrowRows, "read_into", read_into)
    with pytest.raises(Cancelled):
        load(table_of(tmp_path / "a.parquet", LISTS), progress=progress)
    assert max(read) < COUNT - PER_GROUP
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read")]


@pytest.mark.parametrize("rows", [[3, 3, 3], [3, 3, -3, 9], [3, 3, 9, -3]])
def test_groups_that_do_not_hold_the_stated_rows_are_read_in_turn(rows: list[int]) -> None:
    def decode(groups: range | None, first: int, remarks: Remarks) -> Generator[np.ndarray[Any, Any]]:
        yield np.ones((9, 24), np.float32)

    layout = RowLayout(Path("a.parquet"), "", 12, 24, torch.float32)
    reader = GroupedRows(layout, [RowGroup(count, 100) for count in rows], decode, Remarks())
    table = RowTable(12, 24, torch.float32, torch.device("cpu"), pairs=False, bounds=Bounds(1e-3, 1e3))
    with pytest.raises(DataError, match=r"a\.parquet ends after 9 of 12 rows; it is truncated"):
        table.read(0, 0, 12, reader, lambda count: None)


def test_a_buffer_that_can_not_be_allocated_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = torch.empty

    def empty(*sizes: Any, **kinds: Any) -> torch.Tensor:
        if threading.current_thread().name.startswith("read"):
            raise MemoryError("no room for a buffer")
        return real(*sizes, **kinds)

    path = table_of(tmp_path / "a.parquet", LISTS, pa.list_(pa.float64()))
    failed: list[BaseException] = []

    def work() -> None:
        try:
            load(path, storage="float32")
        except MemoryError as error:
            failed.append(error)

    monkeypatch.setattr(torch, "empty", empty)
    loading = threading.Thread(target=work, daemon=True)
    loading.start()
    loading.join(60)
    assert [str(error) for error in failed] == ["no room for a buffer"]


def test_small_row_groups_share_a_part_and_those_past_the_limit_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouped_rows, "LEAST_PART_BYTES", 100)
    groups = [RowGroup(10, 60), RowGroup(5, 60), RowGroup(0, 0), RowGroup(7, 200), RowGroup(3, 10), RowGroup(2, 10)]
    assert runs_of(groups, 27) == [
        Groups(range(2), 0, 15),
        Groups(range(2, 4), 15, 7),
        Groups(range(4, 6), 22, 5),
    ]
    assert runs_of(groups, 23) == [*runs_of(groups, 27)[:2], Groups(range(4, 5), 22, 1)]
    assert runs_of(groups, 15) == [Groups(range(2), 0, 15)]
    assert runs_of([], 0) == []


@pytest.mark.parametrize("name", ["embedding", "embedding.v2"])
def test_what_parts_read_is_what_their_columns_take_in_the_file(tmp_path: Path, name: str) -> None:
    table = pa.table({"id": IDS, name: lists(), "embedding_": lists()})
    written = parquet(tmp_path / "a.parquet", table, row_group_size=PER_GROUP)
    footer = pq.ParquetFile(written).metadata
    path = written.rename(tmp_path / os.fsdecode(b"caf\xe9.parquet"))  # no UTF-8
    vectors = [footer.schema.column(leaf).path for leaf in range(len(footer.schema))].index(f"{name}.list.element")
    chunks = [footer.row_group(number).column(vectors).total_compressed_size for number in range(footer.num_row_groups)]
    file = open_columnar(path, ReadMeter(), Remarks())
    before = file.meter.bytes
    assert sum(batch.num_rows for batch in file.batches([name], 2, range(1, 3))) == 2 * PER_GROUP
    assert file.meter.bytes - before == sum(chunks[1:3])


def test_texts_beside_the_rows_are_read_by_another_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readers, real = [], ColumnarEmbeddings.texts

    def texts(self: ColumnarEmbeddings, name: str, limit: int) -> Any:
        if limit == COUNT:  # and not one, to see whether there are any
            readers.append(threading.current_thread().name)
        return real(self, name, limit)

    monkeypatch.setattr(ColumnarEmbeddings, "texts", texts)
    folder = tmp_path / "shards"
    folder.mkdir()
    for number in (1, 2):
        table_of(folder / f"{number}.parquet", [[*row[:-1], number] for row in LISTS])
    dataset, _ = load(folder)
    assert readers == ["texts_0", "texts_0"]
    assert isinstance(dataset.texts, PackedTexts)
    assert list(dataset.texts) == IDS * 2
    assert dataset.texts.hashes is not None


def test_a_load_that_fails_leaves_no_thread_that_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "_RUN", 1)
    begun, stopped = threading.Event(), threading.Event()

    def rest(self: TextsAhead) -> None:
        begun.set()
        try:
            assert self._closed.wait(10)
            raise Cancelled
        finally:
            stopped.set()

    def progress(what: str, done: int, total: int | None) -> None:
        if what.startswith("reading"):
            assert begun.wait(10)
            raise Cancelled

    monkeypatch.setattr(TextsAhead, "_rest", rest)
    with pytest.raises(Cancelled):
        load(table_of(tmp_path / "a.parquet", LISTS), progress=progress)
    assert stopped.wait(10)


def test_dropped_rows_leave_the_others_their_texts(tmp_path: Path) -> None:
    path = table_of(tmp_path / "a.parquet", [LISTS[0], [float("nan")] * len(LISTS[0]), *LISTS[2:], LISTS[0]][:COUNT])
    dataset, _ = load(path)
    assert list(dataset.texts or []) == [IDS[0], *IDS[2:]]


@pytest.mark.parametrize("value", [pa.float32(), pa.float64()])
@pytest.mark.parametrize("sliced", [slice(None), slice(2, 5), slice(1, None)])
def test_full_lists_are_taken_as_they_lie(value: Any, sliced: slice) -> None:
    rows = np.arange(24.0).reshape(6, 4)
    batch = pa.record_batch({"v": pa.array(rows.tolist(), pa.list_(value))})
    part = batch.slice(*sliced.indices(6)[:1], len(range(6)[sliced]))
    found = matrix_of(part, VectorColumns(("v",), 4, True), "a.parquet", 1, Remarks())
    assert found.dtype == value.to_pandas_dtype()
    assert found.tolist() == rows[sliced].tolist()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1.0, 2.0], None, [3.0, 4.0]], [[1.0, 2.0], [math.nan, math.nan], [3.0, 4.0]]),
        ([[1.0, None], [3.0, 4.0]], [[1.0, math.nan], [3.0, 4.0]]),
    ],
    ids=["no list", "no number"],
)
def test_lists_with_gaps_are_not(rows: list[Any], expected: list[list[float]]) -> None:
    batch = pa.record_batch({"v": pa.array(rows, pa.list_(pa.float32()))})
    found = matrix_of(batch, VectorColumns(("v",), 2, True), "a.parquet", 1, Remarks())
    np.testing.assert_array_equal(found, np.array(expected, dtype=np.float32))


def test_lists_of_unequal_length_are_refused_though_they_fill_the_matrix() -> None:
    batch = pa.record_batch({"v": pa.array([[1.0], [2.0, 3.0, 4.0]], pa.list_(pa.float32()))})
    with pytest.raises(DataError, match=r"a\.parquet row 1: .*holds 1 numbers, expected 2"):
        matrix_of(batch, VectorColumns(("v",), 2, True), "a.parquet", 1, Remarks())
