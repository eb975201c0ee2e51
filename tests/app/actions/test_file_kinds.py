"""What a file is, by its ending and its header."""

import re
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from app.actions.file_kinds import data_filter, is_text_file, kind_of, texts_filter
from lattice.data.readers.base import Reader, Rows
from lattice.data.readers.choice import READERS
from lattice.errors import CellcubeError
from lattice.formats import EMBEDDING_ENDINGS, TENSORS_ENDING, TEXT_ENDINGS
from lattice.plugins import Plugins
from tests.app.fakes import FakeTrainer, small_config


def test_checkpoints_are_known_by_their_header(tmp_path):
    saved, data = tmp_path / "run.safetensors", tmp_path / "data.safetensors"
    FakeTrainer(small_config()).save(saved)
    safetensors.numpy.save_file({"embeddings": np.zeros((2, 2), np.float32)}, data)
    assert kind_of(saved) == "checkpoint"
    assert kind_of(data) == "data"
    for note, kind in (('{"counters": {}}', "weights"), ('{"counters": {"training_step": 3}}', "checkpoint")):
        safetensors.numpy.save_file({"x": np.zeros(1)}, saved, metadata={"cellcube": note})
        assert kind_of(saved) == kind
    safetensors.numpy.save_file({"x": np.zeros(1)}, saved, metadata={"cellcube": "damaged"})
    assert kind_of(saved) == "checkpoint", "reading it says what is wrong"


@pytest.mark.parametrize("name", ["a.toml", "a.TOML"])
def test_settings_are_known_by_their_ending(tmp_path, name):
    (tmp_path / name).touch()
    assert kind_of(tmp_path / name) == "settings"


def test_data_are_files_of_many_endings_and_folders(tmp_path):
    (tmp_path / "texts.jsonl").touch()
    assert kind_of(tmp_path / "texts.jsonl") == "data"
    assert kind_of(tmp_path) == "data"


@pytest.mark.parametrize("suffix", sorted({*EMBEDDING_ENDINGS, *TEXT_ENDINGS} - {TENSORS_ENDING}))
def test_all_that_can_be_read_can_be_dropped_and_chosen(tmp_path, suffix):
    path = tmp_path / f"data{suffix}"
    path.touch()
    assert kind_of(path) == "data"
    assert f"*{suffix}" in offered(data_filter())


def test_the_texts_on_offer_are_those_that_can_be_read():
    assert offered(texts_filter()) == [f"*{ending}" for ending in TEXT_ENDINGS]
    assert is_text_file(Path("A.TXT"))
    assert not is_text_file(Path("a.npy"))


@pytest.mark.parametrize(
    "name", ["a.toml", "a.safetensors", "a.jsonl", "a.json", "a.npy", "a.parquet.gz", "a.bytes", "a.pkl", "a.xyz", "a"]
)
def test_a_pointer_of_git_lfs_is_one_whatever_it_is_called(tmp_path, name):
    (tmp_path / name).write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 9\n")
    with pytest.raises(CellcubeError, match=rf"{name} is only a pointer of Git LFS to the data; .*git lfs pull"):
        kind_of(tmp_path / name)


@pytest.mark.parametrize("name", ["a.pkl", "a.xlsx", "a.sqlite", "a.zip"])
def test_kinds_that_are_not_read_say_what_to_do(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(CellcubeError, match=rf"{name} is an? (pickle|spreadsheet|database|archive)"):
        kind_of(tmp_path / name)


def offered(file_filter):
    return re.search(r"\(([^)]*)\);;All files", file_filter)[1].split()


def test_files_of_a_plugged_in_reader_are_offered_and_opened(tmp_path):
    path, nameless = tmp_path / "words.wv", tmp_path / "words"
    path.touch()
    nameless.write_bytes(b"VEC1")
    plugin = Plugins("vec.py")
    plugin.reader("vec", Reader("Word vectors", (".wv",), lambda path, request: Rows()))
    plugin.reader(
        "vec1", Reader("Word vectors", (), lambda path, request: Rows(), sniff=lambda head: head[:3] == b"VEC")
    )
    try:
        assert kind_of(path) == "data"
        assert kind_of(nameless) == "data"
        assert "*.wv" in offered(data_filter())
        assert "*.wv" not in offered(texts_filter())
    finally:
        READERS.remove_plugin("vec.py")
    with pytest.raises(CellcubeError, match=r"words\.wv has an unknown ending"):
        kind_of(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x10",
        b"\xff" * 40,
        b"nonsense",
        (8).to_bytes(8, "little") + b"[1,2,3] ",
        (90).to_bytes(8, "little") + b'{"a": {}}',
        (19).to_bytes(8, "little") + b'{"__metadata__": 3}',
    ],
)
def test_torn_tensors_are_refused(tmp_path, content):
    path = tmp_path / "torn.safetensors"
    path.write_bytes(content)
    with pytest.raises(CellcubeError, match=r"torn\.safetensors is not a readable safetensors file"):
        kind_of(path)


def test_what_nobody_knows_is_refused(tmp_path):
    (tmp_path / "a.docx").touch()
    with pytest.raises(CellcubeError, match=r"unknown ending: expected one of \.toml, \.safetensors, \.npy"):
        kind_of(tmp_path / "a.docx")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        kind_of(tmp_path / "gone.toml")
