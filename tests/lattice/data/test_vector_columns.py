"""A few numbers that tell a place are vectors only where nothing else can be learned from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from lattice.data.vector_columns import vector_candidates
from tests.lattice.data.advice import load, refusal_of
from tests.lattice.data.layouts import COUNT, TRUTH, jsonl

PLACE = [0.5, 1.5, 2.5]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"id": 1, "position": PLACE}, ["position"]),
        ({"image_id": 1, "label": 2, "score": 0.5, "meta.bbox": PLACE}, ["meta.bbox"]),
        ({"id": 1, "position": PLACE, "speed": PLACE[:2]}, ["speed"]),
        ({"id": 1, "position": PLACE, "embedding": PLACE}, ["embedding"]),
        ({"id": 1, "position": PLACE, "area": 2.5}, []),
        ({"id": 1, "position": PLACE * 3, "area": 2.5}, ["position"]),
    ],
)
def test_places_are_vectors_only_where_there_is_nothing_else(row: dict[str, Any], expected: list[str]) -> None:
    found = vector_candidates(list(row), [row] * 3, least=2)
    assert [name for part in found for name in part.names] == expected
    assert not [part for part in vector_candidates(list(row), [row] * 3) if part.width < 8 and not part.named]


def test_places_alone_are_read_and_others_are_read_as_the_message_says(tmp_path: Path) -> None:
    rows = [{"id": row, "position": place[:3].tolist()} for row, place in enumerate(TRUTH)]
    dataset = load(jsonl(tmp_path / "a.jsonl", rows))
    assert torch.equal(dataset.embeddings, torch.from_numpy(TRUTH[:, :3]))
    boxes = jsonl(tmp_path / "b.jsonl", [{**row, "area": 1.5} for row in rows])
    words = "Where column 'position' holds vectors, and no places or sizes, name it with --vector-column"
    assert refusal_of(boxes).endswith(words)
    assert load(boxes, vector_column="position").embeddings.shape == (COUNT, 3)
