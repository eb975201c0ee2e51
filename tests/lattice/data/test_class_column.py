"""Columns of classes beside vectors are categories, whatever they are called, and never the names of the rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lattice.data.columns import choose_columns
from lattice.data.requested_columns import Columns
from tests.lattice.data.layouts import LISTS, TRUTH, arrow_table, lists, parquet, table
from tests.lattice.data.readers.test_layouts import load

ROWS = 24
NUMBERS = np.random.default_rng(2).standard_normal((ROWS, 6))
CLASSES = [row % 3 for row in range(ROWS)]


def rows_of(names: list[str], **others: list[object]) -> list[dict[str, object]]:
    numbers = [dict(zip(names, map(repr, row.tolist()), strict=False)) for row in NUMBERS]
    return [
        {**part, **dict(zip(others, map(str, values), strict=True))}
        for part, values in zip(numbers, zip(*others.values(), strict=True), strict=True)
    ]


X = ["x1", "x2", "x3", "x4"]
MEASURED = ["acid", "sugar", "density", "ph"]


@pytest.mark.parametrize(
    ("names", "others", "label"),
    [
        (X, {"y": CLASSES}, "y"),
        (X, {"y": [0] * ROWS}, "y"),
        (MEASURED, {"quality": CLASSES}, "quality"),
        (MEASURED, {"age": range(21, 21 + ROWS), "Outcome": CLASSES}, "Outcome"),
        (X, {"city": ["Oslo", "Rome"] * (ROWS // 2)}, "city"),
    ],
)
def test_a_class_is_the_category_and_no_name(names: list[str], others: dict[str, list[object]], label: str) -> None:
    choice = choose_columns("a.csv", Columns(), rows_of(names, **others))
    assert choice.vectors is not None
    assert (choice.label, choice.text) == (label, None)
    assert label not in choice.vectors.names
    assert label in choice.guess


@pytest.mark.parametrize("name", ["target", "timestamp", "price"])
def test_numbers_with_fractions_name_no_row(name: str) -> None:
    rows = rows_of([str(place) for place in range(6)], **{name: [1.5 + row / 7 for row in range(ROWS)]})
    choice = choose_columns("a.csv", Columns(), rows)
    assert (choice.text, choice.label, choice.aside) == (None, None, (name,))


def test_numbers_of_rows_still_name_them() -> None:
    choice = choose_columns(
        "a.csv", Columns(), rows_of(X, key=list(range(ROWS)), price=[0.5 * row for row in range(ROWS)])
    )
    assert (choice.text, choice.names) == ("key", True)


def test_a_column_called_y_among_coordinates_is_a_dimension() -> None:
    choice = choose_columns("a.csv", Columns(), rows_of(["x", "y", "z", "w"], key=list(range(ROWS))))
    assert choice.vectors is not None
    assert choice.vectors.width == 4


def test_words_that_repeat_beside_embeddings_are_categories(tmp_path: Path) -> None:
    cities = ["Oslo", "Rome"] * (len(LISTS) // 2)
    dataset, _ = load(parquet(tmp_path / "a.parquet", arrow_table(lists(), city=cities)))
    assert dataset.texts is None
    assert list(dataset.categories or ()) == cities


def test_the_split_does_not_go_by_class(tmp_path: Path) -> None:
    rows = [[*map(repr, row.tolist()[:5]), place % 2] for place, row in enumerate(TRUTH)]
    dataset, _ = load(table(tmp_path / "a.csv", [["x1", "x2", "x3", "x4", "x5", "y"], *rows]))
    assert {dataset.categories[row] for row in dataset.train_indices.tolist()} == {"0", "1"}
