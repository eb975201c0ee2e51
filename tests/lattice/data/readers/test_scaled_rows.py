"""A scale belongs to the table after which it is called, or to any if it is called after none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lattice.data.readers.scaled_rows import scaled, scales_of
from tests.lattice.data.advice import load, refusal_of
from tests.lattice.data.layouts import TRUTH, archive

BYTES = np.clip(np.round(TRUTH * 40), -127, 127).astype(np.int8)
FLOATS = BYTES.astype(np.float32)


@pytest.mark.parametrize(
    ("table", "beside", "expected"),
    [
        ("doc", ["query_scale", "doc_scale"], ["doc_scale"]),
        ("doc", ["query_scale"], []),
        ("doc", ["scale", "doc_scale"], ["doc_scale"]),
        ("doc", ["scale", "query_scale"], ["scale"]),
        ("doc_emb", ["query_scale", "query_minimum", "doc_scale", "doc_minimum"], ["doc_scale", "doc_minimum"]),
        ("embeddings", ["embedding_scale_factor", "doc_offsets"], ["embedding_scale_factor"]),
        ("emb", ["emb_Scale", "zero_point"], ["emb_Scale", "zero_point"]),
        ("emb", ["ranges", "doc_scale"], ["ranges"]),
        ("emb", ["ranges", "scale"], ["scale"]),
        ("emb", ["offset"], []),
        ("scale", ["scale"], []),
    ],
)
def test_words_before_a_scale_are_those_of_its_table(table: str, beside: list[str], expected: list[str]) -> None:
    assert scales_of(table, [table, *beside]) == expected


@pytest.mark.parametrize(
    ("offset", "expected"),
    [("minimum", FLOATS * 0.5 - 1), ("emb_Minimum", FLOATS * 0.5 - 1), ("emb_zero_point", (FLOATS + 1) * 0.5)],
)
def test_a_minimum_is_added_and_a_zero_point_taken_off_before(offset: str, expected: np.ndarray) -> None:
    beside = {"emb_scale": lambda: np.float32(0.5), offset: lambda: np.float32(-1)}
    rows_SD = scaled(Path("a.npz"), "emb", BYTES, beside)
    assert rows_SD is not None
    assert np.array_equal(rows_SD, expected)
    assert scaled(Path("a.npz"), "emb", BYTES, {}) is None


def test_the_scale_of_another_table_is_left_aside(tmp_path: Path) -> None:
    scales = {"query_scale": np.float32(0.5), "query_offsets": np.arange(5)}
    dataset = load(archive(tmp_path / "a.npz", emb=BYTES, **scales, emb_scale=np.float32(0.25)))
    assert np.array_equal(dataset.embeddings.numpy(), FLOATS / 4)
    assert dataset.report is not None
    assert dataset.report.left_aside == ["a.npz: left aside 'query_scale', 'query_offsets'"]
    assert "no scale lies beside them" in refusal_of(archive(tmp_path / "b.npz", emb=BYTES, **scales))
