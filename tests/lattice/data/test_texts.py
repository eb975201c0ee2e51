"""Packed texts behave like a list."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from lattice.data.hashing import text_hashes
from lattice.data.texts import PackedTexts, joined_texts


@given(st.lists(st.text(st.characters(codec="utf-8"))))
def test_packed_texts_equal_the_list_they_were_made_of(texts: list[str]) -> None:
    packed = PackedTexts.pack(texts)
    assert list(packed) == texts
    for run in (slice(1, -1, 2), slice(1, -1), slice(2, 100), slice(-3, None), slice(3, 1), slice(None, None, -1)):
        assert packed[run] == texts[run]
    if texts:
        assert packed[-1] == texts[-1]
    with pytest.raises(IndexError):
        packed[len(texts)]
    assert len(packed) == len(texts)


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8"))), min_size=1), st.data())
def test_joined_and_taken_texts_are_those_of_the_lists(parts: list[list[str]], data: st.DataObject) -> None:
    whole = [text for part in parts for text in part]
    joined = joined_texts([PackedTexts.pack(part) for part in parts])
    assert isinstance(joined, PackedTexts)
    assert list(joined) == whole
    assert list(joined_texts([PackedTexts.pack(parts[0]), *parts[1:]])) == whole
    rows = data.draw(st.lists(st.integers(0, len(whole) - 1))) if whole else []
    assert list(joined.take(np.array(rows, dtype=np.int64))) == [whole[row] for row in rows]


def test_known_hashes_stay_with_their_texts() -> None:
    parts = [PackedTexts.pack(["a", "b"]), PackedTexts.pack(["c", "", "d"])]
    for part in parts:
        text_hashes(part)
    joined = PackedTexts.joined(parts)
    assert joined.hashes is not None
    assert joined.hashes.tolist() == text_hashes(["a", "b", "c", "", "d"]).tolist()
    taken = joined.take(np.array([4, 0]))
    assert taken.hashes is not None
    assert taken.hashes.tolist() == text_hashes(["d", "a"]).tolist()


def test_texts_of_which_some_have_no_hash_are_hashed_again() -> None:
    first, second = PackedTexts.pack(["a"]), PackedTexts.pack(["b"])
    text_hashes(first)
    joined = PackedTexts.joined([first, second])
    assert joined.hashes is None
    assert text_hashes(joined).tolist() == text_hashes(["a", "b"]).tolist()
