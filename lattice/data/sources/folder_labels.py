"""Categories that the folders within a folder name: `label=3/part.parquet`, or `pos/1.txt` beside `neg/1.txt`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

from lattice.data.column_names import LABEL_NAMES
from lattice.formats import LINE_ENDINGS, ending_of

_EXTRACT = re.compile(r"wiki_\d+(\.\w+)?")
"""Files of WikiExtractor, whose folders stand for nothing."""


def folder_labels(folder: Path, files: Sequence[Path], *, one_each: bool = False) -> Mapping[Path, str]:
    """Return the category of each file by the folder that it lies in; empty where the folders name none.

    Args:
        folder: the folder of the data.
        files: the files in it that are read.
        one_each: whether each of them holds one sample.
    """
    stated = {path: _partition(path.relative_to(folder)) for path in files}
    if files and all(stated.values()):
        return stated
    inner = {path: path.parent.name for path in files}
    of_samples = all(
        (one_each or ending_of(path) in LINE_ENDINGS or not ending_of(path))
        and path.parent != folder
        and _EXTRACT.fullmatch(path.name) is None
        for path in files
    )
    return inner if of_samples and len({path.parent.parent for path in files}) == 1 < len(set(inner.values())) else {}


def _partition(path: Path) -> str:
    """Return the value of a label in a path of partitions, as Spark and Hive write them."""
    for part in path.parts[:-1]:
        name, mark, value = part.partition("=")
        if mark and name.lower() in LABEL_NAMES:
            return unquote(value)
    return ""
