"""Articles as WikiExtractor writes them: `<doc id="12" url="..." title="...">`, the title, the text, `</doc>`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.records import Record
from lattice.errors import DataError

_BEGIN = re.compile(r"\s*<doc\s+(.*)>\s*")
_END = re.compile(r"\s*</doc>\s*")
_NOTED = re.compile(r'(\w+)="(.*?)"(?=\s+\w+="|\s*$)')
"""Quotes may stand in a title as they are."""


def is_extract(lines: Sequence[str]) -> bool:
    """Say whether a file's first line that is not blank begins an article."""
    first = next(filter(str.strip, lines), "")
    return _BEGIN.fullmatch(first.rstrip("\r")) is not None


def extract_records(path: Path, lines: Iterable[tuple[int, str]], meter: ReadMeter) -> Iterator[Record]:
    """Yield one record an article: what its first line notes, and its `text` without the title above it.

    Args:
        path: the file, for messages.
        lines: its lines with their numbers.
        meter: counts the articles.

    Raises:
        DataError: an article has no end.
    """
    noted: dict[str, str] | None = None
    begun, count = 0, 0
    text: list[str] = []
    for number, line in lines:
        found = _BEGIN.fullmatch(line.rstrip("\r"))
        if noted is None and found is not None:
            noted = {name: html.unescape(value) for name, value in _NOTED.findall(found[1])}
            begun, text = number, []
        elif noted is not None and _END.fullmatch(line.rstrip("\r")):
            count += 1
            meter.add(rows=1)
            yield count, {**noted, "text": _without_title(text, noted.get("title"))}
            noted = None
        elif noted is not None:
            text.append(line.rstrip("\r"))
        elif line.strip():
            raise DataError(f"{path} line {number} stands outside of <doc> and </doc>: {line[:40]!r}; mend the file")
    if noted is not None:
        raise DataError(f"{path}: the article that begins in line {begun} has no </doc>; copy or make the file again")


def _without_title(lines: list[str], title: str | None) -> str:
    body = lines[1:] if lines and title is not None and html.unescape(lines[0]).strip() == title.strip() else lines
    return html.unescape("\n".join(body)).strip()
