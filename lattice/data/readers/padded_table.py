"""Tables whose columns are padded with blanks to one width, as pandas and old programs print them."""

from __future__ import annotations

from collections.abc import Sequence

from lattice.data.column_names import KNOWN_NAMES

_LEAST_LINES = 4
_MOST_NAME_WORDS = 3


def is_padded(filled: Sequence[str]) -> bool:
    """Say whether lines, none of them blank, are such a table: each run of columns has one name in the first line.

    What lies between two columns is blank in all lines; one name at least is a known one, and texts have no such gaps.
    """
    first = filled[0].rstrip()
    if len(filled) < _LEAST_LINES or "  " not in first.strip() or any("\t" in line for line in filled):
        return False
    width = max(map(len, filled))
    blank = [all(line[place : place + 1] in ("", " ") for line in filled) for place in range(width)]
    names, begin = [], 0
    for place in range(width + 1):
        if place == width or blank[place]:
            if place > begin:
                names.append(first[begin:place].strip())
            begin = place + 1
    if len(names) < 2 or not all(names[1:]) or any(len(name.split()) > _MOST_NAME_WORDS for name in names):
        return False
    return any(name.lower() in KNOWN_NAMES for name in names)
