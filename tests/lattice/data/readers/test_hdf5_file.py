"""HDF5 files, where the library h5py is installed; without it, a line that says how to get it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import EmbeddingDataset, UnifiedDatasetLoader, table
from lattice.errors import DataError
from tests.lattice.data.layouts import TEXTS, TRUTH


def load(path: Path, **settings: Any) -> EmbeddingDataset:
    return UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(**settings)).load()


def write(path: Path, **parts: Any) -> Path:
    h5py = pytest.importorskip("h5py", reason="the extra hdf5 is not installed")
    with h5py.File(path, "w") as file:
        for name, part in parts.items():
            file[name.replace("__", "/")] = part
    return path


def test_without_the_library_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    (tmp_path / "a.hdf5").write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(
        DataError, match=r"the library h5py is missing; install it with `pip install 'cellcube\[hdf5\]'`"
    ):
        load(tmp_path / "a.hdf5")


@pytest.mark.parametrize("kind", ["<f2", "<f4", ">f4", "<f8"])
def test_rows_and_texts_are_read(tmp_path: Path, kind: str) -> None:
    dataset = load(write(tmp_path / "a.h5", embeddings=TRUTH.astype(kind), texts=TEXTS, other=np.ones(3)))
    expected = torch.from_numpy(TRUTH.astype(kind).astype(np.dtype(kind).newbyteorder("=")))
    assert torch.equal(dataset.embeddings, expected.float() if kind == "<f8" else expected)
    assert dataset.texts == TEXTS


def test_the_vectors_of_a_benchmark_are_those_that_are_searched(tmp_path: Path) -> None:
    neighbours = np.zeros((4, 10), np.int32)
    path = write(tmp_path / "a.hdf5", train=TRUTH, test=TRUTH[:4], neighbors=neighbours, distances=np.ones((4, 10)))
    assert torch.equal(load(path).embeddings, torch.from_numpy(TRUTH))
    assert torch.equal(load(path, table="test").embeddings, torch.from_numpy(TRUTH[:4]))


def test_a_table_in_a_group_is_chosen_by_its_path(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", one__rows=-TRUTH, two__rows=TRUTH)
    with pytest.raises(DataError, match=r"holds 'one/rows', 'two/rows'.*--table NAME"):
        load(path)
    assert torch.equal(load(path, table="two/rows").embeddings, torch.from_numpy(TRUTH))


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", embeddings=TRUTH)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"a\.h5 is no readable HDF5 file"):
        load(path)


def test_texts_and_labels_in_the_tables_own_group_belong_to_it(tmp_path: Path) -> None:
    kinds = np.arange(len(TRUTH)) % 3
    path = write(tmp_path / "a.h5", train__emb=TRUTH, train__sentence=TEXTS, train__label=kinds, test__emb=-TRUTH)
    dataset = load(path, table="train/emb")
    assert list(dataset.texts or ()) == TEXTS
    assert list(dataset.categories or ()) == list(map(str, kinds))
    assert load(path, table="test/emb").texts is None


def test_two_long_signals_are_refused_before_they_are_read(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="the extra hdf5 is not installed")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("left", "right"):
            file.create_dataset(name, (1 << 40,), "f4", chunks=(1024,))  # takes no room until it is written
    with pytest.raises(DataError, match=r"a\.h5 has shape \[2, 1099511627776\], expected at most"):
        load(tmp_path / "a.h5")


@pytest.mark.parametrize("shape", [(1, 16, 12), (16, 1, 12), (1, 1, 16, 12), (16, 12, 1)])
def test_sides_of_1_are_left_out(tmp_path: Path, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PIECE_BYTES", 5 * TRUTH[0].nbytes)
    dataset = load(write(tmp_path / "a.h5", mine=TRUTH.reshape(shape), other=np.ones((2, 3, 4), np.float32)))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))


def test_vectors_by_name_are_rows(tmp_path: Path) -> None:
    names = [f"P{row:05d}" for row in range(len(TRUTH))]
    dataset = load(write(tmp_path / "per-protein.h5", **dict(zip(names, TRUTH, strict=True))))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH))
    assert list(dataset.texts or ()) == names


def test_a_group_for_each_vector_names_it(tmp_path: Path) -> None:
    names = [f"P{row:05d}" for row in range(len(TRUTH))]
    dataset = load(write(tmp_path / "a.h5", **{f"{n}__emb": row for n, row in zip(names, TRUTH, strict=True)}))
    assert list(dataset.texts or ()) == names


def test_texts_alone_are_refused_with_the_line_that_writes_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a\.h5 holds the texts 'sentences' and no vectors.*\['sentences'\]\.asstr"):
        load(write(tmp_path / "a.h5", sentences=[text.encode() for text in TEXTS]))
