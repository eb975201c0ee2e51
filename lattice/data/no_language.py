"""Texts that no person says: coordinates, JSON, markup, paths, programs, licences, words with tags, the same ones.

A column of such texts is taken for sentences only where there is no other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lattice.data.column_names import TEXT_NAMES

_FORMS = re.compile(
    r"(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*[ZM]{0,2}\s*\(.*|"  # coordinates
    r"<[A-Za-z!/?][^<]*>.*|"  # markup
    r"(?:[A-Za-z]:[\\/]|\\\\|~?/|\.{1,2}/|[a-z][a-z0-9+]*://)[^?!]*\.\w{1,5}|"  # paths, also with blanks
    r"(?:Mozilla|Opera|curl|Wget|Dalvik|[A-Za-z-]+Bot)/\d.*|"  # programs of visitors
    r"(?:CC[- ](?:BY|0)|Creative Commons|Licen[cs]e[ds]?\b|Copyright\b|\(c\) |\u00a9|All rights reserved).*",
    re.DOTALL | re.IGNORECASE,
)
_TAGGED = re.compile(r"(?:\S+[/_](?:[A-Z]{1,5}\$?|[.,:]|''|``)(?:\s+|$))+")
"""Words with their parts of speech."""
_LONGEST = 10_000
"""Characters of a text that are looked at."""
_CASED = re.compile(r"[^\W\d_]+")
_LEAST_SAMPLE, _LEAST_PREFIX, _LEAST_LOWER = 3, 12, 0.34


def is_no_language(text: str) -> bool:
    """Say whether a text is coordinates, JSON, markup, a path, a program's name, a licence or tagged words."""
    text = text.strip()[:_LONGEST]
    if text[:1] in ("{", "["):
        return _is_json(text)
    return _FORMS.fullmatch(text) is not None or _TAGGED.fullmatch(text) is not None


def spoken(texts: Mapping[str, float], sample: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the columns that hold sentences most likely, all if none does.

    Args:
        texts: columns of texts, with the mean length of these.
        sample: the first rows.
    """
    held = {name: [row[name] for row in sample if isinstance(row.get(name), str)] for name in texts}
    found = {name: length for name, length in texts.items() if not _tells_nothing(name, held[name])}
    lower = [name for name in found if _lower_share(held[name]) >= _LEAST_LOWER]
    return {name: length for name, length in found.items() if name in lower} if lower else (found or dict(texts))


def _tells_nothing(name: str, values: Sequence[str]) -> bool:
    """Say whether texts are the same, begin with the same words, or have a form that no language has."""
    if len(values) < _LEAST_SAMPLE:
        return False
    begins = {value[:_LEAST_PREFIX] for value in values}
    same = len(begins) == 1 and min(map(len, values)) >= _LEAST_PREFIX and name.lower() not in TEXT_NAMES
    odd = sum(map(is_no_language, values)) > len(values) / 2
    return odd or same or len(set(values)) == 1


def _lower_share(values: Sequence[str]) -> float:
    """Return the share of words that begin in lower case, 1 in scripts without case or without words."""
    words = [word for value in values for word in _CASED.findall(value[:_LONGEST])]
    cased = [word for word in words if word[0].islower() or word[0].isupper()]
    return sum(word[0].islower() for word in cased) / len(cased) if cased else 1.0


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return re.match(r"[{\[]\s*['\"][^'\"]*['\"]\s*[:,\]}]", text) is not None
    return True
