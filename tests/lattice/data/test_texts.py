"""Packed texts behave like a list."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from lattice.data.texts import PackedTexts


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
