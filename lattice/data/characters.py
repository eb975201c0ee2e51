"""Texts whose characters can all be written: a lone half of a surrogate pair can't be."""

from __future__ import annotations


def whole_characters(text: str) -> str:
    """Return the text itself, or a copy in which U+FFFD stands for every lone surrogate."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
