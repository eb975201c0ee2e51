"""Embedding files of every kind: whole, in pieces, and damaged in every way that users meet."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.tensor_file import open_embedding_file
from lattice.data.texts import PackedTexts
from lattice.errors import DataError

ROWS = torch.randn(300, 24, generator=torch.Generator().manual_seed(0))


def read(path: Path, *pieces: int) -> torch.Tensor:
    file = open_embedding_file(path, ReadMeter())
    try:
        parts = []
        for count in pieces or (file.rows.layout.count,):
            part = torch.empty(count, file.rows.layout.width, dtype=file.rows.layout.dtype)
            file.rows.read_into(part)
            parts.append(part)
        return torch.cat(parts)
    finally:
        file.close()


def save(path: Path, rows: torch.Tensor) -> Path:
    if path.suffix == ".npy":
        np.save(path, rows.numpy())
    elif path.suffix == ".npz":
        np.savez(path, embeddings=rows.numpy())
    elif path.suffix == ".pt":
        torch.save(rows, path)
    else:
        save_file({"embeddings": rows}, path)
    return path


@pytest.mark.parametrize("suffix", [".safetensors", ".npy", ".npz", ".pt"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_rows_come_back_bit_for_bit_in_pieces_of_any_size(tmp_path: Path, suffix: str, dtype: torch.dtype) -> None:
    path = save(tmp_path / f"rows{suffix}", ROWS.to(dtype))
    assert torch.equal(read(path), ROWS.to(dtype))
    assert torch.equal(read(path, 1, 7, 200), ROWS.to(dtype)[:208])


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_bfloat16_is_read(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"rows{suffix}", ROWS.bfloat16())
    assert torch.equal(read(path), ROWS.bfloat16())


@pytest.mark.parametrize(
    "array",
    [np.asfortranarray(ROWS.numpy()), ROWS.numpy().astype(">f4"), np.asfortranarray(ROWS.numpy().astype(">f4"))],
    ids=["column-major", "big-endian", "both"],
)
def test_other_array_layouts_are_read(tmp_path: Path, array: np.ndarray[Any, Any]) -> None:
    np.save(tmp_path / "rows.npy", array)
    assert torch.equal(read(tmp_path / "rows.npy", 5, 20), ROWS[:25])


def test_a_big_endian_array_in_an_archive_is_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "rows.npz", only=ROWS.numpy().astype(">f4"), ids=np.arange(300))
    assert torch.equal(read(tmp_path / "rows.npz", 5, 20), ROWS[:25])


def test_a_view_into_a_larger_tensor_is_read_from_its_place(tmp_path: Path) -> None:
    torch.save({"step": 3, "embeddings": ROWS[10:40]}, tmp_path / "rows.pt")
    assert torch.equal(read(tmp_path / "rows.pt"), ROWS[10:40])


@pytest.mark.parametrize("suffix", [".safetensors", ".npz", ".pt"])
def test_the_only_table_is_taken_and_the_guess_is_said(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    if suffix == ".npz":
        np.savez(path, vectors=ROWS.numpy(), ids=np.arange(300))
    elif suffix == ".pt":
        torch.save({"vectors": ROWS, "ids": torch.arange(300)}, path)
    else:
        save_file({"vectors": ROWS, "ids": torch.arange(300)}, path)
    file = open_embedding_file(path, ReadMeter())
    file.close()
    assert file.guess == f"rows{suffix}: took 'vectors', the only table in it, for the embeddings"


def test_several_tables_without_the_name_are_not_guessed(tmp_path: Path) -> None:
    save_file({"a": ROWS, "b": ROWS.clone()}, tmp_path / "rows.safetensors")
    with pytest.raises(DataError, match=r"holds 'a', 'b'; name the one with the embeddings 'embeddings'"):
        open_embedding_file(tmp_path / "rows.safetensors", ReadMeter())


def with_texts(path: Path, texts: list[str]) -> EmbeddingFile:
    packed = PackedTexts.pack(texts)
    tensors = {"embeddings": ROWS, "texts.utf8": torch.from_numpy(packed.utf8.copy())}
    save_file({**tensors, "texts.ends": torch.from_numpy(packed.ends)}, path)
    return open_embedding_file(path, ReadMeter())


def test_texts_beside_the_embeddings_are_read_up_to_the_limit(tmp_path: Path) -> None:
    texts = [f"Wörter {i} 漢字" * (i % 3) for i in range(300)]
    file = with_texts(tmp_path / "rows.safetensors", texts)
    before = file.meter.bytes
    found = file.texts("texts", 10)
    assert found is not None
    assert list(found) == texts[:10]
    assert file.meter.bytes - before == 10 * 8 + sum(len(text.encode()) for text in texts[:10])
    assert file.texts("partner_texts", 10) is None


def test_texts_that_do_not_fit_the_rows_are_refused(tmp_path: Path) -> None:
    file = with_texts(tmp_path / "rows.safetensors", ["a"] * 299)
    with pytest.raises(DataError, match="texts does not fit the 300 embeddings"):
        file.texts("texts", 10)


def test_partners_of_another_shape_are_refused(tmp_path: Path) -> None:
    save_file({"embeddings": ROWS, "partners": ROWS[:, :8].contiguous()}, tmp_path / "rows.safetensors")
    with pytest.raises(
        DataError, match=r"partners have shape \[300, 8\], expected that of the embeddings, \[300, 24\]"
    ):
        open_embedding_file(tmp_path / "rows.safetensors", ReadMeter())


@pytest.mark.parametrize("suffix", [".safetensors", ".npy", ".npz", ".pt"])
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (torch.arange(12).reshape(3, 4), "holds (int64|I64|torch.int64), expected floats"),
        (torch.zeros(3), r"(has shape \[3\], expected two dimensions|no table|expected two)"),
        (torch.zeros(0, 4), r"has shape \[0, 4\]: it is empty"),
        (torch.zeros(4, 0), r"has shape \[4, 0\]: it is empty"),
    ],
    ids=["whole numbers", "one dimension", "no rows", "no columns"],
)
def test_tables_that_are_no_embeddings_are_refused(
    tmp_path: Path, suffix: str, rows: torch.Tensor, message: str
) -> None:
    path = save(tmp_path / f"rows{suffix}", rows)
    with pytest.raises(DataError, match=message):
        open_embedding_file(path, ReadMeter())


@pytest.mark.parametrize("suffix", [".safetensors", ".npy", ".npz", ".pt"])
def test_an_empty_a_missing_and_a_cut_off_file_say_so(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    with pytest.raises(DataError, match="does not exist; check the path"):
        open_embedding_file(path, ReadMeter())
    path.touch()
    with pytest.raises(DataError, match="is empty; expected at least one row"):
        open_embedding_file(path, ReadMeter())
    content = save(path, ROWS).read_bytes()
    path.write_bytes(content[:-50])
    with pytest.raises(DataError, match=r"truncated|damaged|no readable|copy or make it again"):
        read(path)


@pytest.mark.parametrize("suffix", [".safetensors", ".npy"])
def test_a_file_that_shrinks_while_it_is_read_is_an_error_and_no_crash(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path / f"rows{suffix}", ROWS)
    file = open_embedding_file(path, ReadMeter())
    file.rows.read_into(torch.empty(100, 24))
    with path.open("rb+") as handle:
        handle.truncate(path.stat().st_size // 2)
    with pytest.raises(DataError, match=r"bytes too early, in rows 100 to 299; it is truncated or still being written"):
        file.rows.read_into(torch.empty(200, 24))


class Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("code-ran"),))


def test_code_in_a_torch_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"embeddings": Payload()}, "rows.pt")
    with pytest.raises(DataError, match=r"holds more than tensors and was not opened.*save only the tensor"):
        open_embedding_file(Path("rows.pt"), ReadMeter())
    Path("old.pt").write_bytes(pickle.dumps(Payload()))
    with pytest.raises(DataError, match=r"before version 1\.6; save it again"):
        open_embedding_file(Path("old.pt"), ReadMeter())
    assert not Path("code-ran").exists()


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_objects_in_an_array_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.chdir(tmp_path)
    array = np.array([[Payload()]], dtype=object)
    path = tmp_path / f"rows{suffix}"
    np.save(path, array, allow_pickle=True) if suffix == ".npy" else np.savez(path, embeddings=array)
    with pytest.raises(DataError, match="holds Python objects, which could run code"):
        open_embedding_file(path, ReadMeter())
    assert not Path("code-ran").exists()


def header(**entry: Any) -> bytes:
    raw = json.dumps({"embeddings": entry}).encode()
    return len(raw).to_bytes(8, "little") + raw


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"abc", "has 3 bytes, too few for a safetensors file"),
        ((1 << 60).to_bytes(8, "little") + b"{}", "states a header of 1152921504606846976 bytes in a file of 10"),
        ((4).to_bytes(8, "little") + b"nope", "has a header that is not JSON"),
        ((2).to_bytes(8, "little") + b"[]", "has a header that is no JSON object"),
        (header(dtype="F32", shape=[2, 2]), "entry 'embeddings' is malformed"),
        (header(dtype="F32", shape=[2, -2], data_offsets=[0, 16]), "entry 'embeddings' is malformed"),
        (header(dtype="F32", shape=[2, 2], data_offsets=[0, 16]), r"should end at byte \d+, but the file has"),
        (header(dtype="F32", shape=[9, 9], data_offsets=[0, 16]) + bytes(16), r"F32 \[9, 9\] does not fill 16 bytes"),
        (header(dtype="F99", shape=[2, 2], data_offsets=[0, 16]) + bytes(16), "holds F99, expected floats"),
    ],
    ids=["short", "huge header", "no json", "a list", "no offsets", "negative", "past the end", "shape", "type"],
)
def test_a_malicious_safetensors_header_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "rows.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        open_embedding_file(path, ReadMeter())


def test_an_array_that_promises_more_than_there_is_allocates_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", ROWS.numpy())
    content = (tmp_path / "rows.npy").read_bytes().replace(b"(300, 24), }    ", b"(3000000, 24), }")
    (tmp_path / "rows.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"states 3000000 rows of 96 bytes, but ends .* bytes too early"):
        open_embedding_file(tmp_path / "rows.npy", ReadMeter())


def test_a_damaged_archive_is_noticed_by_its_checksum(tmp_path: Path) -> None:
    path = save(tmp_path / "rows.npz", ROWS)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.infolist()[0].header_offset
    content[start + 5000] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataError, match="embeddings is damaged"):
        read(path)


def test_a_folder_and_a_file_of_another_kind_are_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.npy").mkdir()
    with pytest.raises(DataError, match="can't be read"):
        open_embedding_file(tmp_path / "rows.npy", ReadMeter())
    with pytest.raises(DataError, match=r"\.xyz is no kind of embedding file; expected \.safetensors"):
        open_embedding_file(tmp_path / "rows.xyz", ReadMeter())
