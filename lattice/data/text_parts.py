"""Texts that are written in parts, as messengers and services do: some plain, some in objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def joined_parts(value: Any) -> str | None:
    """Return a list of texts and of objects with a `text`, at least one of these, as one text; None for others."""
    if not isinstance(value, list | tuple) or not any(isinstance(part, Mapping) for part in value):
        return None
    found = [part.get("text") if isinstance(part, Mapping) else part for part in value]
    texts = [text for text in found if isinstance(text, str)]
    return "".join(texts) if texts and all(isinstance(part, Mapping | str) for part in value) else None
