"""A file that asks for far more memory than it can be worth is refused by what it says of itself, before it is read."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.bounds import check_piece, check_unpacked, within_memory
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.tensor_file import open_embedding_file
from lattice.data.readers.text_file import column_names, open_text_file
from lattice.errors import DataError
from lattice.limits import MAX_COLUMNS, MAX_UNPACKED_BYTES, MEBIBYTE


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl"])
def test_a_table_of_very_many_columns_is_refused_at_its_first_row(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"wide{suffix}"
    names = [f"c{number}" for number in range(MAX_COLUMNS + 1)]
    if suffix == ".jsonl":
        path.write_text("{" + ", ".join(f'"{name}": "x"' for name in names) + "}\n")
    else:
        path.write_text(("\t" if suffix == ".tsv" else ",").join(names) + "\n")
    for read in (column_names, lambda path: open_text_file(path, ReadRequest())):
        with pytest.raises(DataError, match=r"has 66,561 columns, expected at most 66,560"):
            read(path)


def test_a_parquet_file_of_very_many_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lattice.data.readers.bounds.MAX_COLUMNS", 2)
    pq.write_table(pa.table({name: ["x"] for name in "abc"}), tmp_path / "wide.parquet")
    with pytest.raises(DataError, match="has 3 columns, expected at most 2"):
        column_names(tmp_path / "wide.parquet")


def test_a_parquet_column_that_unpacks_to_too_much_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    texts = ["x" * 1_000_000] * 70
    pq.write_table(pa.table({"text": texts}), path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 100_000
    with pytest.raises(DataError, match=r"row group 1 would unpack from .* to 70 MB, more than 100 times as much"):
        open_text_file(path, ReadRequest())


def test_limits_of_unpacking() -> None:
    path = Path("file")
    check_unpacked(path, "rows", 0, 64 * MEBIBYTE)
    check_unpacked(path, "rows", MEBIBYTE, 100 * MEBIBYTE)
    with pytest.raises(DataError, match=r"file: rows would unpack from 1\.0 MB to 106 MB"):
        check_unpacked(path, "rows", MEBIBYTE, 101 * MEBIBYTE)
    check_piece(path, "rows", MAX_UNPACKED_BYTES)
    with pytest.raises(DataError, match=r"file: rows takes 4\.3 GB in one piece, expected at most 4\.3 GB; write"):
        check_piece(path, "rows", MAX_UNPACKED_BYTES + 1)


def test_an_archive_that_unpacks_to_very_much_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, embeddings=np.zeros((70_000, 256), np.float32))
    meter = ReadMeter()
    with pytest.raises(DataError, match=r"embeddings would unpack from .* to 72 MB, more than 100 times as much"):
        open_embedding_file(path, meter)
    assert meter.bytes < path.stat().st_size


def test_an_archive_whose_header_promises_more_than_it_holds_is_refused(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**9, 768)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("embeddings.npy", header.getvalue() + b"\0" * 100)
    with pytest.raises(DataError, match="states 1000000000x768 values of 4 bytes, but unpacks to 228 bytes"):
        open_embedding_file(tmp_path / "a.npz", ReadMeter())


def test_a_table_of_absurd_width_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((1, 65_537), np.float32))
    with pytest.raises(DataError, match=r"expected at most 65,536 numbers a sample; is it transposed\?"):
        open_embedding_file(tmp_path / "a.npy", ReadMeter())


def test_a_torch_file_whose_list_of_tensors_is_a_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    torch.save({"embeddings": torch.zeros(2, 2)}, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * (5 << 20))
    with pytest.raises(DataError, match=r"has a list of tensors of 5\.2 MB, expected at most 4\.2 MB"):
        open_embedding_file(path, ReadMeter())


@pytest.mark.parametrize("disk", [0, 7])
def test_a_torch_file_with_a_stray_locator_of_a_large_archive_is_refused(tmp_path: Path, disk: int) -> None:
    path = tmp_path / "a.pt"
    locator = b"PK\x06\x07" + disk.to_bytes(4, "little") + (0).to_bytes(8, "little") + (9).to_bytes(4, "little")
    path.write_bytes(b"x" * 80 + locator + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0")
    with pytest.raises(DataError, match=r"a\.pt is (no readable torch file|truncated)"):
        open_embedding_file(path, ReadMeter())


def read(path: Path, suffix: str) -> object:
    if suffix in {".csv", ".txt", ".parquet"}:
        return list(open_text_file(path, ReadRequest()).rows)
    return open_embedding_file(path, ReadMeter())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
@pytest.mark.parametrize("suffix", [".npy", ".npz", ".pt", ".safetensors", ".csv", ".txt", ".parquet"])
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"pipe{suffix}"
    os.mkfifo(path)
    with pytest.raises(DataError, match="can't be read: it is a named pipe, expected a file"):
        read(path, suffix)


def test_rows_that_are_kept_end_before_the_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    meter = ReadMeter()

    def rows():
        for _ in range(10):
            meter.add(bytes=40 << 20, rows=1)
            yield "text"

    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=10**9, total=16 * 10**9))
    with pytest.raises(DataError, match=r"texts: after 2 rows only 1\.0 GB of memory are free; set training_embedding"):
        list(within_memory(rows(), "texts", meter))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=9 * 10**9, total=16 * 10**9))
    assert len(list(within_memory(rows(), "texts", ReadMeter()))) == 10
