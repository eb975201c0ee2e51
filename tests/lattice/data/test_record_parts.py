"""Records that list objects with vectors are one record for each of them."""

from __future__ import annotations

from typing import Any

import pytest

from lattice.data.record_parts import lists_vectors, single_parts

VECTOR = [0.5, 1.5, 2.5]
PART = {"text": "a", "embedding": VECTOR}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"id": 1, "parts": [PART, PART]}, [{"id": 1, "parts": [PART]}] * 2),
        ({"a": {"b": [PART, PART]}, "c": 2}, [{"a": {"b": [PART]}, "c": 2}] * 2),
        ({"data": [{"out": {"vector": VECTOR}}] * 3}, [{"data": [{"out": {"vector": VECTOR}}]}] * 3),
        ({"embedding": VECTOR, "parts": [PART, PART]}, None),
        ({"doc": {"parts": [PART, PART], "sentence_vector": VECTOR}}, None),
        ({"embedding": [], "parts": [PART, PART]}, [{"embedding": [], "parts": [PART]}] * 2),
        ({"parts": [PART]}, None),
        ({"parts": [{"text": "a"}, {"text": "b"}]}, None),
        ({"parts": [PART, "b"]}, None),
        ({"parts": [{"embedding": [0.5]}] * 2}, None),
        ({"vectors": [VECTOR, VECTOR]}, None),
        ([PART, PART], None),
        ("a text", None),
    ],
)
def test_each_part_is_a_record_of_its_own(value: Any, expected: list[Any] | None) -> None:
    assert single_parts(value) == (expected or [value])


def test_lists_of_objects_with_vectors_are_told() -> None:
    assert lists_vectors([PART, PART])
    assert not lists_vectors([PART])
    assert not lists_vectors([{"text": "a"}] * 2)
