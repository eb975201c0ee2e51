"""Lines of formats that are no texts line by line: subtitles, sequences, Weka's and Matrix Market's, references."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lattice.data.values import mostly

_TIMES = re.compile(r"(?:\d+:)?\d\d:\d\d[,.]\d{3} --> .*")
_SEQUENCE = re.compile(r"[A-Za-z*-]+")
_TOKEN = re.compile(r"#.*|\d+(?:[-.]\d+)?\t\S+\t[^\t]+\t[A-Z_]+\t.*")
_FIELD = re.compile(r"(?:[A-Z]{2,4} *- .*| {4,}\S.*)")
_READ = "import pathlib, re; text = pathlib.Path({name!r}).read_text(encoding='utf-8'); "
_WRITE = "pathlib.Path({stem!r} + '%s').write_text('\\n'.join(%s), encoding='utf-8')"
_SPOKEN = "line for line in text.splitlines() if line.strip() and not re.fullmatch(r'\\d+|WEBVTT.*|.*-->.*', line)"
_JOINED = "''.join(part.splitlines()[1:]) for part in ('\\n' + text).split('\\n>')[1:]"
_ROWS = "line for line in text.splitlines() if line.strip() and line[0] not in '@%'"


def told_lines(filled: Sequence[str]) -> str:
    """Return what the first lines of a file are and how to convert them, as `said` takes it; empty for others."""
    first = filled[0].strip() if filled else ""
    if first.startswith("WEBVTT") or (len(filled) > 1 and _TIMES.fullmatch(filled[1].strip())):
        return f"are subtitles with their times; write what is spoken with `{_READ}{_WRITE % ('-texts.txt', _SPOKEN)}`"
    if first.startswith(">") and len(filled) > 1 and _SEQUENCE.fullmatch(filled[1].strip()):
        return f"are sequences of FASTA; write one a line with `{_READ}{_WRITE % ('-texts.txt', _JOINED)}`"
    if first.startswith("%%MatrixMarket"):
        return (
            "are a matrix of Matrix Market; write it with `import numpy, scipy.io, scipy.sparse; numpy.save({rows!r}, "
            "scipy.sparse.coo_array(scipy.io.mmread({name!r})).toarray().astype('float32'))`"
        )
    if any(line.lower().startswith("@relation") for line in filled):
        return f"are Weka's format (ARFF); write its rows with `{_READ}{_WRITE % ('.csv', _ROWS)}`"
    if first.startswith(("PMID- ", "TY  - ")) and mostly(_FIELD.fullmatch, list(filled)):
        return "are references with a field a line; export them as .csv, and name its column with --text-column"
    if mostly(_TOKEN.fullmatch, list(filled)):
        return "hold one token each, with its tags (CoNLL-U); {tokens}"
    return ""
