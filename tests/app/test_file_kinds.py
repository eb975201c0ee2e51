"""What a file is, by its ending and its header."""

import numpy as np
import pytest
import safetensors.numpy

from app.file_kinds import kind_of
from lattice.errors import CellcubeError
from tests.app.fakes import FakeTrainer, small_config


def test_checkpoints_are_known_by_their_header(tmp_path):
    saved, data = tmp_path / "run.safetensors", tmp_path / "data.safetensors"
    FakeTrainer(small_config()).save(saved)
    safetensors.numpy.save_file({"embeddings": np.zeros((2, 2), np.float32)}, data)
    assert kind_of(saved) == "checkpoint"
    assert kind_of(data) == "data"


@pytest.mark.parametrize("name", ["a.toml", "a.TOML"])
def test_settings_are_known_by_their_ending(tmp_path, name):
    (tmp_path / name).touch()
    assert kind_of(tmp_path / name) == "settings"


def test_data_are_files_of_many_endings_and_folders(tmp_path):
    (tmp_path / "texts.jsonl").touch()
    assert kind_of(tmp_path / "texts.jsonl") == "data"
    assert kind_of(tmp_path) == "data"


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
