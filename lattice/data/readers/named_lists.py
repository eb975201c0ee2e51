"""Lines of JSON lists whose first one names the columns, with or without their types on the next line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from lattice.data.column_names import KNOWN_NAMES, NUMBERED
from lattice.data.readers.footers import are_types
from lattice.data.readers.records import Record


def with_names(records: Iterator[Record], notes: list[str], name: str) -> Iterator[Record]:
    """Return records of lists under the names that the first list gives, where it does; all others as they are.

    Args:
        records: rows as `json_line_records` yields them, a list with numbered columns.
        notes: gets in words what was done.
        name: the file, for these.
    """
    head = list(islice(records, 3))
    if len(head) < 2 or not _are_names(head[0][1], head[1][1]):
        return chain(head, records)
    titles = [str(title) for title in head[0][1].values()]
    first = 2 if are_types([str(value) for value in head[1][1].values()]) else 1
    notes.append(f"{name}: took the columns' names from its first line")
    rest = enumerate(chain((record for _, record in head[first:]), (record for _, record in records)), 1)
    return ((number, dict(zip(titles, record.values(), strict=False))) for number, record in rest)


def _are_names(first: object, second: object) -> bool:
    if not isinstance(first, dict) or not isinstance(second, dict) or list(first) != list(second):
        return False
    numbered = list(first) == [NUMBERED.format(place) for place in range(1, len(first) + 1)]
    words = [value for value in first.values() if isinstance(value, str) and value.strip()]
    unique = len(words) == len(first) == len(set(words))
    return numbered and unique and any(word.lower() in KNOWN_NAMES for word in words)
