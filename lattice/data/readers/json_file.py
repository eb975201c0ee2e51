"""Records of a `.json` file: a list, objects one after the other, or one object that holds columns, tables or rows."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lattice.data.readers.content import refuse_other_content
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.encodings import as_utf8, head_of
from lattice.data.readers.json_object import records_in_object
from lattice.data.readers.records import Record, numbered
from lattice.data.readers.streams import open_stream
from lattice.errors import DataError
from lattice.limits import MAX_JSON_VALUE_CHARACTERS

_PIECE = 1 << 16
_BLANKS = " \t\r\n\x1e"
"""Also the mark before each record of a JSON text sequence."""


def json_records(path: Path, meter: ReadMeter, table: str | None, notes: list[str]) -> Iterator[Record]:
    """Yield the records of a `.json` file, no further than they are requested where the file is a list.

    Args:
        path: the file.
        meter: counts bytes and rows.
        table: which part of an object is read, where it holds several lists.
        notes: gets in words how the records were found.

    Raises:
        DataError: it is not JSON, or holds no records.
    """
    values = _values(path, meter)
    first = next(values, None)
    if first is None:
        raise DataError(f"{path} holds no rows; expected at least one")
    is_item, value = first
    if not is_item and isinstance(value, dict):
        second = next(values, None)
        if second is None:
            yield from numbered(records_in_object(path, value, table, notes), meter, str(path))
            return
        values = _chained([second], values)
    yield from numbered((value for _, value in _chained([first], values)), meter, str(path))


def _chained(head: list[tuple[bool, Any]], rest: Iterator[tuple[bool, Any]]) -> Iterator[tuple[bool, Any]]:
    yield from head
    yield from rest


def _values(path: Path, meter: ReadMeter) -> Iterator[tuple[bool, Any]]:
    """Yield (is an item of a list, value) for the items of a list, or for values one after the other."""
    with open_stream(path, meter) as stream:
        refuse_other_content(path, head_of(stream))
        text = io.TextIOWrapper(as_utf8(stream), encoding="utf-8-sig")
        buffer = _Buffer(path, text)
        try:
            is_list = buffer.peek() == "["
            if is_list:
                buffer.at += 1
            while True:
                mark = buffer.peek()
                if is_list and mark == "]":
                    buffer.at += 1
                    mark = buffer.peek()
                    if not mark:
                        return
                    if mark != "[":
                        raise DataError(
                            f"{path} goes on behind its list with {buffer.held[buffer.at : buffer.at + 40]!r}; "
                            "expected one list, or lists one after the other"
                        )
                    buffer.at += 1  # files that were put together
                    continue
                if not mark:
                    if is_list:
                        raise DataError(f"{path} ends within its list; it is truncated. Copy or make it again")
                    return
                yield is_list, buffer.value()
                if buffer.peek() == ",":
                    buffer.at += 1
        except UnicodeDecodeError as error:
            raise DataError(f"{path}, byte {error.start + 1} of a piece: not UTF-8; save it as UTF-8") from None
        finally:
            text.detach()


class _Buffer:
    """The text of a file from the value that is read on."""

    def __init__(self, path: Path, text: io.TextIOWrapper) -> None:
        self.path, self.text, self.held, self.at, self.ended = path, text, "", 0, False
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Skip blanks and return the next character, empty at the end of the file."""
        while True:
            while self.at < len(self.held) and self.held[self.at] in _BLANKS:
                self.at += 1
            if self.at < len(self.held):
                return self.held[self.at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """Return the next value; more is read until it is whole."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self.held, self.at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._more():
                    where = getattr(error, "pos", self.at)
                    what = f"{error} near {self.held[where : where + 40]!r}"
                    raise DataError(f"{self.path} is not JSON ({what}); expected a list of objects") from None
                continue
            # A number at the end of what was read may go on.
            if end < len(self.held) or not self._more():
                self.at = end
                return value

    def _more(self) -> bool:
        """Read as much again as is held; return whether there was any."""
        if self.ended:
            return False
        self.held, self.at = self.held[self.at :], 0
        if len(self.held) > MAX_JSON_VALUE_CHARACTERS:
            raise DataError(
                f"{self.path} holds a value of more than {MAX_JSON_VALUE_CHARACTERS:,} characters; "
                "write one object per line into a .jsonl file"
            )
        piece = self.text.read(max(_PIECE, len(self.held)))
        self.held += piece
        self.ended = not piece
        return bool(piece)
