"""Readers from plugins: a new kind of file is loaded like any other, and a broken reader says whose fault it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from lattice.config import DataSettings, TrainingEmbeddingSettings
from lattice.data import UnifiedDatasetLoader, load_dataset
from lattice.data.readers.base import Reader, ReadRequest, Rows
from lattice.data.readers.choice import READERS, data_endings, find_reader, reader_for, text_columns
from lattice.data.readers.text_source import TextRow, TextSource
from lattice.data.sources.folder import files_of
from lattice.errors import DataError, PluginError
from lattice.plugins import Plugins
from lattice.progress import Cancelled
from tests.lattice.data.making import sentences

PLUGIN = "vec.py"


@pytest.fixture
def plugin() -> Iterator[Plugins]:
    yield Plugins(PLUGIN)
    READERS.remove_plugin(PLUGIN)


def read_vectors(path: Path, request: ReadRequest) -> Rows:
    """Read a toy format: a word, then its numbers, one a line."""
    words, numbers = [], []
    for row, line in enumerate(path.read_text(encoding="utf-8").splitlines()[: request.limit], 1):
        word, *values = line.split()
        try:
            numbers.append([float(value) for value in values])
        except ValueError:
            raise DataError(f"{path} row {row}: not a number; expected a word and its numbers") from None
        words.append(word)
    return Rows(np.array(numbers, np.float32), texts=words, categories=[word[0] for word in words])


def vectors(path: Path, count: int, first: int = 0) -> Path:
    lines = [f"w{number} {number + 1}.5 {number}.25 -1" for number in range(first, first + count)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def load(path: Path, **settings: Any):
    return load_dataset(TrainingEmbeddingSettings(data=str(path), **settings))


def answering(plugin: Plugins, answer: Any) -> None:
    plugin.reader("toy", Reader("Toy", (".toy",), lambda path, request: answer))


def test_a_file_of_a_new_kind_is_loaded(plugin, tmp_path):
    plugin.reader("vec", Reader("Word vectors", (".wv",), read_vectors))
    dataset = load(vectors(tmp_path / "a.WV", 12))
    assert len(dataset) == 12
    assert dataset.embeddings.dtype == torch.float32
    assert dataset.embeddings[3].tolist() == [4.5, 3.25, -1.0]
    assert (dataset.text(3), dataset.categories[3]) == ("w3", "w")
    assert dataset.report.bad_rows() == []
    assert dataset.report.origin(3) == "a.WV row 4"


def test_the_limit_reaches_the_reader(plugin, tmp_path):
    limits = []

    def read(path: Path, request: ReadRequest) -> Rows:
        limits.append(request.limit)
        return read_vectors(path, request)

    plugin.reader("vec", Reader("Word vectors", (".wv",), read))
    assert len(load(vectors(tmp_path / "a.wv", 40), max_total_samples=7)) == 7
    assert limits == [7]


def test_a_folder_of_such_files_is_read_in_order_beside_built_in_ones(plugin, tmp_path):
    plugin.reader("vec", Reader("Word vectors", (".wv",), read_vectors))
    vectors(tmp_path / "part-2.wv", 5)
    vectors(tmp_path / "part-10.wv", 5, first=5)
    np.save(tmp_path / "part-1.npy", np.full((1, 3), 9, np.float32))
    (tmp_path / "notes.txt").write_text("a text")
    dataset = load(tmp_path)
    assert dataset.embeddings[:, 0].tolist() == [9.0, *(number + 1.5 for number in range(10))]
    assert dataset.report.origin(6) == "part-10.wv row 1"
    assert dataset.report.left_aside[0].endswith("took its 3 files of embeddings and left out notes.txt")
    np.save(tmp_path / "part-3.npy", np.ones((1, 2), np.float32))
    with pytest.raises(DataError, match=r"part-3\.npy has embeddings of width 2, but .*part-1\.npy of 3"):
        load(tmp_path)


def test_partners_and_half_precision(plugin, tmp_path):
    rows = np.arange(24, dtype=">f2").reshape(8, 3) + 1
    answering(plugin, Rows(rows, torch.from_numpy(rows.astype("f2")) * 2, list("abcdefgh"), ["p"] * 8))
    (tmp_path / "a.toy").touch()
    dataset = load(tmp_path / "a.toy", objective="pairs")
    assert dataset.embeddings.dtype == torch.float16
    assert torch.equal(dataset.partners, dataset.embeddings * 2)
    assert dataset.partner_texts == ["p"] * 8


@pytest.mark.parametrize("streamed", [False, True])
def test_texts_of_a_new_kind_are_encoded(plugin, tmp_path, distilbert, streamed):
    texts = [*sentences(9), " "]
    rows = Rows(texts=texts, categories=["even", "odd"] * 5)

    def read(path: Path, request: ReadRequest) -> Rows | TextSource:
        records = (TextRow(row, text.strip() or None) for row, text in enumerate(texts, 1))
        return TextSource(records, "", False) if streamed else rows

    plugin.reader("toy", Reader("Toy", (".toy",), read, holds="texts"))
    path = tmp_path / "a.toy"
    path.touch()
    loader = UnifiedDatasetLoader(TrainingEmbeddingSettings(data=str(path)), DataSettings(), loaded_teacher=distilbert)
    dataset = loader.load()
    assert list(dataset.texts) == texts[:9]
    assert dataset.categories == (None if streamed else [*["even", "odd"] * 4, "even"])
    assert [(bad.reason, bad.origin) for bad in loader.report.bad_rows()] == [("no text", "a.toy row 10")]
    assert text_columns(path) == []


def test_a_file_that_a_plugin_reads_is_not_left_aside(plugin, tmp_path):
    plugin.reader("sheets", Reader("Sheets", (".xlsx",), read_vectors))
    vectors(tmp_path / "a.xlsx", 3)
    found = files_of(tmp_path, "train")
    assert [path.name for _, path in found.files] == ["a.xlsx"]
    assert found.aside == ""


def test_errors_for_people_and_a_cancel_pass_as_they_are(plugin, tmp_path):
    plugin.reader("vec", Reader("Word vectors", (".wv",), read_vectors))
    (tmp_path / "a.wv").write_text("word 1 2\nword 1 two")
    with pytest.raises(DataError, match=r"a\.wv row 2: not a number"):
        load(tmp_path / "a.wv")

    def cancel(path: Path, request: ReadRequest) -> Rows:
        raise Cancelled

    plugin.reader("vec", Reader("Word vectors", (".wv",), cancel))
    with pytest.raises(Cancelled):
        load(tmp_path / "a.wv")


def test_a_reader_that_fails_is_named(plugin, tmp_path):
    def fail(path: Path, request: ReadRequest) -> Rows:
        raise KeyError("shape")

    def fail_late(path: Path, request: ReadRequest) -> TextSource:
        def rows():
            yield TextRow(1, "one")
            raise OSError("gone")

        return TextSource(rows(), "", False)

    path = tmp_path / "a.toy"
    path.touch()
    for read, what in ((fail, "KeyError: 'shape'"), (fail_late, "OSError: gone")):
        plugin.reader("toy", Reader("Toy", (".toy",), read))
        with pytest.raises(DataError, match=rf"a\.toy can't be read: the reader 'toy' failed: .*, line \d+: {what}"):
            load(path)
    plugin.reader("toy", Reader("Toy", (".toy",), fail, sniff=lambda head: head[0] == 1))
    with pytest.raises(DataError, match=r"the reader 'toy' failed: .*, line \d+: IndexError: index out of range"):
        find_reader(path)


ROWS_34 = np.ones((3, 4), np.float32)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ([1, 2], r"a list of 2, expected lattice\.Rows"),
        (Rows(), "neither embeddings nor texts"),
        (Rows(np.ones((3, 4), np.int64)), "embeddings of int64, expected an array or tensor of floats"),
        (Rows([[1.0]]), "embeddings of list, expected an array or tensor"),
        (Rows(np.ones(3)), r"embeddings of shape \[3\], expected two dimensions"),
        (Rows(np.ones((3, 0))), r"embeddings of shape \[3, 0\], expected two dimensions"),
        (Rows(ROWS_34, np.ones((2, 4))), r"partners of shape \[2, 4\], expected \[3, 4\]"),
        (Rows(partners=ROWS_34, texts=["a"] * 3), "partners without embeddings"),
        (Rows(ROWS_34, texts=["a"]), "1 texts, expected one for each of the 3 rows"),
        (Rows(ROWS_34, texts="abc"), "texts as a str, expected a list of texts"),
        (Rows(ROWS_34, texts=["a", 5, "b"]), "texts whose row 2 is a int, expected a text"),
        (Rows(ROWS_34, categories=["a", None, "b"]), "categories whose row 2 is a NoneType, expected a text"),
        (Rows(np.ones((6, 4))), "6 rows, expected at most the 5 that were requested"),
    ],
)
def test_what_is_no_rows_is_refused(plugin, tmp_path, answer, what):
    answering(plugin, answer)
    (tmp_path / "a.toy").touch()
    with pytest.raises(DataError, match=rf"a\.toy can't be read: the reader 'toy' \(.*, line \d+\) returned {what}"):
        load(tmp_path / "a.toy", max_total_samples=5)


def test_a_file_without_rows_is_refused(plugin, tmp_path):
    answering(plugin, Rows(np.ones((0, 4))))
    (tmp_path / "a.toy").touch()
    with pytest.raises(DataError, match=r"a\.toy holds no rows"):
        load(tmp_path / "a.toy")


def test_readers_of_one_ending_are_told_apart_by_the_first_bytes(plugin, tmp_path):
    own = Reader("Own tables", (".csv",), read_vectors, sniff=lambda head: head.startswith(b"OWN"))
    plugin.reader("own", own)
    (tmp_path / "own.csv").write_bytes(b"OWN 1 2\n")
    (tmp_path / "plain.csv").write_bytes(b"text\nplain\n")
    assert reader_for(tmp_path / "own.csv").name == "own"
    assert reader_for(tmp_path / "plain.csv").name == "texts"
    (tmp_path / "own").write_bytes(b"OWN 1 2\n")
    assert reader_for(tmp_path / "own").plugin == PLUGIN
    assert data_endings().count(".csv") == 1


def test_a_file_without_a_reader_is_refused(tmp_path):
    (tmp_path / "a.wv").touch()
    with pytest.raises(DataError, match=r"\.wv is no kind of file that can be read; expected .*\.npy.*--plugin"):
        reader_for(tmp_path / "a.wv")
    (tmp_path / "a.npy").touch()
    with pytest.raises(DataError, match=r"\.npy is no kind of text file; expected \.txt"):
        text_columns(tmp_path / "a.npy")


@pytest.mark.parametrize("endings", [("vec",), (".VEC",), ()])
def test_endings_that_no_file_could_have_are_refused(endings):
    with pytest.raises(PluginError, match="expected lower case with a dot"):
        Reader("Word vectors", endings, read_vectors)


def test_what_is_no_reader_is_refused(plugin):
    with pytest.raises(PluginError, match=r"the reader 'toy' is a function, expected a value of .*\.Reader"):
        plugin.reader("toy", read_vectors)
    assert "toy" not in READERS


def test_a_reader_whose_files_another_one_takes_is_refused_unless_it_recognises_its_own(plugin, tmp_path):
    with pytest.raises(
        PluginError, match=r"'toy' has the ending '\.csv', whose files the reader '\w+' of built in takes"
    ):
        plugin.reader("toy", Reader("Toy", (".toy", ".csv"), read_vectors))
    plugin.reader("toy", Reader("Toy", (".csv",), read_vectors, sniff=lambda head: head.startswith(b"w0 ")))
    assert len(load(vectors(tmp_path / "a.csv", 5))) == 5
