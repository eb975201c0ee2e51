"""Characters that can't be written are replaced, and no other."""

from __future__ import annotations

import pytest

from lattice.data.characters import whole_characters


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("cats", "cats"),
        ("\u00e9\u4e2d\U0001f600", "\u00e9\u4e2d\U0001f600"),
        ("a\ud800b", "a\ufffdb"),
        ("\udfff", "\ufffd"),
    ],
)
def test_halves_of_characters_are_replaced(text: str, whole: str) -> None:
    assert whole_characters(text) == whole
