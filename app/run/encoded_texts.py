"""The answer to a request to encode a file of texts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EncodedTexts:
    """What became of an `EncodeTexts`."""

    kept: int
    """Texts that were encoded."""
    dropped: int
    """Rows without a text, which were left out."""
    teacher: str
    """For people: name, width and pooling."""
