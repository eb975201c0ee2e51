"""Which records one JSON object holds: vectors by id beside lists, and a single record with lists in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lattice.data.readers.json_object import records_in_object

VECTORS = {"a": [0.5, 1.0], "b": [1.5, 2.0], "c": [2.5, 3.0]}
BY_ID = [{"id": name, "embedding": vector} for name, vector in VECTORS.items()]


def read(whole: dict[str, Any]) -> tuple[list[Any], list[str]]:
    notes: list[str] = []
    return list(records_in_object(Path("a.json"), whole, None, notes)), notes


@pytest.mark.parametrize(
    "beside",
    [
        {"words": ["a", "b", "c"], "counts": [3, 2, 1], "shape": [3, 2]},
        {"words": ["a", "b", "c"], "counts": [3, 2, 1]},
        {"words": ["x"]},
        {"words": ["x", "y"], "shape": [3, 2]},
    ],
)
def test_vectors_by_id_are_read_whatever_lists_lie_beside_them(beside: dict[str, Any]) -> None:
    for whole in ({**beside, "vectors": VECTORS}, {"vectors": VECTORS, **beside}):
        assert read(whole) == (BY_ID, ["a.json: took the list 'vectors', and left aside 'words'"])


@pytest.mark.parametrize("tags", [["x"], ["x", "y"], ["x", "y", "z", "x"]])
@pytest.mark.parametrize("name", ["embedding", "sentence_vector"])
def test_a_record_with_a_vector_of_its_own_is_one_whatever_lists_lie_in_it(name: str, tags: list[str]) -> None:
    whole = {"id": "1", "text": "one", name: [0.5, 1.0, 1.5], "metadata": {"tags": tags}}
    assert read(whole) == ([whole], [])


def test_columns_and_the_vectors_of_an_answer_are_no_single_record() -> None:
    columns = {"text": ["one", "two"], "values": [1, 2]}
    assert read(columns)[0] == [{"text": "one", "values": 1}, {"text": "two", "values": 2}]
    answer = {"query_vector": [0.5, 1.0], "hits": BY_ID}
    assert read(answer)[0] == BY_ID
