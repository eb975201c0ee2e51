"""Texts that lie in a file beside the vectors: line or row i belongs to vector i."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import Path

from lattice.data.column_names import LABEL_NAMES, NONE
from lattice.data.columns import text_beside
from lattice.data.readers.base import ReadRequest
from lattice.data.readers.embedding_file import TEXTS, EmbeddingFile
from lattice.data.readers.row_values import label_at, name_at
from lattice.data.readers.tabular import PEEK_ROWS
from lattice.data.readers.text_file import all_records
from lattice.data.text_columns import Sample, guess_label, is_category, is_constant, repeats
from lattice.data.vector_columns import vector_candidates
from lattice.errors import DataError
from lattice.formats import TEXT_ENDINGS, compression_of, ending_of
from lattice.units import count_text

COMPANION_STEMS = (
    "text", "sentence", "document", "caption", "chunk", "passage", "corpus", "metadata", "meta", "row", "data", "word",
    "vocab", "token", "name", "label", "class", "classe", "category", "categorie", "target", "y", "id", "index", "key",
    "docstore",
)  # fmt: skip
"""What files of texts beside vectors are called, without a plural's `s`, the likeliest to hold texts first."""
_NOTES = {"readme", "note", "notes", "todo", "log", "licence", "license", "output", "history", "requirement"}
"""Words in the names of files that tell of the data and hold none of it."""
_NUMBER = re.compile(r"[_\-. ]?(\d+)$")


def companions_of(path: Path) -> list[Path]:
    """Return the files in the same folder that may hold the texts of a file of vectors, the likeliest first.

    One of the same name but for its ending, one with a name such as `texts` or `metadata` and the same number, or the
    only file of texts in a folder that holds no other file.
    """
    try:
        others = sorted(entry for entry in path.parent.iterdir() if entry != path and entry.is_file())
    except OSError:
        return []
    texts = [entry for entry in others if ending_of(entry) in TEXT_ENDINGS and not entry.name.startswith(".")]
    same = [entry for entry in texts if _stem(entry) == _stem(path)]
    own = {*file_words(path), *COMPANION_STEMS}
    named = [
        entry
        for entry in texts
        if is_companion_name(entry) and set(file_words(entry)) <= own and _digits(entry) == _digits(path)
    ]
    alone = [entry for entry in texts if not set(file_words(entry)) & _NOTES] if len(others) == 1 else []
    found = list(dict.fromkeys([*same, *named, *alone])) or metadata_of(path)
    return sorted(found, key=lambda entry: entry not in same and _rank(entry))


def metadata_of(path: Path) -> list[Path]:
    """Return the rows of `metadata/metadata_0.parquet` for `img_emb/img_emb_0.npy`, as clip-retrieval lays them out."""
    folder = path.parent.parent / "metadata"
    if not path.parent.name.endswith("_emb") or not folder.is_dir():
        return []
    texts = [entry for entry in sorted(folder.iterdir()) if entry.is_file() and ending_of(entry) in TEXT_ENDINGS]
    return [entry for entry in texts if _digits(entry) == _digits(path)]


def _rank(path: Path) -> int:
    """Return the place of a file's name among those of companions: texts come before labels and ids."""
    return 1 + min((COMPANION_STEMS.index(word) for word in file_words(path) if word in COMPANION_STEMS), default=0)


def is_companion_name(path: Path) -> bool:
    """Say whether a file is called as files of texts beside vectors are."""
    return any(word in COMPANION_STEMS for word in file_words(path))


def pair_up(vectors: Sequence[Path], texts: Sequence[Path]) -> dict[Path, list[Path]]:
    """Return which files of texts belong to which file of vectors of a folder; none where that can't be told.

    Where there are several for each, such as `texts_0.txt` and `labels_0.txt`, those of one name and of another number
    belong together.
    """
    texts = [path for path in texts if not set(file_words(path)) & _NOTES]
    if len(vectors) == len(texts):
        return {path: [text] for path, text in zip(vectors, texts, strict=True)}
    kinds: dict[tuple[str, ...], list[Path]] = {}
    for path in filter(is_companion_name, texts):
        kinds.setdefault(tuple(file_words(path)), []).append(path)
    whole = [paths for paths in kinds.values() if len(paths) == len(vectors)]
    named = [path for path in texts if is_companion_name(path)]
    if not whole and len(named) == len(vectors):
        whole = [named]
    return {path: [paths[place] for paths in whole] for place, path in enumerate(vectors)} if whole else {}


