"""Files of one vector: no more is read than tells whether a file is one, and tables in it are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lattice.data.readers.counted import ReadMeter
from lattice.data.sources.vector_files import hold_one_each
from lattice.data.sources.vector_reader import VectorReader
from lattice.errors import DataError
from tests.lattice.data.layouts import TRUTH
from tests.lattice.data.readers.test_layouts import load


def test_of_a_table_only_the_header_is_read(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((1 << 12, 64), np.float32))
    meter = ReadMeter()
    assert VectorReader(meter, None).read(tmp_path / "a.npy") == (None, "", "")
    assert meter.bytes <= 1 << 14


def test_a_vector_longer_than_the_first_bytes_is_read_whole_or_refused(tmp_path: Path) -> None:
    long = np.arange(1 << 14, dtype=">f8")
    np.save(tmp_path / "a.npy", long)
    vector = VectorReader(ReadMeter(), None).read(tmp_path / "a.npy")[0]
    assert vector is not None
    assert np.array_equal(vector, long)
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-8])
    with pytest.raises(DataError, match=r"a\.npy ends within its vector of 16384 numbers; it is truncated"):
        VectorReader(ReadMeter(), None).read(tmp_path / "a.npy")


def test_whole_numbers_beside_their_scale_are_a_table(tmp_path: Path) -> None:
    scale = np.abs(TRUTH).max(axis=0) / 127
    for number in range(2):
        rows = np.round(TRUTH[number::2] / scale).astype(np.int8)
        np.savez(tmp_path / f"part-{number}.npz", embeddings=rows, scale=scale.astype(np.float32))
    assert not hold_one_each(sorted(tmp_path.iterdir()))
    assert load(tmp_path)[0].embeddings.shape == TRUTH.shape
