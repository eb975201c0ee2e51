"""Parallel texts: files whose names differ by the language alone, and whose lines belong together (Moses, OPUS)."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from lattice.data.readers.base import ReadRequest
from lattice.data.readers.choice import TEXTS_READER, find_reader
from lattice.data.readers.plain_names import SOURCE_SIDES, TARGET_SIDES, has_plain_name, is_side
from lattice.data.readers.records import cleaned
from lattice.data.readers.streams import lines_of
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.vector_columns import listed
from lattice.errors import DataError
from lattice.formats import LINE_ENDINGS, compression_of, ending_of
from lattice.units import count_text

_PART = re.compile(r"([._\- ]+)")


class Parallel(NamedTuple):
    """Files of the same texts, one a language."""

    rest: str
    """What their names have in common."""
    sides: Mapping[str, Path]
    """Language, or `src` and `tgt`, -> file; the language from which was translated first, where that is known."""


def parallel_groups(paths: Sequence[Path]) -> list[Parallel]:
    """Return the groups of files of lines that belong together, in the order of their first files.

    Args:
        paths: files of lines, in order.
    """
    names = {path: _readings(path) for path in paths}
    counts: dict[tuple[Path, str], dict[str, Path]] = {}
    for path, readings in names.items():
        for rest, side in readings:
            counts.setdefault((path.parent, rest), {}).setdefault(side, path)
    groups: list[Parallel] = []
    taken: set[Path] = set()
    for path, readings in names.items():
        for rest, _ in readings:
            sides = {side: held for side, held in counts[path.parent, rest].items() if held not in taken}
            if path not in taken and len(sides) > 1:
                groups.append(Parallel(rest, {side: sides[side] for side in sorted(sides, key=_order(rest))}))
                taken.update(sides.values())
    return groups


def others_of(path: Path) -> Parallel | None:
    """Return the group that a file belongs to with those in its folder; None if there is none."""
    if not _readings(path):
        return None
    try:
        entries = sorted(entry for entry in path.parent.iterdir() if entry == path or _is_beside(path, entry))
    except OSError:
        return None
    return next((group for group in parallel_groups(entries) if path in group.sides.values()), None)


def names_a_side(path: Path) -> bool:
    """Say whether a file is called after a side of a translation, such as `src` or `target`, not after a language."""
    return any(side.lower() in (*SOURCE_SIDES, *TARGET_SIDES) for _, side in _readings(path))


def open_parallel(groups: Sequence[Parallel], request: ReadRequest, first: Path | None = None) -> TextSource:
    """Open texts with those of another language, or of one language where no pairs are requested.

    Args:
        groups: at least one.
        request: its columns name languages.
        first: the file that was named, whose language comes first.

    Raises:
        DataError: now or while iterating: nothing tells which two languages, or two files differ in their lines.
    """
    known = [side for side in groups[0].sides if all(side in group.sides for group in groups)]
    wanted = request.columns
    own = next((side for side, path in groups[0].sides.items() if path == first), None)
    name = " + ".join(path.name for path in groups[0].sides.values())
    for side in (*(wanted.pair or ()), wanted.text):
        if side is not None and side not in known:
            raise DataError(f"{name} have no language {side!r}; they have {listed(known)}")
    start = wanted.text or own
    if not known:
        raise DataError(f"{name}: the files of the folder have no language in common; give one of them")
    if not wanted.want_pairs and wanted.pair is None:
        chosen: tuple[str, ...] = (start or known[0],)
    elif wanted.pair is not None:
        chosen = wanted.pair
    elif len(known) == 2:
        chosen = (start, next(side for side in known if side != start)) if start else (known[0], known[1])
    else:
        raise DataError(
            f"{name}: can't tell which two languages are the pairs ({listed(known)}); name them with "
            "--pair-columns A B (data.pair_columns)"
        )
    files = [[group.sides[side] for side in chosen] for group in groups]
    said = f"{' and '.join(path.name for path in files[0])}{f' and {len(files) - 1} more' if len(files) > 1 else ''}"
    left = [path.name for group in groups for side, path in group.sides.items() if side not in chosen]
    what = "line i of one belongs to line i of the other" if len(chosen) > 1 else "the texts of one language"
    aside = f"{files[0][0].name}: left aside {listed(left)}, the same texts in another language" if left else ""
    if left and len(chosen) == 1:
        aside += " (the objective pairs reads both)"
    return TextSource(_all_rows(files, request), f"{said}: {what}", len(chosen) > 1, aside)


def _all_rows(files: Sequence[Sequence[Path]], request: ReadRequest) -> Generator[TextRow]:
    for paths in files:
        yield from _rows(paths, request)


def _rows(paths: Sequence[Path], request: ReadRequest) -> Generator[TextRow]:
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(contextlib.closing(lines_of(path, request.meter))) for path in paths]
        for number, lines in enumerate(itertools.zip_longest(*streams), 1):
            if None in lines:
                counts = [
                    number - 1 if line is None else number + sum(1 for _ in stream)
                    for line, stream in zip(lines, streams, strict=True)
                ]
                stated = " and ".join(f"{path.name} has {count_text(n)}" for path, n in zip(paths, counts, strict=True))
                raise DataError(
                    f"{paths[0].parent}: {stated} lines; line i of one should belong to line i of the other. Copy or "
                    "make both again"
                )
            request.meter.add(rows=1)
            texts = [
                cleaned(line, f"{path.name} line {number}", request.remarks)
                for path, (_, line) in zip(paths, lines, strict=True)
            ]
            yield TextRow(number, texts[0], texts[1] if len(texts) > 1 else None, file=paths[0].name)


def _is_beside(path: Path, entry: Path) -> bool:
    if entry.name.startswith(".") or not _readings(entry) or not entry.is_file():
        return False
    reader = find_reader(entry)
    return reader is not None and reader.name == TEXTS_READER


def _readings(path: Path) -> list[tuple[str, str]]:
    """Return how a name can be read: (the rest, the language), that of its ending first."""
    if not (has_plain_name(path) or ending_of(path) in LINE_ENDINGS):
        return []
    name = path.name[: -len(compression_of(path)) or None]
    ending = ending_of(path)[1:]
    found = [(f"{name[: -len(ending)]}*", ending)] if ending and is_side(ending) else []
    parts = _PART.split(name)
    for place, part in enumerate(parts):
        if is_side(part):
            found.append(("".join([*parts[:place], "*", *parts[place + 1 :]]), part))
    return list(dict.fromkeys(found))


def _order(rest: str) -> Callable[[str], tuple[int, int, str]]:
    """Return what sorts sides: a source first, a target last, and languages as the common name has them (`de-en`)."""
    words = _PART.split(rest)

    def key(side: str) -> tuple[int, int, str]:
        place = words.index(side) if side in words else len(words)
        return (side.lower() in TARGET_SIDES) - (side.lower() in SOURCE_SIDES), place, side

    return key
