"""Plain text without an ending of its own is read; programs, licences and binary files are not taken for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lattice.config import DataSettings
from lattice.data.preview import preview_data
from lattice.data.readers.choice import find_reader
from lattice.data.readers.plain_names import has_plain_name, is_side
from lattice.data.sources.folder import files_of
from lattice.errors import DataError
from tests.lattice.data.layouts import IDS, TEXTS, TRUTH, jsonl, packed, records, table, torch_file, word_lines
from tests.lattice.data.readers.test_layouts import Expected, check, load, rows_of


@pytest.mark.parametrize(
    ("word", "told"),
    [("en", True), ("EN", True), ("zh-CN", True), ("pt_BR", True), ("sr-Latn", True), ("src", True), ("ref", True),
     ("xx", False), ("py", False), ("md", False), ("en-1", False), ("english", False), ("", False)],
)  # fmt: skip
def test_sides_of_parallel_texts_are_told_by_their_names(word: str, told: bool) -> None:
    assert is_side(word) is told
    assert has_plain_name(Path(f"a.{word}" if word else "a")) is (told or not word)


@pytest.mark.parametrize("name", ["corpus.en", "part-00000", "texts", "texts.gz", "corpus.pt"])
def test_lines_json_and_tables_are_told_by_what_they_hold(tmp_path: Path, name: str) -> None:
    plain = name.removesuffix(".gz")

    def preview_of(path: Path) -> list[str]:
        path = packed(path, ".gz") if name.endswith(".gz") else path
        return [row.text for row in preview_data(str(path), DataSettings()).rows]

    (tmp_path / plain).write_text("\n".join(TEXTS))
    assert preview_of(tmp_path / plain) == TEXTS[:5]
    assert preview_of(jsonl(tmp_path / plain, records(text=TEXTS, id=IDS))) == TEXTS[:5]
    assert preview_of(table(tmp_path / plain, rows_of(id=IDS, text=TEXTS), "\t")) == TEXTS[:5]


def test_vectors_are_told_too(tmp_path: Path) -> None:
    words = [f"word{row}" for row in range(len(TRUTH))]
    check(tmp_path, lambda p: word_lines(p / "vectors", header=False, words=words), Expected(words))
    check(tmp_path, lambda p: word_lines(p / "headed", header=True, words=words), Expected(words))
    check(tmp_path, lambda p: packed(torch_file(p / "a.pt", torch.from_numpy(TRUTH)), ".gz"), Expected(None))


@pytest.mark.parametrize("content", [b"\x7fELF\x02\x01", b"PK\x03\x04", bytes(40), b""])
def test_what_is_no_text_stays_unread(tmp_path: Path, content: bytes) -> None:
    for name in ("data", "a.en"):
        (tmp_path / name).write_bytes(content)
        assert find_reader(tmp_path / name) is None
        with pytest.raises(DataError, match=rf"{name}.* is (no kind of file|an archive)"):
            load(tmp_path / name)


def test_plain_names_beside_files_with_endings_are_left_aside(tmp_path: Path) -> None:
    for name in ("notes", "corpus.en", "LICENSE", "Makefile"):
        (tmp_path / name).write_text("\n".join(TEXTS))
    assert [path.name for _, path in files_of(tmp_path, "train").files] == ["corpus.en", "notes"]
    jsonl(tmp_path / "a.jsonl", records(text=TEXTS))
    found = files_of(tmp_path, "train")
    assert [path.name for _, path in found.files] == ["a.jsonl"]
    assert "LICENSE" in found.aside
    assert "notes" in found.aside
