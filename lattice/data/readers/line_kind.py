"""What a file of lines holds by its first ones: texts, a table, JSON values, or what no line of text is.

Nothing is decided by the file's name: a `.txt` may hold anything that has lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from lattice.data.column_names import KNOWN_NAMES
from lattice.data.readers.label_marks import LABELS
from lattice.data.readers.padded_table import is_padded
from lattice.data.readers.program_lines import told_lines
from lattice.data.readers.refused import said
from lattice.data.readers.table_layout import parsed
from lattice.data.readers.word_vectors import LEAST_WIDTH
from lattice.data.values import mostly
from lattice.limits import MAX_ROW_BYTES

LineKind = Literal["texts", "table", "json"]

_SPARSE = re.compile(r"[-+]?[\d.]+(?:,[\d.]+)*(?:\s+(?:qid:)?\d+:[-+]?[\d.]+(?:[eE][-+]?\d+)?)+\s*(?:#.*)?")
_COMPLEX = re.compile(r"\s*\(?[-+]?[\d.]+(?:e[-+]?\d+)?[-+][\d.]+(?:e[-+]?\d+)?j\)?(?:[\s,].*)?", re.IGNORECASE)
_TAGGED = re.compile(r"\S+(?:[ \t]+\S+){0,8}[ \t]+(?:O|[BIESLU]-[\w-]+)\s*|-DOCSTART-.*")
_TAGS = re.compile(
    r"\s*</?(?:table|thead|tbody|tr|td|th|div|span|p|ul|ol|li|h[1-6]|body|head|html|meta|link|script|style|title|br)"
    r"\b[^>]*>",
    re.IGNORECASE,
)
_PYTHON = re.compile(r"\s*\{'[^']*': ?.*\},?\s*")
_MARKUP = re.compile(r"\s*(?:<\?xml\b|<!doctype\b|<html\b|<tmx\b|<TEI\b)", re.IGNORECASE)
_ITEM_BEGUN = re.compile(r'[\[{"\d-]|true|false|null|\]')
_NAME_BEGUN = re.compile(r'"|}')
_LONG_LIST = MAX_ROW_BYTES // 4
"""Characters of a line that is no row but a whole list, and may have been cut: a character has four bytes at most."""


def line_kind(lines: Sequence[str]) -> LineKind:
    """Return what the first lines of a file hold; blank lines do not count.

    A table has tabs, as many in each line, or a first line that names columns, separated as all other lines are.
    """
    filled = [line for line in lines if line.strip()]
    if not filled or _unread(filled) or have_labels(filled):
        return "texts"
    if is_json_over_lines(filled) or all(map(_is_json, filled)):
        return "json"
    if len(filled) > 1 and (_has_equal_tabs(filled) or _is_named_table(filled)):
        return "table"
    return "texts"


def have_labels(lines: list[str]) -> bool:
    """Say whether lines begin with the marks of fastText; none of them is blank."""
    return mostly(LABELS.match, lines)


def is_json_over_lines(filled: Sequence[str], *, named: bool = False) -> bool:
    """Say whether a file's first lines begin JSON whose values are not one a line: a list, or objects over many lines.

    Args:
        filled: its first lines that are not blank, at least one; a second one, if the file has it.
        named: whether the file's name says that it holds JSON: a text with a comma behind it is an item then.
    """
    first = filled[0].strip()
    if _is_followed(first):
        return True
    if len(filled) == 1:
        long = len(first) >= _LONG_LIST and first[0] == "[" and _ITEM_BEGUN.match(first[1:].lstrip()) is not None
        return long or (first.startswith("[{") and _is_json(first))
    second = filled[1].strip()
    if first in ("[", "{", "[{"):
        return (_ITEM_BEGUN if first == "[" else _NAME_BEGUN).match(second) is not None
    if not first.endswith(","):
        return False
    if named and is_json_value(first[:-1]):
        return True
    return _is_json(first) or (first[0] == "[" and _is_json(first[1:]))


def _is_followed(line: str) -> bool:
    """Say whether a line holds an object, and another one behind it."""
    if not line.startswith("{"):
        return False
    try:
        value, end = json.JSONDecoder().raw_decode(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and line[end:].lstrip().startswith("{")


def unread_lines(path: Path, lines: Sequence[str]) -> str:
    """Return what the lines are and how to convert them, where no teacher can make sense of them; empty for texts."""
    return said(_unread([line for line in lines if line.strip()]), path)


def _unread(filled: list[str]) -> str:
    if filled and _MARKUP.match(filled[0]):
        return "are marked up (XML or HTML). Extract the texts first, such as with `re.sub('<[^>]+>', '', text)`"
    if len(filled) > 1 and mostly(_TAGS.match, filled):
        return "are those of a web page (HTML); {page}"
    if filled and is_padded(filled):
        return "are a table whose columns are padded with blanks; {padded}"
    if mostly(_PYTHON.match, filled):
        return "are objects as Python shows them. Write `json.dumps(ast.literal_eval(line))` of each into a .jsonl"
    if mostly(_SPARSE.fullmatch, filled):
        return "are sparse vectors of libsvm; {sparse}"
    if mostly(_COMPLEX.fullmatch, filled):
        return "are complex numbers. Save their parts side by side as floats: `numpy.hstack([rows.real, rows.imag])`"
    if mostly(_TAGGED.fullmatch, filled):
        return "hold one token each, with its tags (CoNLL); {tokens}"
    return told_lines(filled)


def is_json_value(text: str) -> bool:
    """Say whether a text is one JSON value."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_json(line: str) -> bool:
    """Say whether a line is an object or a list in JSON by itself, with or without a comma behind it."""
    line = line.strip()
    if not line or line[0] not in "[{":
        return False
    try:
        value = json.loads(line.removesuffix(","))
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) or len(value) >= LEAST_WIDTH or any(isinstance(part, str | list) for part in value)


def _has_equal_tabs(lines: Sequence[str]) -> bool:
    counts = {line.rstrip("\r").count("\t") for line in lines}
    return len(counts) == 1 and min(counts) > 0


def _is_named_table(lines: Sequence[str]) -> bool:
    first = lines[0].lstrip("#").strip()
    for mark in ",;|":
        names = [name.strip(" \"'").lower() for name in first.split(mark)]
        if len(names) < 2 or not any(name in KNOWN_NAMES for name in names) or any(len(name) > 40 for name in names):
            continue
        rows, _ = parsed(lines, mark, True)
        if len({len(row) for row in rows if row}) == 1:
            return True
    return False
