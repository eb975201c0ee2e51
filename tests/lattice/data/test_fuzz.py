"""Thousands of damaged files through every reader: each is loaded or refused, none crashes, hangs or runs code."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import save_file

from lattice.data.readers import embedding_file
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.tensor_file import open_embedding_file
from lattice.data.readers.text_file import open_text_file
from lattice.data.texts import PackedTexts
from lattice.errors import DataError
from lattice.formats import TEXT_ENDINGS
from tests.lattice.data.each_file import each_file

MUTATIONS = 300
"""Damaged copies per kind of file; nine kinds make 2,700."""
KINDS = (".safetensors", ".npy", ".npz", ".pt", ".txt", ".jsonl", ".csv", ".tsv", ".parquet")


class Payload:
    """Leaves a file behind when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("code-ran"),))


def sample(folder: Path, suffix: str) -> list[bytes]:
    """Return small valid files of a kind, and for pickles one with code in it."""
    rows = torch.randn(6, 5, generator=torch.Generator().manual_seed(0))
    path = folder / f"seed{suffix}"
    found = []
    if suffix == ".safetensors":
        packed = PackedTexts.pack([f"text {i}" for i in range(6)])
        texts = {"texts.utf8": torch.from_numpy(packed.utf8.copy()), "texts.ends": torch.from_numpy(packed.ends)}
        save_file({"embeddings": rows, "partners": rows.clone(), **texts}, path)
    elif suffix == ".npy":
        np.save(path, np.array([[Payload()]], dtype=object), allow_pickle=True)
        found.append(path.read_bytes())
        np.save(path, rows.numpy())
    elif suffix == ".npz":
        np.savez(path, embeddings=rows.numpy())
        found.append(path.read_bytes())
        np.savez_compressed(path, embeddings=rows.numpy(), partners=rows.numpy())
    elif suffix == ".pt":
        torch.save({"embeddings": Payload()}, path)
        found.append(path.read_bytes())
        torch.save({"embeddings": rows, "names": ["a", "b"]}, path)
    elif suffix == ".parquet":
        columns = {"text": ["one", None, "three"] * 4, "id": list(range(12))}
        pq.write_table(pa.table(columns), path, compression="none")
        found.append(path.read_bytes())
        pq.write_table(pa.table(columns), path, compression="snappy", use_dictionary=False)
    elif suffix == ".jsonl":
        path.write_text("".join(json.dumps({"text": f"wört {i}", "id": i}) + "\n" for i in range(8)))
    elif suffix == ".txt":
        path.write_text("one\ntwo\n\nthrée\n")
    else:
        separator = "\t" if suffix == ".tsv" else ","
        path.write_text("".join(separator.join((f"{i}", f'"wört {i}"', "x")) + "\n" for i in range(8)))
    return [*found, path.read_bytes()]


def mutate(content: bytes, chance: random.Random) -> bytes:
    """Return a damaged copy: bits flipped, bytes overwritten, cut, repeated, inserted, or numbers made extreme."""
    data = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if not data:
            break
        at = chance.randrange(len(data))
        kind = chance.randrange(7)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 0xFF, 0x7F, 0x80, 0x0A, 0x22))
        elif kind == 2:
            del data[at:]
        elif kind == 3:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 4:
            data[at:at] = data[at : at + chance.randrange(1, 60)]
        elif kind == 5:
            data[at : at + 8] = chance.choice((b"\xff" * 8, bytes(8), (1 << 62).to_bytes(8, "little")))
        else:
            digits = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
            if digits:
                data[chance.choice(digits)] = chance.choice(b"0123456789-")
    return bytes(data)


def read_all(path: Path) -> None:
    """Read a file as the loader does, to its last row."""
    if path.suffix in TEXT_ENDINGS:
        for _ in open_text_file(path, ReadRequest()).rows:
            pass
        return
    file = open_embedding_file(path, ReadMeter())
    try:
        for reader in (file.rows, file.partners):
            if reader is not None and reader.layout.count * reader.layout.row_bytes <= 1 << 24:
                reader.read_into(torch.empty(reader.layout.shape, dtype=reader.layout.dtype))
        for name in (embedding_file.TEXTS, embedding_file.PARTNER_TEXTS):
            list(file.texts(name, 1 << 20) or ())
    finally:
        file.close()


def damaged(folder: Path, suffix: str) -> Iterator[bytes]:
    seeds = sample(folder, suffix)
    chance = random.Random(f"cellcube {suffix}")
    for turn in range(MUTATIONS):
        yield mutate(seeds[turn % len(seeds)], chance)


@pytest.mark.parametrize("suffix", KINDS)
def test_damaged_files_are_loaded_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / f"damaged{suffix}"
    refused = unnamed = 0
    for number, content in enumerate(damaged(tmp_path, suffix), 1):
        path.write_bytes(content)
        try:
            with each_file(suffix, number), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # numpy and zipfile warn about some kinds of damage
                read_all(path)
        except DataError as error:
            refused += path.name in str(error)
            unnamed += path.name not in str(error)
    assert not (tmp_path / "code-ran").exists()
    assert unnamed == 0, "every message names the file"
    assert refused > (0 if suffix in {".txt", ".tsv"} else MUTATIONS // 10)
