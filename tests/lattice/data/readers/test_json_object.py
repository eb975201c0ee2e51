"""Which records one JSON object holds: vectors by id beside lists, and a single record with lists in it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.embedding_file import EmbeddingFile
from lattice.data.readers.json_file import json_records
from lattice.data.readers.json_object import records_in_object
from lattice.data.readers.text_file import open_text_file
from lattice.errors import DataError
from tests.lattice.data.layouts import whole_json

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


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ([2, 0, 1], [1, 2, 0]),
        ([2, 3, 1], [2, 0, 1]),
        ([9, 4, 7], [0, 1, 2]),
        ([2, 0, 3], [0, 1, 2]),
        ([1, 0, 1], [0, 1, 2]),
        ([2, None, 1], [0, 1, 2]),
        ([True, False, 2], [0, 1, 2]),
    ],
)
def test_answers_are_put_in_order_only_where_their_numbers_count_them(numbers: list[Any], order: list[int]) -> None:
    answers = [{"index": number, "embedding": [place, 0.5]} for place, number in enumerate(numbers)]
    whole = {"input": ["one", "two", "three"], "data": answers}
    pairs = [(record["input"], record["data"]["embedding"][0]) for record in read(whole)[0]]
    assert pairs == list(zip(whole["input"], order, strict=True))


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"L": ["a text", "another"]}, [{"L": "a text"}, {"L": "another"}]),
        ({"S": "a text"}, [{"text": "a text"}]),
        ({"text": {"S": "a text"}}, [{"text": "a text"}]),
        ({"NULL": True}, r"a\.json row 1 is a JSON null; expected an object or a string"),
        ({"N": "5"}, r"a\.json row 1 is a JSON int; expected an object or a string"),
        ({"columns": ["text"], "data": [["a text"], 6]}, r"a\.json: row 2 of 'data' is no list"),
        ({"columns": ["text"], "data": []}, r"a\.json holds no rows"),
    ],
)
def test_any_object_at_the_top_gives_records_or_one_line_that_says_why_not(
    tmp_path: Path, whole: dict[str, Any], expected: list[Any] | str
) -> None:
    path = whole_json(tmp_path / "a.json", whole)
    if isinstance(expected, str):
        with pytest.raises(DataError, match=expected):
            open_text_file(path, ReadRequest())
    else:
        assert [record for _, record in json_records(path, ReadMeter(), None, [])] == expected


NAMES = st.sampled_from(["L", "S", "N", "NULL", "M", "arrayValue", "mapValue", "columns", "data", "meta", "rows", "f",
                         "name", "paragraphs", "qas", "text", "embedding", "0", "v"])  # fmt: skip
LEAVES = st.sampled_from(["a text", "5", "", None, True, 3, 2.5, [], {}, [0.5, 1.5], "0.1 0.2"])


@given(st.recursive(LEAVES, lambda held: st.lists(held, max_size=3) | st.dictionaries(NAMES, held, max_size=3)))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_json_value_whatsoever_is_more_than_an_error_in_one_line(tmp_path: Path, value: Any) -> None:
    path = whole_json(tmp_path / "a.json", value)
    with contextlib.suppress(DataError):
        opened = open_text_file(path, ReadRequest())
        assert isinstance(opened, EmbeddingFile) or list(opened.rows)
