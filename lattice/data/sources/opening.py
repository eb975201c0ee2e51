"""Which source a name in the settings means: the demo, a file, a folder of files, or a data set of the hub."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from lattice.data.readers.base import Reader
from lattice.data.readers.choice import READERS, TEXTS_READER, reader_for
from lattice.data.readers.embedding_file import TEXTS, EmbeddingFile
from lattice.data.readers.hub import PREFIX, open_hub
from lattice.data.readers.opening import open_file
from lattice.data.readers.text_file import table_ending
from lattice.data.readers.text_source import TextSource
from lattice.data.requested_columns import Columns
from lattice.data.sources.base import Opening, Source
from lattice.data.sources.beside import give_beside, give_found
from lattice.data.sources.companion import companions_of, has_texts, is_companion_name, metadata_of, pair_up
from lattice.data.sources.demo import DemoSource
from lattice.data.sources.embeddings import EmbeddingSource
from lattice.data.sources.folder import files_of, is_plain_text, left_out
from lattice.data.sources.folder_files import FolderFiles
from lattice.data.sources.folder_labels import folder_labels
from lattice.data.sources.label_array import ArraysBeside, give_array_texts, give_labels
from lattice.data.sources.named_texts import give_texts_by_name
from lattice.data.sources.parallel import Parallel, names_a_side, open_parallel, others_of, parallel_groups
from lattice.data.sources.roles import refuse_several, roles_of
from lattice.data.sources.sides import open_sides
from lattice.data.sources.text_files import mixed, note_beside, open_first, text_rows
from lattice.data.sources.texts import TextsSource
from lattice.data.sources.vector_files import open_vector_files
from lattice.data.vector_columns import listed
from lattice.errors import DataError
from lattice.formats import LINE_ENDINGS, ending_of
from lattice.plugins import Entry


def open_source(spec: str | None, limit: int | None, opening: Opening) -> Source:
    """Open the demo (None), a file, a folder, or a data set of the hub (`hub:owner/name`).

    Raises:
        DataError: it can't be used.
    """
    if spec is None:
        return DemoSource(limit)
    if spec.startswith(PREFIX):
        return _open_hub(spec, limit, opening)
    path = Path(spec).expanduser()
    if path.is_dir():
        return _open_folder(path, limit, opening)
    if not path.exists():
        hint = f"; for the hub's data set write 'hub:{spec}'" if re.fullmatch(r"[\w.-]+/[\w.-]+", spec) else ""
        raise DataError(f"{path} does not exist; check the path{hint}")
    reader = reader_for(path)
    group = others_of(path) if _can_be_parallel(reader, path, opening) else None
    if group is not None:
        return TextsSource(path.name, open_parallel([group], opening.request(limit), path), limit, opening)
    opened = open_file(reader, path, opening.request(limit))
    if isinstance(opened, TextSource):
        return TextsSource(path.name, opened, limit, opening)
    beside = companions_of(path) if opened.beside is None else [opened.beside]
    reasons = give_found(opened, beside, opening.request(None))
    source = EmbeddingSource(str(path), iter([(reader, opened)]), limit, opening)
    for reason in reasons:
        opening.note("", f"{path.name}: {reason}")
    return source


def _can_be_parallel(reader: Entry[Reader], path: Path, opening: Opening) -> bool:
    """Say whether a file of lines may be one side of a parallel corpus.

    Without pairs one side of it is read: `en.txt` and `de.txt` are then texts of two languages, both read.
    """
    named = opening.want_pairs or names_a_side(path)
    named = is_plain_text(reader, path) or (ending_of(path) in LINE_ENDINGS and named)
    return named and reader.name == TEXTS_READER and table_ending(path) in LINE_ENDINGS


def _open_hub(spec: str, limit: int | None, opening: Opening) -> Source:
    opened = open_hub(spec, opening.data.split, opening.request(limit))
    if isinstance(opened, TextSource):
        return TextsSource(spec, opened, limit, opening)
    return EmbeddingSource(spec, iter([(READERS.entry("texts"), opened)]), limit, opening)


def _open_folder(folder: Path, limit: int | None, opening: Opening) -> Source:
    """Open the files of a folder, which all hold embeddings, or all texts: as the first one turns out."""
    found = files_of(folder, opening.data.split, opening.progress)
    opening.note(found.guess, found.aside)
    paths = [path for _, path in found.files]
    if all(_can_be_parallel(reader, path, opening) for reader, path in found.files):
        groups = parallel_groups(paths)
        if groups:
            return _open_groups(folder, paths, groups, limit, opening)
    classes = folder_labels(folder, paths, one_each=found.one_each)
    labels = classes if opening.columns.label is None else {}
    if labels:
        opening.note(f"{folder.name}: categories from the names of the folders, where files have none of their own", "")
    (reader, path), *others = found.files
    one_kind = bool(classes) or found.one_each or reader.value.holds == "texts"
    roles = {} if one_kind else roles_of(folder, paths, pairs=opening.want_pairs)
    if roles and not (opening.want_pairs and len(roles) == 2):
        refuse_several(folder, roles)
    if roles:
        return open_sides(folder, found, list(roles.values()), limit, opening)
    if found.one_each:
        return _open_each(folder, found, limit, opening, labels)
    first = open_first(folder, found, limit, opening)
    if isinstance(first, TextSource):
        note_beside(folder, found.beside, opening)
        rows = text_rows(folder, first, found.files, limit, opening, labels)
        joined = TextSource(rows, first.guess, first.has_partners, first.aside)
        return TextsSource(str(folder), joined, limit, opening)
    if reader.value.holds == "texts" and len(found.files) == 2:
        other = others[0][1]
        reason: str | None = f"left aside {other.name} beside it, for it has texts"
        if not has_texts(first):  # vectors without texts and texts without vectors
            reason = "; ".join(give_beside(first, [other], opening.request(None)))
        elif first.names and is_companion_name(other):
            ids = first.texts(TEXTS, first.rows.layout.count) or ()
            reason = give_texts_by_name(first, ids, other, opening.request(None))
            if reason and not first.names:  # which names the ones without a text
                opening.note("", f"{path.name}: {reason}")
                reason = ""
        if not reason and reason is not None:
            return EmbeddingSource(str(folder), iter([(reader, first)]), limit, opening)
        if reason and is_companion_name(other) and not _holds_vectors(other, first, opening):
            opening.note("", f"{path.name}: {reason}")
            return EmbeddingSource(str(folder), iter([(reader, first)]), limit, opening)
    return EmbeddingSource(str(folder), _embedding_files(first, found, limit, opening, labels), limit, opening)


def _holds_vectors(path: Path, first: EmbeddingFile, opening: Opening) -> bool:
    """Say whether a file can be read as the one before, as vectors."""
    try:
        opened = open_file(reader_for(path), path, opening.request(1, first.chosen))
    except DataError:
        return False
    if isinstance(opened, EmbeddingFile):
        opened.close()
    return isinstance(opened, EmbeddingFile)


def _open_groups(
    folder: Path, paths: Sequence[Path], groups: Sequence[Parallel], limit: int | None, opening: Opening
) -> Source:
    """Open the parallel texts of a folder."""
    taken = {path for group in groups for path in group.sides.values()}
    left = [path.name for path in paths if path not in taken]
    opening.note("", f"{folder.name}: left aside {listed(left)}, which have no other language beside" if left else "")
    return TextsSource(str(folder), open_parallel(groups, opening.request(limit)), limit, opening)


def _open_each(
    folder: Path, found: FolderFiles, limit: int | None, opening: Opening, labels: Mapping[Path, str]
) -> Source:
    """Open a folder of files with one vector each."""
    paths = [path for _, path in found.files]
    opened = open_vector_files(folder, paths, found.beside, opening.request(limit))
    arrays = ArraysBeside()
    reasons = [give_labels(opened, opening.request(limit), arrays)]
    if opened.names:
        reasons.append(give_array_texts(opened, opening.request(limit), arrays))
    for reason in filter(None, reasons):
        opening.note("", f"{folder.name}: {reason}")
    if labels and not opened.has_categories():
        opened.held_categories = [labels[path] for path in paths[: opened.rows.layout.count]]
    return EmbeddingSource(str(folder), iter([(found.files[0][0], opened)]), limit, opening)


def _embedding_files(
    first: EmbeddingFile, found: FolderFiles, limit: int | None, opening: Opening, labels: Mapping[Path, str]
) -> Generator[tuple[Entry[Reader], EmbeddingFile]]:
    """Open the files of a folder one after the other, each with the texts beside it, if it has none of its own."""
    pairs = pair_up([path for _, path in found.files], found.beside)
    taken = {path for paths in pairs.values() for path in paths}
    left = [path for path in found.beside if path not in taken]
    opening.note("", left_out(found.files[0][1].parent, len(found.files), left))
    chosen: Columns | None = first.chosen
    arrays = ArraysBeside()
    for reader, path in found.files:
        opened = first if path is found.files[0][1] else open_file(reader, path, opening.request(limit, chosen))
        if not isinstance(opened, EmbeddingFile) and is_companion_name(path):
            opening.note("", f"{found.files[0][1].parent.name}: left aside {path.name}, which holds texts")
            continue
        if not isinstance(opened, EmbeddingFile):
            raise mixed(path, "texts", found.files[0][1], "embeddings")
        beside = (pairs.get(path) or metadata_of(path)) if opened.beside is None else [opened.beside]
        reasons = give_beside(opened, beside, opening.request(None)) if beside else []
        reasons += [give_labels(opened, opening.request(None), arrays)]
        if not has_texts(opened):
            reasons.append(give_array_texts(opened, opening.request(None), arrays))
        for reason in filter(None, reasons):
            opening.note("", f"{path.name}: {reason}")
        if path in labels and not opened.has_categories():
            opened.held_categories = [labels[path]] * opened.rows.layout.count
        if opened is not first:
            opened.guess = opened.aside = ""  # as in the first file
        yield reader, opened
