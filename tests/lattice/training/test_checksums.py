"""A tensor that changed on the disk is found, whichever it is; a file that is cut off says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.errors import CheckpointError
from lattice.formats import HeaderError, read_tensors_header
from lattice.training.checkpoint import read_checkpoint
from lattice.training.checksums import check_sums, checksums_of
from lattice.training.trainer import EmbeddingTrainer


@pytest.fixture
def saved(small_trainer: Callable[..., EmbeddingTrainer], tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    trainer = small_trainer()
    trainer.step()
    trainer.save(path)
    return path


def test_a_flipped_bit_is_found_in_every_tensor(saved: Path) -> None:
    whole, header = saved.read_bytes(), read_tensors_header(saved)
    start = 8 + int.from_bytes(whole[:8], "little")
    places = {name: entry["data_offsets"] for name, entry in header.items() if name != "__metadata__"}
    assert read_checkpoint(saved).tensors.keys() == places.keys()
    for name, (first, last) in places.items():
        if last > first:
            torn = bytearray(whole)
            torn[start + (first + last) // 2] ^= 1
            saved.write_bytes(torn)
            with pytest.raises(CheckpointError, match=re.escape(f"the tensor {name!r} is not the one that was saved")):
                read_checkpoint(saved)


def test_a_file_that_is_cut_off_says_how_much_is_missing(saved: Path) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[:-1000])
    with pytest.raises(CheckpointError, match=r"it is cut off: 1\.0 kB of its tensors' .* are missing\. Copy it again"):
        read_checkpoint(saved)
    with pytest.raises(HeaderError, match="cut off"):
        read_tensors_header(saved, whole=True)
    assert "__metadata__" in read_tensors_header(saved)


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.int64, torch.uint8, torch.bool])
def test_every_kind_of_tensor_has_a_sum(kind: torch.dtype, tmp_path: Path) -> None:
    tensors = {"a": torch.ones(3, 2).to(kind), "none": torch.ones(0).to(kind), "one": torch.tensor(1).to(kind)}
    sums = checksums_of(tensors)
    check_sums(tmp_path / "a", tensors, sums)
    with pytest.raises(CheckpointError, match="'one' is not the one that was saved"):
        check_sums(tmp_path / "a", {**tensors, "one": torch.tensor(0).to(kind)}, sums)
    with pytest.raises(CheckpointError, match="its checksums are 3, expected numbers by name"):
        check_sums(tmp_path / "a", tensors, 3)
    check_sums(tmp_path / "a", tensors, None)


def test_a_checkpoint_of_a_version_without_sums_is_read(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes().replace(b"checksums", b"checksumz"))
    assert read_checkpoint(saved).counters["training_step"] == 1
