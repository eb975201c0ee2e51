"""Rows of any table as records, column -> value, and what was put right in them on the way.

Shapes: none; values are as the file holds them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from lattice.data.characters import whole_characters
from lattice.data.column_names import NUMBERED, is_vector_name
from lattice.data.readers.backslashes import MISSING
from lattice.data.readers.bounds import check_columns
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.label_marks import unmarked
from lattice.data.readers.streams import lines_of
from lattice.data.readers.typed_values import plain_values
from lattice.data.record_parts import single_parts
from lattice.data.text_parts import joined_parts
from lattice.data.values import is_gap, whole_text
from lattice.errors import DataError

Record: TypeAlias = tuple[int, Mapping[str, Any]]
"""A row of a table with its number, and its values by column."""


SHOWN_BY_PYTHON = ("{'", '{"' + "'", "[{'")
"""What lines begin with that hold objects as Python shows them."""
_AS_PYTHON = "it is an object as Python shows it: write `json.dumps(ast.literal_eval(line))` in its place"
_LISTS = (
    "{where} is a list of {count} lists, such as a vector for each token; expected one vector. Save their means, with "
    "`import json, numpy, pathlib; rows = {load}` and `numpy.save('rows.npy', "
    "numpy.stack([numpy.mean(row, axis=0) for row in rows]).astype('float32'))`"
)
_MOST_LEVELS = 6
"""Objects within objects that are opened, such as the answers of a service."""

_UNSEEN = "\ufeff\u200b\u2060"
"""Characters without width, which a text alone is not made of."""


@dataclass
class Remarks:
    """Rows that were read otherwise than they stand in the file, counted by what was done."""

    _counts: dict[str, int] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, where: str) -> None:
        """Count one row."""
        self._counts[what] = self._counts.get(what, 0) + 1
        self._first.setdefault(what, where)

    def add_all(self, other: Remarks) -> None:
        """Count the rows of another account, which come after the own ones."""
        for what, count in other._counts.items():
            self._counts[what] = self._counts.get(what, 0) + count
            self._first.setdefault(what, other._first[what])

    def sentences(self) -> list[str]:
        """Return one line for each kind of remark."""
        return [
            f"{count:,} row{'s' if count > 1 else ''} with {what} (first: {self._first[what]})"
            for what, count in self._counts.items()
        ]


def json_line_records(path: Path, meter: ReadMeter) -> Iterator[Record]:
    """Yield the objects of a file with one JSON value a line; blank lines are skipped.

    Raises:
        DataError: a line is not JSON, or no record.
    """
    for number, line in lines_of(path, meter):
        if not line.strip():
            continue
        try:
            value = json.loads(line.strip())  # also of the marks of a JSON text sequence
        except (ValueError, RecursionError) as error:
            shown = _AS_PYTHON if line.lstrip().startswith(SHOWN_BY_PYTHON) else "expected one object per line"
            raise DataError(f"{path} line {number} is not JSON ({error}); {shown}") from None
        for record in _records_of(value, f"{path} line {number}"):
            check_columns(f"{path} line {number}", record)
            meter.rows += 1
            yield number, record


def numbered(records: Iterator[Any], meter: ReadMeter, what: str) -> Iterator[Record]:
    """Number values from 1 and make records of them; raises `DataError` for a value that can be none."""
    for number, value in enumerate(records, 1):
        for record in _records_of(value, f"{what} row {number}"):
            meter.rows += 1
            yield number, record


def _records_of(value: Any, where: str) -> Iterator[Mapping[str, Any]]:
    """Yield a value of a JSON file, or what a type is wrapped around, as a record, or as those of its parts."""
    for plain in single_parts(plain_values(value)):
        record = as_record(plain)
        if record is None:
            if isinstance(plain, list) and len(plain) > 1 and all(isinstance(part, list) for part in plain):
                raise DataError(_LISTS.format(where=where, count=len(plain), load=_loading(where)))
            kind = "null" if plain is None else type(plain).__name__
            raise DataError(f"{where} is a JSON {kind}; expected an object or a string")
        yield record


def _loading(where: str) -> str:
    """Return the code that reads all values of the file in which a row or line lies."""
    whole, _, row = where.rpartition(" row ")
    name = Path(whole if row and whole else where.rpartition(" line ")[0]).name
    content = f"pathlib.Path({name!r}).read_text()"
    return f"json.loads({content})" if whole else f"[json.loads(line) for line in {content}.splitlines()]"


def as_record(value: Any) -> Mapping[str, Any] | None:
    """Return one value of a JSON file as a record, None if it can't be one.

    A text becomes the column `text`, a list of numbers the column `embedding`, a list of texts and numbers or vectors,
    or of objects, one numbered column each. What an object holds within objects gets the names of both, as in
    `metadata.text`.
    """
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, Mapping):
        return _flat(value)
    if not isinstance(value, list) or len(value) < 2:
        return None
    if all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        return {"embedding": value}
    if all(isinstance(part, Mapping) for part in value):  # a request, and the answer to it
        return _flat({NUMBERED.format(place): part for place, part in enumerate(value, 1)})
    if any(isinstance(part, Mapping) for part in value):
        return None
    if not any(isinstance(part, str) for part in value) and sum(isinstance(part, list) for part in value) != 1:
        return None
    return {NUMBERED.format(place): part for place, part in enumerate(value, 1)}


def _flat(record: Mapping[str, Any]) -> Mapping[str, Any]:
    if len(record) == 1:
        ((name, only),) = record.items()
        if isinstance(only, list) and len(only) in (2, 3) and all(isinstance(part, str) for part in only):
            return {f"{name} {place}": part for place, part in enumerate(only, 1)}
    if not any(isinstance(value, dict) or _begins_with_object(value) for value in record.values()):
        return record
    flat: dict[str, Any] = {}
    for name, value in record.items():
        _open_value(flat, name, value, _MOST_LEVELS)
    return flat


def _open_value(flat: dict[str, Any], name: str, value: Any, levels: int) -> None:
    """Add what a value holds within objects under the names of all levels; a list of one object is that object."""
    if _is_list_of_objects(value):
        flat[f"{name}.text"] = [part["text"] for part in value]
        return
    turns = _turns(value)
    if turns:
        flat.update({f"{name}.{role}": said for role, said in turns.items()})
        return
    inner = value[0] if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict) else value
    if isinstance(inner, dict) and inner and levels:
        for part, held in inner.items():
            _open_value(flat, f"{name}.{part}", held, levels - 1)
    else:
        flat[name] = value


def _turns(value: Any) -> dict[str, str]:
    """Return what each part of a conversation said first, by role; empty for anything else."""
    if not _begins_with_object(value):
        return {}
    for role, said in (("role", "content"), ("from", "value")):
        if all(isinstance(part, dict) and isinstance(part.get(role), str) for part in value):
            texts = {part[role]: text for part in reversed(value) if (text := _said(part.get(said))) is not None}
            if texts:
                return texts
    return {}


def _said(value: Any) -> str | None:
    """Return what one part of a conversation said, also where it is written in parts; None for anything else."""
    return value if isinstance(value, str) else joined_parts(value)


def _begins_with_object(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_list_of_objects(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, dict) and isinstance(part.get("text"), str) for part in value)
        and not any(is_vector_name(name) for name in value[0])
    )


def cleaned(text: str, where: str, remarks: Remarks) -> str | None:
    """Return a text without white space around it, None if nothing is left; lone surrogates are replaced."""
    text = text.strip().strip(_UNSEEN).strip()
    if text == MISSING:
        return None
    whole = whole_characters(text)
    if whole is not text:
        remarks.add("a lone surrogate, which is no character: U+FFFD stands in its place", where)
    return whole or None


def label_text(value: Any, names: Sequence[str] | None = None) -> str:
    """Return a category as text without the marks of fastText; whole numbers that stand for `names` become those."""
    if is_gap(value):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(label_text(part, names) for part in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, str) and "." in value and (whole := whole_text(value)) is not None:
        value = whole
    if names is not None and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    return unmarked(str(value)).strip()
