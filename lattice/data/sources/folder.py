"""Which files of a folder are its data: a saved data set, a clone of one from the hub, shards, vectors beside texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path

from lattice.data.readers.base import Reader
from lattice.data.readers.choice import TEXTS_READER, find_reader
from lattice.data.readers.counted import ReadMeter
from lattice.data.readers.numpy_file import is_curve, is_table
from lattice.data.readers.refused import refusal
from lattice.data.readers.word2vec_file import is_model
from lattice.data.sources.folder_files import Files, FolderFiles
from lattice.data.sources.folder_kinds import refuse_managed
from lattice.data.sources.label_array import is_label_array, is_text_array
from lattice.data.sources.saved_data_set import saved_data_set
from lattice.data.sources.vector_files import hold_one_each
from lattice.errors import DataError
from lattice.formats import LINE_ENDINGS, NPY_ENDING, TEXT_ENDINGS, ending_of
from lattice.limits import MAX_FILES
from lattice.plugins import Entry
from lattice.progress import Progress, no_progress
from lattice.units import plural

_NO_DATA = re.compile(
    r"(dataset_infos?|(index|graph)_store|image__vector_store|state|dataset_dict|.*config|package(-lock)?|tokenizer|vocab|special_tokens_map|croissant|"
    r"modules|.*index)\.json|(requirements([^.]*|.*(?=\.(txt|text)$))|urls?(_\w+)?|licen[cs]e|readme|notice|copying|cmakelists|robots)(\.(txt|text))?|"
    r"(make|docker|gem|proc|pip)file|authors|change(s|log)|contributors|install|version|manifest|_success|.*sums?",
    re.IGNORECASE,
)
_TELLS = re.compile(r"(readme|licen[cs]e|notice|citation|changelog|contributing)(\..*)?|.*\.(md|py|sh|cff|lock)", re.I)
"""Names of files that tell of the data, or make it, and are never meant as data."""
_SENTENCES = "sentences"
"""Ends the name of the file of sentences in a corpus of Leipzig, beside those of its words and sources."""
_SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test", "eval": "test", "evaluation": "test",
    "validation": "validation", "valid": "validation", "val": "validation", "dev": "validation",
}  # fmt: skip
_PROGRESS_EVERY = 1000
_VECTOR_STEM = re.compile(r"emb|vec|tensor", re.IGNORECASE)


def files_of(folder: Path, split: str, progress: Progress = no_progress) -> FolderFiles:
    """Return the files of a folder, and of those within it, that one load can take.

    Args:
        folder: the folder.
        split: which part is read where the files' names, or the folder's own description, tell parts apart.
        progress: called while files are listed; raising `Cancelled` in it stops.

    Raises:
        DataError: it can't be listed, holds no data, or has no such split.
    """
    saved = saved_data_set(folder, split)
    if saved is not None:
        return saved
    paths = _walk(folder, progress)
    found = [(reader, path) for path in paths if (reader := find_reader(path)) is not None]
    data = [(reader, path) for reader, path in found if not _NO_DATA.fullmatch(path.name)]
    data = data or [(reader, path) for reader, path in found if not _holds_lines(reader, path)]
    data = [(reader, path) for reader, path in data if not is_model(path)] or data
    read = {path for _, path in found}
    refused = [path for path in paths if path not in read and refusal(path)]
    why = refusal(refused[0]) if refused else ""
    if not data:
        if not why and paths:
            why = f"{_named(folder, paths)} are of no kind that is read; give one of them by itself, to see what to do"
        raise DataError(f"folder {folder} holds no file of texts or embeddings{': ' if why else ''}{why}")
    data = [(reader, path) for reader, path in data if not is_plain_text(reader, path)] or data
    data = _corpus(data) or data
    result = _of_split(folder, data, split)
    embeddings = [(reader, path) for reader, path in result.files if reader.value.holds == "embeddings"]
    tables = [(reader, path) for reader, path in result.files if not _holds_lines(reader, path)]
    taken = embeddings or tables or list(result.files)
    others = [file for file in tables if file not in embeddings]
    ones = [(reader, path) for reader, path in taken if not (is_label_array(path) or is_text_array(path))]
    result.one_each = hold_one_each(_paths(ones), _paths(others) if embeddings else ())
    if refused and not ones:
        raise DataError(f"folder {folder} holds no file of vectors, but {_named(folder, _paths(taken))}: {why}")
    vectors = ones if result.one_each else _arrays(taken)
    taken = vectors or (others if all(map(is_curve, _paths(taken))) else []) or taken
    left = _without(result.files, taken)
    result.files = taken if embeddings else sorted(taken, key=lambda file: not _VECTOR_STEM.search(file[1].stem))
    result.beside = [path for path in left if ending_of(path) != NPY_ENDING]
    unread = [
        path for path in left if ending_of(path) == NPY_ENDING and not (is_label_array(path) or is_text_array(path))
    ]
    unread += [*_without(found, data), *refused, *_unknown(paths, read, refused)]
    notes = [result.aside, f"{folder.name}: left aside {_named(folder, unread)}" if unread else ""]
    result.aside = "; ".join(filter(None, notes))
    return result


def _unknown(paths: Sequence[Path], read: Collection[Path], refused: Collection[Path]) -> list[Path]:
    """Return the files that no reader has, but for what only tells of the data."""
    known = {*read, *refused}
    return [path for path in paths if path not in known and not _TELLS.fullmatch(path.name)]


def _arrays(files: Files) -> list[tuple[Entry[Reader], Path]]:
    """Return the files without the arrays that are no vectors."""
    return [(reader, path) for reader, path in files if ending_of(path) != NPY_ENDING or is_table(path, ReadMeter())]


def is_plain_text(reader: Entry[Reader], path: Path) -> bool:
    """Say whether a file is read as texts though its name has no ending, or that of a language."""
    return reader.name == TEXTS_READER and ending_of(path) not in TEXT_ENDINGS


def _holds_lines(reader: Entry[Reader], path: Path) -> bool:
    """Say whether a file is one of lines by its name."""
    return ending_of(path) in LINE_ENDINGS or is_plain_text(reader, path)


def left_out(folder: Path, kept: int, left: Sequence[Path]) -> str:
    """Return in words which files of a folder of vectors were not read."""
    taken = plural(kept, "file")
    return f"{folder}: took its {taken} of embeddings and left out {_named(folder, left)}" if left else ""


def _walk(folder: Path, progress: Progress) -> list[Path]:
    """Return all files in a folder and within it by name, without hidden ones.

    Raises:
        DataError: a folder can't be listed, is a program's own, or there are too many files.
    """
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        refuse_managed(current)
        try:
            entries = list(current.iterdir())
        except OSError as error:
            raise DataError(f"folder {current} can't be listed: {error.strerror}; change its permissions") from error
        for count, entry in enumerate(entries, len(found)):
            if count % _PROGRESS_EVERY == 0:
                progress(f"listing {folder.name}", count, None)
            if entry.name.startswith((".", "__")):
                continue
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
            elif entry.is_file():
                found.append(entry)
        if len(found) > MAX_FILES:
            raise DataError(f"folder {folder} holds more than {MAX_FILES:,} files; give the folder of the data itself")
    return sorted(found, key=lambda path: [natural_key(part) for part in path.relative_to(folder).parts])


def natural_key(part: str) -> list[tuple[int, str]]:
    """Sort `part-2` before `part-10`."""
    return [(int(piece), "") if piece.isdecimal() else (-1, piece) for piece in re.split(r"(\d+)", part)]


def _of_split(folder: Path, files: Files, split: str) -> FolderFiles:
    """Keep the files of one split where the card of the data set, or the files' names, tell splits apart."""
    wanted = _SPLITS.get(split.lower(), split.lower())
    stated = _by_card(folder, split)
    kept = [(reader, path) for reader, path in files if path in stated]
    if not kept:
        kept = [(reader, path) for reader, path in files if wanted in _splits_of(path.relative_to(folder))]
    if not kept or len(kept) == len(files):
        return FolderFiles(files)
    shown = _named(folder, _without(files, kept))
    return FolderFiles(
        kept,
        guess=f"{folder.name}: took the {plural(len(kept), 'file')} of the split {split!r}",
        aside=f"{folder.name}: left aside {shown} (data.split chooses another split)",
    )


