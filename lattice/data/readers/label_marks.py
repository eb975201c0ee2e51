"""The mark `__label__` that fastText puts before each category of a text."""

from __future__ import annotations

import re

LABEL = "__label__"
LABELS = re.compile(rf"\s*(?:{LABEL}\S+(?:\s+|$))+")
"""Before a text that fastText is to learn from, or with none behind them."""
_ALONE = re.compile(rf"\s*{LABEL}\S+(?:[\s,;|]+{LABEL}\S+)*\s*")


def unmarked(marks: str) -> str:
    """Return the categories of a run of marks, with a comma between several; any other text as it is."""
    if not marks.lstrip().startswith(LABEL) or _ALONE.fullmatch(marks) is None:
        return marks
    return ", ".join(re.split(r"[\s,;|]+", marks.replace(LABEL, "").strip()))