def has_texts(file: EmbeddingFile) -> bool:
    """Say whether a file of vectors brings texts of its own."""
    return file.texts(TEXTS, 1) is not None


def give_texts(
    file: EmbeddingFile, path: Path, request: ReadRequest, *, names: bool = False, classes: bool = False
) -> str:
    """Take the texts, or names, and the categories of a file of vectors from the file beside it.

    Args:
        file: the vectors; texts and categories that they have are kept.
        path: the file beside them.
        request: columns and progress.
        names: whether it is called as files of ids are, so that its only column names the rows.
        classes: whether it is called as files of classes are, so that its only column is one, if its values repeat.

    Returns:
        Why they were not taken; empty if they were.
    """
    count = file.rows.layout.count
    wanted = request.columns
    try:
        records, header = all_records(path, request)
        peeked = list(itertools.islice(records, PEEK_ROWS))
        sample = [record for _, record in peeked]
        columns = list(dict.fromkeys(name for record in sample for name in record))
        vectors = vector_candidates(columns, sample) and not (classes and is_category(columns[0], sample))
        if vectors or (header and file.chosen is not None and file.chosen.vector in columns):
            return f"{path.name} beside it holds vectors of its own"
        if wanted.text not in (None, *columns):
            return f"{path.name} beside it has no column {wanted.text!r}"
        column, is_name = text_beside(wanted, columns, sample)
        alone = len(columns) == 1 and wanted.text is None
        label = None if wanted.label == NONE else wanted.label
        if alone and is_class_column(columns[0], sample, named=classes):
            column, label = None, columns[0] if wanted.label is None else label
        elif (column is None and len(columns) == 1) or (alone and (names or classes)):
            column, is_name = columns[0], True
        free = [name for name in columns if name != column]
        if label is None and wanted.label is None:
            label = guess_label(free, sample, header=header)
        if (column is None and label is None) or label not in (None, *columns):
            return f"{path.name} beside it holds no texts"
        texts: list[str | None] = []
        labels = []
        for row, record in itertools.chain(peeked, records):
            where = f"{path.name} row {row}"
            texts.append(None if column is None else name_at(where, column, record, request.remarks))
            labels.append(label_at(where, label, record, {}, request.remarks))
    except DataError as error:
        return f"the texts beside it can't be read: {error}"
    if len(texts) != count:
        return f"{path.name} beside it has {count_text(len(texts))} rows, not {count_text(count)}"
    taken = []
    if column is not None and (not has_texts(file) or (file.names and not (names or classes))):
        file.held_texts, file.names = texts, is_name
        taken.append(("names" if is_name else "texts", column))
    if label is not None and file.held_categories is None:
        file.held_categories = labels
        taken.append(("categories", label))
    if not taken:
        return f"left aside {path.name} beside it"
    file.note_guess(f"{file.path.name}: {_told(taken, path, len(columns))}")
    return ""


def is_class_column(name: str, sample: Sample, *, named: bool) -> bool:
    """Say whether the only column of a file holds classes: few values, and it or the file is called so."""
    return (named or name.lower() in LABEL_NAMES) and (repeats(name, sample) or is_constant(name, sample))


def _told(taken: Sequence[tuple[str, str]], path: Path, columns: int) -> str:
    """Return in words what was taken from which columns of a file beside vectors."""
    (first, column), *others = taken
    if columns == 1:
        return f"{first} from {path.name} beside it"
    named = f"{first} from {path.name} beside it, column {column!r}"
    return ", ".join([named, *(f"{what} from column {other!r}" for what, other in others)])


def file_words(path: Path) -> list[str]:
    """Return the lower-case words of a file's name, without a plural's `s`."""
    words = re.split(r"[_\-. ]+", _NUMBER.sub("", _stem(path).lower()))
    return [word if word in COMPANION_STEMS else word.removesuffix("s") for word in words]


def _stem(path: Path) -> str:
    """Return a file's name without its ending, and without that of a compression."""
    return Path(path.stem).stem if compression_of(path) else path.stem


def _digits(path: Path) -> str:
    found = _NUMBER.search(_stem(path))
    return "" if found is None else found[1]