def _corpus(files: Files) -> list[tuple[Entry[Reader], Path]]:
    """Return the texts of a benchmark of search or of a corpus of Leipzig; empty for other folders."""
    stems = {path.name.partition(".")[0].lower() for _, path in files}
    sentences = {stem for stem in stems if stem.endswith(_SENTENCES)}
    if sentences and all(stem.removesuffix(_SENTENCES) + "words" in stems for stem in sentences):
        return [(reader, path) for reader, path in files if path.name.partition(".")[0].lower() in sentences]
    if not {"corpus", "queries"} <= {name for _, path in files for name in _stems(path)}:
        return []
    return [(reader, path) for reader, path in files if "corpus" in _stems(path)]


def _stems(path: Path) -> set[str]:
    """Return what a file of such a benchmark is called, by its name or by its folder's."""
    return {path.name.partition(".")[0].lower(), path.parent.name.lower()}


def _paths(files: Files) -> list[Path]:
    return [path for _, path in files]


def _without(files: Files, kept: Files) -> list[Path]:
    """Return the paths of files that are not among `kept`."""
    paths = {path for _, path in kept}
    return [path for _, path in files if path not in paths]


def _named(folder: Path, paths: Sequence[Path]) -> str:
    """Return the names of the first files and how many more there are."""
    names = ", ".join(path.relative_to(folder).as_posix() for path in paths[:4])
    return f"{names} and {len(paths) - 4} more" if len(paths) > 4 else names


def _splits_of(path: Path) -> set[str]:
    words = re.split(r"[^a-z]+", path.with_suffix("").as_posix().lower())
    return {_SPLITS.get(word, word) for word in words}


def _by_card(folder: Path, split: str) -> set[Path]:
    """Return the files that a data set's card names for a split of its default configuration."""
    card = folder / "README.md"
    if not card.is_file() or "configs:" not in card.read_text(encoding="utf-8", errors="replace")[:100_000]:
        return set()
    from huggingface_hub.repocard import metadata_load

    try:
        configs = (metadata_load(card) or {}).get("configs", [])
        chosen = next((entry for entry in configs if entry.get("default")), None) or configs[0]
        chosen = next((entry for entry in configs if entry.get("config_name") == "default"), chosen)
        files = chosen["data_files"]
        entries = files if isinstance(files, list) and isinstance(files[0], dict) else [{"split": split, "path": files}]
        patterns = [entry["path"] for entry in entries if entry.get("split") == split]
        flat = [part for pattern in patterns for part in ([pattern] if isinstance(pattern, str) else pattern)]
        return {path for pattern in flat for path in folder.glob(pattern)}
    except Exception:  # YAML of any shape; then the files' names decide
        return set()
