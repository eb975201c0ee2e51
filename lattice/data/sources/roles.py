"""Folders that hold several kinds of vectors of the same samples, such as `img_emb` and `text_emb`, or two sides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lattice.errors import DataError

_FIRST = ("query", "question", "anchor", "source", "src", "premise", "left", "input")
_SECOND = (
    "doc", "document", "passage", "answer", "positive", "target", "tgt", "hypothesis", "right", "output",
    "context", "corpus", "candidate", "item", "user", "negative", "title", "abstract", "body", "text", "txt",
    "caption", "img", "image", "audio", "video",
)  # fmt: skip
_CLASSES = ("positive", "negative")
_ALSO_ROWS = {*_CLASSES, "source", "src", "target", "tgt", "left", "right", "input", "output"}
"""Words that classes, domains and halves of one table are called by too: alone they tell sides only of wanted pairs."""
_SPLIT = re.compile(r"[^a-z0-9]+|(?<=[a-z])(?=\d)")


def roles_of(folder: Path, paths: Sequence[Path], *, pairs: bool = False) -> Mapping[str, list[Path]]:
    """Return the files of a folder by what they are vectors of; empty unless their names tell them apart.

    Every file's name, or that of its folder, has one such word, and what else it says is said by a file of each kind.

    Args:
        folder: the folder.
        paths: files of vectors in it, in order.
        pairs: whether pairs are wanted, such as of `source` and `target`, which are rows of one table otherwise.
    """
    found: dict[str, dict[tuple[str, ...], Path]] = {}
    for path in paths:
        words = _words(path.relative_to(folder))
        role = next((word for word in words if word in _FIRST or word in _SECOND), None)
        if role is None:
            return {}
        found.setdefault(role, {})[tuple("*" if word == role else word for word in words)] = path
    rests = [set(files) for files in found.values()]
    if len(rests) < 2 or any(rest != rests[0] for rest in rests):
        return {}
    if found.keys() <= _ALSO_ROWS and not (pairs and len(found) == 2 and not found.keys() <= set(_CLASSES)):
        return {}
    order = sorted(found, key=lambda role: _FIRST.index(role) if role in _FIRST else len(_FIRST))
    return {role: list(found[role].values()) for role in order}


def refuse_several(folder: Path, roles: Mapping[str, Sequence[Path]]) -> None:
    """Raise `DataError` for vectors of several kinds, which are no rows of one table."""
    shown = " and ".join(f"of {role!r} ({files[0].relative_to(folder).as_posix()})" for role, files in roles.items())
    pairs = ", or choose the objective pairs" if len(roles) == 2 else ""
    raise DataError(f"{folder} holds vectors {shown}, no rows of one table; give the file or folder of one kind{pairs}")


def _words(path: Path) -> list[str]:
    """Return the words of a path within its folder, without a plural's `s`."""
    words = _SPLIT.split(path.with_suffix("").as_posix().lower())
    singular = {"queries": "query"}
    return [singular.get(word, word if len(word) < 3 else word.removesuffix("s")) for word in words if word]
