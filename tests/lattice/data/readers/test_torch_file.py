"""What belongs to the vectors in a torch file without names is told by what it holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.torch_file import read_parts

VECTORS = torch.arange(96.0).reshape(24, 4)
KINDS = ["setosa"] * 21 + ["virginica"] * 3
SENTENCES = [f"A sentence number {row}." for row in range(24)]
LONG = ["The same sentence in each of the rows, which is much too long to be a category of anything."] * 24


def parts_of(path: Path, value: Any) -> dict[str, list[Any]]:
    torch.save(value, path)
    return read_parts(path, ReadMeter()).lists


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ((KINDS,), {"labels": KINDS}),
        ((SENTENCES, KINDS), {"texts": SENTENCES, "labels": KINDS}),
        ((LONG,), {"texts": LONG}),
        ((KINDS, list(range(24))), {"texts": KINDS, "labels": list(range(24))}),
    ],
    ids=["a class", "texts and a class", "long texts", "a word beside numbers"],
)
def test_words_that_stay_the_same_are_a_category_and_else_texts(
    tmp_path: Path, columns: tuple[list[Any], ...], expected: dict[str, list[Any]]
) -> None:
    rows = list(zip(VECTORS.clone().unbind(), *columns, strict=True))
    assert parts_of(tmp_path / "a.pt", rows) == expected


def test_words_that_stay_the_same_stand_back_behind_labels(tmp_path: Path) -> None:
    found = parts_of(tmp_path / "a.pt", (VECTORS, SENTENCES, KINDS, torch.arange(24)))
    assert found == {"texts": SENTENCES, "ids": KINDS}
