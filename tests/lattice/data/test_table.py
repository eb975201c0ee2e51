"""Filling a table by several threads: the same as one after the other, whatever goes wrong on the way."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lattice.data import table as table_module
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.numpy_file import open_npy
from lattice.data.readers.rows import PlainRows, RowReader
from lattice.data.table import RowTable
from lattice.data.validation import Bounds
from lattice.errors import DataError
from lattice.progress import Cancelled

WIDTH, COUNT, PER_PIECE = 24, 1000, 64
CPU = torch.device("cpu")


def ignore(rows: int) -> None:
    """Hear about progress."""


def empty(count: int = COUNT, *, pairs: bool = False) -> RowTable:
    return RowTable(count, WIDTH, torch.float16, CPU, pairs=pairs, bounds=Bounds(1e-3, 1e3))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "PIECE_BYTES", PER_PIECE * WIDTH * 2)


@pytest.fixture
def rows() -> Tensor:
    rows = torch.randn(COUNT, WIDTH, generator=torch.Generator().manual_seed(0)).half()
    rows[70, 3], rows[71], rows[500], rows[999] = float("nan"), 0.0, 6e4, rows[5]
    return rows


@pytest.fixture(params=["C", ">", "F"])
def path(request: pytest.FixtureRequest, tmp_path: Path, rows: Tensor) -> Path:
    """Write the rows in order, with swapped bytes, or column by column."""
    values = rows.numpy()
    kinds = {"C": values, ">": values.astype(">f2"), "F": np.asfortranarray(values)}
    np.save(tmp_path / "rows.npy", kinds[request.param])
    return tmp_path / "rows.npy"


@pytest.fixture
def plain(tmp_path: Path, rows: Tensor) -> Path:
    np.save(tmp_path / "plain.npy", rows.numpy())
    return tmp_path / "plain.npy"


def in_turn(monkeypatch: pytest.MonkeyPatch, reader: RowReader) -> None:
    monkeypatch.setattr(type(reader), "any_order", False)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_several_threads_fill_a_table_as_one_does(path: Path, monkeypatch: pytest.MonkeyPatch, workers: int) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: workers)
    told: list[int] = []
    threads = set()

    def done(count: int) -> None:
        told.append(count)
        threads.add(threading.current_thread())

    meter = ReadMeter()
    together, reader = empty(pairs=True), open_npy(path, meter)
    header = meter.bytes
    together.read(0, 0, COUNT, reader, done)
    assert meter.bytes - header == COUNT * WIDTH * 2
    assert meter.rows == COUNT
    assert threads == {threading.current_thread()}
    assert told == [PER_PIECE] * (COUNT // PER_PIECE) + [COUNT % PER_PIECE]
    together.read(1, 0, COUNT, open_npy(path, meter), ignore)

    alone = empty(pairs=True)
    for column in (0, 1):
        reader = open_npy(path, ReadMeter())
        with monkeypatch.context() as patch:
            in_turn(patch, reader)
            alone.read(column, 0, COUNT, reader, ignore)
    for table in (together, alone):
        table.finish(drop_duplicates=True)
    for found, expected in zip(together.columns, alone.columns, strict=True):
        assert torch.equal(found.view(torch.int16), expected.view(torch.int16))
    assert torch.equal(together.codes, alone.codes)
    assert together.codes[[70, 71, 500, 999]].tolist() == [1, 2, 3, 4]
    assert torch.equal(together.hashes, alone.hashes)


def test_reading_stops_at_the_count_and_goes_on_from_there(plain: Path, rows: Tensor) -> None:
    meter = ReadMeter()
    reader, table = open_npy(plain, meter), empty(500)
    header = meter.bytes
    table.read(0, 0, 300, reader, ignore)
    assert (meter.bytes - header, meter.rows, reader.position) == (300 * WIDTH * 2, 300, 300)
    table.read(0, 300, 200, reader, ignore)
    assert torch.equal(table.columns[0].view(torch.int16), rows[:500].view(torch.int16))
    with pytest.raises(ValueError, match="past the end"):
        empty().read(0, 0, 501, reader, ignore)


def test_a_file_that_shrinks_while_it_is_read_says_where(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    reader, told = open_npy(plain, ReadMeter()), []
    with plain.open("r+b") as file:
        file.truncate(plain.stat().st_size - 400 * WIDTH * 2)
    with pytest.raises(DataError, match=r"ends 1920 bytes too early, in rows 576 to 639; it is truncated"):
        empty().read(0, 0, COUNT, reader, told.append)
    assert told == [PER_PIECE] * 9
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read")]


def test_the_first_piece_that_fails_is_the_one_reported(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    later, real = threading.Event(), PlainRows.read_at

    def read_at(self: PlainRows, row: int, out: Tensor) -> None:
        if row == PER_PIECE:
            assert later.wait(10)
            raise DataError("the second piece")
        if row == 2 * PER_PIECE:
            later.set()
            raise DataError("the third piece")
        real(self, row, out)

    monkeypatch.setattr(PlainRows, "read_at", read_at)
    with pytest.raises(DataError, match="the second piece"):
        empty().read(0, 0, COUNT, open_npy(plain, ReadMeter()), ignore)


@pytest.mark.parametrize("stop", [Cancelled, KeyboardInterrupt])
def test_cancelling_leaves_the_rest_unread(
    plain: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    told, meter, real = threading.Event(), ReadMeter(), PlainRows.read_at

    def read_at(self: PlainRows, row: int, out: Tensor) -> None:
        if row >= 2 * PER_PIECE:  # the first pieces are through, so the caller is about to be told
            assert told.wait(10)
        real(self, row, out)

    def done(count: int) -> None:
        threading.Timer(0.2, told.set).start()
        raise stop

    monkeypatch.setattr(PlainRows, "read_at", read_at)
    with pytest.raises(stop):
        empty().read(0, 0, COUNT, open_npy(plain, meter), done)
    assert meter.rows <= 4 * PER_PIECE
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read")]


def test_a_meter_counts_what_many_threads_read() -> None:
    meter = ReadMeter()

    def count() -> None:
        for _ in range(20_000):
            meter.add(bytes=3, rows=1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (meter.bytes, meter.rows) == (240_000, 80_000)


def test_packed_rows_are_only_read_in_order(tmp_path: Path, rows: Tensor) -> None:
    from lattice.data.readers.npz_file import open_npz

    np.savez_compressed(tmp_path / "rows.npz", embeddings=rows.numpy())
    reader = open_npz(tmp_path / "rows.npz", ReadMeter()).rows
    with pytest.raises(ValueError, match="from first to last"):
        reader.read_at(0, torch.empty(1, WIDTH, dtype=torch.float16))
    table = empty()
    table.read(0, 0, COUNT, reader, ignore)
    reader.close()
    assert torch.equal(table.columns[0].view(torch.int16), rows.view(torch.int16))
