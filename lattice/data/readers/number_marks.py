"""How spreadsheets write the numbers of a table: decimal commas, groups of thousands, percents, currencies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lattice.data.missing_marks import is_missing_mark
from lattice.units import plural

_COMMA_NUMBER = r"[-+]?\d+(?:,\d+)?(?:[eE][-+]?\d+)?"
_COMMA_NUMBERS = re.compile(rf"[\[(]?\s*{_COMMA_NUMBER}(?:[\s;|]+{_COMMA_NUMBER})*\s*[\])]?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+")
_SIGNS = "%\u2030$\u20ac\u00a3\u00a5"
_SIGNED = re.compile(rf"[-+]?\s?[{_SIGNS}]?\s?[-+]?\d[\d.,]*\s?[{_SIGNS}]?")
_SIGN = re.compile(rf"\s?[{_SIGNS}]\s?")
_LARGEST_BYTE = 255
_GROUPED = {
    mark: re.compile(rf"[-+]?(?:[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+|\d+)(?:{re.escape(other)}\d+)?")
    for mark, other in ((".", ","), (",", "."))
}
"""Mark between thousands -> numbers with it, or so small that they need none."""


@dataclass(frozen=True)
class NumberMarks:
    """What stands in the numbers of a table and is taken out of them, by the places of their columns."""

    signs: tuple[int, ...] = ()
    """Columns with a sign of percent or of a currency at each number, or some."""
    groups: tuple[tuple[int, str], ...] = ()
    """Columns whose thousands are set apart, each with its mark."""
    decimals: tuple[int, ...] = ()
    """Columns with decimal commas."""

    def undo(self, row: list[str]) -> None:
        """Write a row's numbers as Python does, in place; a field that is no such number stays as it is."""
        for place in self.signs:
            if place < len(row) and _SIGNED.fullmatch(row[place].strip()):
                row[place] = _SIGN.sub("", row[place])
        for place, mark in self.groups:
            if place < len(row) and _GROUPED[mark].fullmatch(row[place].strip()):
                row[place] = row[place].replace(mark, "")
        for place in self.decimals:
            if place < len(row) and _COMMA_NUMBERS.fullmatch(row[place].strip()):
                row[place] = row[place].replace(",", ".")

    def notes(self) -> list[str]:
        """Say what is taken out of the numbers."""
        told = []
        if self.signs:
            told.append(f"the signs at the numbers of {plural(len(self.signs), 'column')} are taken off, as in 12.5%")
        if self.groups:
            mark = self.groups[0][1]
            what = "points" if mark == "." else "commas"
            told.append(f"{what} between the thousands of {plural(len(self.groups), 'column')} are taken out")
        if self.decimals:
            columns = plural(len(self.decimals), "column")
            told.append(f"commas in the numbers of {columns} are taken for decimal points")
        return told


def marks_of(rows: Sequence[list[str]], separator: str) -> NumberMarks:
    """Tell how the numbers of a table are written by its first rows, the header excluded, and write them plainly."""
    signs = NumberMarks(signs=_signed(rows))
    for row in rows:
        signs.undo(row)
    groups = _groups(rows)
    for row in rows:
        NumberMarks(groups=groups).undo(row)
    decimals = _decimal_commas(rows) if separator != "," else tuple(place for place, mark in groups if mark == ".")
    for row in rows:
        NumberMarks(decimals=decimals).undo(row)
    return NumberMarks(signs.signs, groups, decimals)


def _fields(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """Return what a column holds, but for gaps."""
    fields = [row[place].strip() for row in rows if place < len(row)]
    return [field for field in fields if field and not is_missing_mark(field)]


def _signed(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    found = []
    for place in range(max(map(len, rows))):
        fields = _fields(rows, place)
        if any(_SIGN.search(field) for field in fields) and all(map(_SIGNED.fullmatch, fields)):
            found.append(place)
    return tuple(found)


def _groups(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, str], ...]:
    """Return the columns with groups of thousands.

    One mark alone may be a decimal one: only a number with both, such as `1,234.56`, or with two groups, such as
    `1,234,567`, tells which is which, for the whole table. Groups of bytes, as in `192.168.100.101`, tell nothing.
    """
    for mark, pattern in _GROUPED.items():
        other = "," if mark == "." else "."
        found, certain = [], False
        for place in range(max(map(len, rows))):
            fields = _fields(rows, place)
            grouped = [field for field in fields if mark in field]
            if not grouped or not all(map(pattern.fullmatch, fields)):
                continue
            found.append((place, mark))
            certain = certain or any(other in field for field in grouped) or _have_two_groups(grouped, mark)
        if certain:
            return tuple(found)
    return ()


def _have_two_groups(fields: Sequence[str], mark: str) -> bool:
    """Say whether a number has two groups of thousands, and the fields are no addresses or colours."""
    groups = [field.split(mark)[1:] for field in fields]
    return max(map(len, groups)) > 1 and any(int(group) > _LARGEST_BYTE for held in groups for group in held)


def _decimal_commas(rows: Sequence[Sequence[str]]) -> tuple[int, ...]:
    """Return the places of the columns of numbers with decimal commas.

    Groups of three digits may be thousands, unless a number of the table can only have a decimal comma: one table has
    one mark.
    """
    found, certain = [], False
    for place in range(max(map(len, rows))):
        fields = _fields(rows, place)
        commas = [field for field in fields if "," in field]
        if commas and all(map(_COMMA_NUMBERS.fullmatch, fields)):
            found.append(place)
            certain = certain or not all(map(_THOUSANDS.fullmatch, commas))
    return tuple(found) if certain else ()
