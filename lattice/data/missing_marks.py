"""What programs write in the place of a missing text: pandas, databases, and spreadsheets for failed formulas."""

from __future__ import annotations

import re

_MARKS = re.compile(
    r"[-+]?nan|none|null|n/a|n\.a\.|<na>|nat|[(\[<]null[)\]>]|undefined|\\n|[-+]?1\.#(?:ind|qnan)|"  # programs
    r"#(?:n/a(?: n/a)?|na|nv|ref!|name\?|value!|div/0!|null!|num!|spill!|calc!|field!|blocked!|"  # spreadsheets
    r"getting_data|bezug!|wert!|zahl!|nom\?|valeur!)|"
    r"-{1,3}|\.|\u2013|\u2014",  # people
    re.IGNORECASE,
)
_CAPITALS = "NA"
"""Read as a mark only where it is written so: `na` is a word of many languages."""
_LONGEST = 16
"""Characters of a mark at most."""


def is_missing_mark(text: str) -> bool:
    """Say whether a text, without white space around it, only marks that one is missing."""
    return len(text) <= _LONGEST and (text == _CAPITALS or _MARKS.fullmatch(text) is not None)
