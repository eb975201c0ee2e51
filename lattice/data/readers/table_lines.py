"""What separates the fields of a table's lines, and which lines before it are none of its rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from lattice.data.column_names import KNOWN_NAMES

SEPARATORS = ",;\t|"
NO_SEPARATOR = "\x1f"
"""Stands for none: no text holds it."""
QUOTED = re.compile(r'"(?:[^"]|"")*"')
_STATED_SEPARATOR = re.compile(r"sep=(.)\s*")


def preamble(lines: Sequence[str]) -> tuple[int, str | None]:
    """Return how many lines stand before the table, and the separator where the first one states it, as Excel's do."""
    stated = _STATED_SEPARATOR.fullmatch(lines[0].lstrip("\ufeff"))
    if stated is not None and len(lines) > 1:
        return 1, stated[1]
    comments = sum(1 for _ in itertools.takewhile(lambda line: line.startswith("#"), lines))
    rest = lines[comments:]
    if not comments:
        return _titles(lines), None
    if not rest:
        return 0, None
    mark = separator_of(rest)
    counts = [_bare(line).count(mark) for line in rest if line.strip()]
    if not counts or not min(counts):
        return 0, None
    if _bare(lines[comments - 1]).count(mark) < min(counts):
        return comments, None
    comments -= 1  # it names the columns, or is a row, as those before it are that have as many fields as rows have
    if any(name.strip("# \"'").lower() in KNOWN_NAMES for name in lines[comments].split(mark)):
        return comments, None
    while comments and min(counts) <= _bare(lines[comments - 1]).count(mark) <= max(counts):
        comments -= 1
    return comments, None


def _titles(lines: Sequence[str]) -> int:
    """Return how many lines with a title or nothing in them stand before a line that names columns, as in exports."""
    counts = {mark: [_bare(line).count(mark) for line in lines] for mark in SEPARATORS}
    common = {mark: Counter(filter(None, found)).most_common(1) for mark, found in counts.items()}
    mark = max(SEPARATORS, key=lambda mark: common[mark][0][::-1] if common[mark] else (0, 0))
    if not common[mark]:
        return 0
    width, _ = common[mark][0]
    first = next((place for place, line in enumerate(lines) if len(_given(line, mark)) > 1), 0)
    names = [name.strip(" \"'").lower() for name in lines[first].split(mark)]
    filled = [count for line, count in zip(lines[first:], counts[mark][first:], strict=True) if line.strip()]
    even = set(filled[:-1] or filled) == {width}  # the last line may be a footer
    return first if even and any(name in KNOWN_NAMES for name in names) else 0


def _bare(line: str) -> str:
    """Return a line without what its quotes enclose."""
    return QUOTED.sub("", line)


def _given(line: str, mark: str) -> list[str]:
    """Return a line's fields that hold something."""
    return [field for field in QUOTED.sub("x", line).split(mark) if field.strip()]


def separator_of(lines: Sequence[str]) -> str:
    """Return what separates the fields, the mark that most lines have as often as the first; or `NO_SEPARATOR`."""
    bare = [_bare(line) for line in lines if line.strip()]
    first = bare[0] if bare else ""

    def agreement(mark: str) -> tuple[float, int]:
        count = first.count(mark)
        return (sum(line.count(mark) == count for line in bare) / len(bare) if count else 0.0), count

    if not any(first.count(mark) for mark in SEPARATORS):
        return NO_SEPARATOR
    if all("\t" in line for line in bare):
        return "\t"  # which no text holds by chance; its number may vary where fields are left out
    best = max(SEPARATORS, key=agreement)
    return best if agreement(best)[0] >= 0.5 else max(",;\t", key=first.count)
