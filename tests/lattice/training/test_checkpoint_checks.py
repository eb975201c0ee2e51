"""A readable checkpoint whose contents would do harm is refused, and the message names the tensor or the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors
import safetensors.torch
import torch

from lattice.data import EmbeddingDataset
from lattice.errors import CheckpointError
from lattice.training.checkpoint import read_checkpoint
from lattice.training.trainer import EmbeddingTrainer

Tensors = dict[str, torch.Tensor]
Header = dict[str, object]
Damage = Callable[[Tensors, Header], object]

BIAS = "optimizer.prototype.gate.bias"
COUNTERS = {"training_step": 1, "schedule_start": 0, "epoch": 0, "offset": 4}


@pytest.fixture
def saved(small_trainer: Callable[..., EmbeddingTrainer], tmp_path: Path) -> Path:
    """Return a checkpoint after one training step."""
    path = tmp_path / "saved.safetensors"
    trainer = small_trainer()
    trainer.step()
    trainer.save(path)
    return path


@pytest.fixture
def samples(small_dataset: Callable[..., EmbeddingDataset]) -> EmbeddingDataset:
    return small_dataset()


def damaged(saved: Path, target: Path, damage: Damage) -> Path:
    with safetensors.safe_open(saved, framework="pt") as file:
        header = json.loads(file.metadata()["cellcube"])
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
    header.pop("checksums")  # as in files from before they were noted: the other checks are looked at
    damage(tensors, header)
    safetensors.torch.save_file(tensors, target, metadata={"cellcube": json.dumps(header)})
    return target


def value(name: str, number: float) -> Damage:
    """Put one number into a tensor."""
    return lambda tensors, _: tensors[name].view(-1)[:1].fill_(number)


def tensor(name: str, content: torch.Tensor) -> Damage:
    return lambda tensors, _: tensors.update({name: content})


def lacking(*names: str) -> Damage:
    return lambda tensors, _: [tensors.pop(name) for name in names]


def counter(name: str, number: object) -> Damage:
    return lambda _, header: header.update(counters={**COUNTERS, name: number})


def field(name: str, content: object) -> Damage:
    return lambda _, header: header.update({name: content})


def without_moments(tensors: Tensors, header: Header) -> None:
    for name in [name for name in tensors if name.startswith("optimizer.")]:
        del tensors[name]
    del header["optimizer_parameters"]


DAMAGES: dict[str, tuple[Damage, str]] = {
    "weight nan": (
        value("student.prototype.gate.bias", float("nan")),
        "'prototype.gate.bias' is not finite at number 0",
    ),
    "weight kind": (
        tensor("student.prototype.gate.bias", torch.zeros(3, dtype=torch.int64)),
        "'prototype.gate.bias' holds int64, expected float32",
    ),
    "moment nan": (value(f"{BIAS}/exp_avg", float("nan")), r"state 'prototype\.gate\.bias/exp_avg' is not finite"),
    "moment inf": (
        value(f"{BIAS}/exp_avg_sq", float("inf")),
        r"state 'prototype\.gate\.bias/exp_avg_sq' is not finite",
    ),
    "moment negative": (value(f"{BIAS}/exp_avg_sq", -1.0), r"'prototype\.gate\.bias/exp_avg_sq' is negative"),
    "moment huge": (value(f"{BIAS}/exp_avg", 1e30), r"'prototype\.gate\.bias/exp_avg' is larger than any gradients"),
    "moment shape": (
        tensor(f"{BIAS}/exp_avg_sq", torch.zeros(1, 3)),
        r"exp_avg_sq' has shape \(1, 3\), expected \(3,\)",
    ),
    "moment missing": (lacking(f"{BIAS}/exp_avg_sq"), r"lacks the optimizer state 'prototype\.gate\.bias/exp_avg_sq'"),
    "one parameter's state missing": (
        lacking(f"{BIAS}/step", f"{BIAS}/exp_avg", f"{BIAS}/exp_avg_sq"),
        r"holds optimizer state of \d+ parameters, expected \d+: use an earlier checkpoint",
    ),
    "all states missing": (without_moments, "lacks the optimizer state of a run of 1 training steps"),
    "unknown state": (
        tensor(f"{BIAS}/max_exp_avg_sq", torch.zeros(3)),
        "unknown optimizer state 'prototype.gate.bias/max",
    ),
    "step negative": (value(f"{BIAS}/step", -5.0), r"'prototype\.gate\.bias/step' is negative"),
    "step shape": (tensor(f"{BIAS}/step", torch.zeros(3)), r"gate\.bias/step' has shape \(3,\), expected \(\)"),
    "random state short": (
        tensor("rng.torch", torch.zeros(16, dtype=torch.uint8)),
        r"'rng.torch' is uint8 of shape \[16\]",
    ),
    "random state content": (
        tensor("rng.torch", torch.full((5056,), 255, dtype=torch.uint8)),
        "'rng.torch' is damaged",
    ),
    "counter negative": (counter("training_step", -5), "the counter 'training_step' is -5, expected a whole number"),
    "counter fractional": (counter("epoch", 1.5), "the counter 'epoch' is 1.5"),
    "counter huge": (counter("offset", 10**30), "the counter 'offset' is 1000000000000000000000000000000"),
    "counter text": (counter("training_step", "7"), "the counter 'training_step' is \"7\""),
    "counter true": (counter("training_step", True), "the counter 'training_step' is true"),
    "schedule in the future": (
        counter("schedule_start", 9),
        "schedule starts at training step 9, after the training step 1",
    ),
    "width huge": (field("width", 10**9), "states the width 1000000000, expected 1 to 65,536 numbers"),
    "width of other data": (field("width", 13), "states the width 13, but its data has 12"),
    "width text": (field("width", "12"), 'states the width "12"'),
    "data": (field("dataset", {"source": 3}), "the note of its data is"),
    "configuration": (field("config", []), r"its configuration is \[\]"),
    "long counter": (field("counters", {"x" * 200_000: -1}), r"the counter 'x{77}\.\.\.' is -1"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_what_would_do_harm_is_refused_by_name(
    saved: Path, samples: EmbeddingDataset, tmp_path: Path, name: str
) -> None:
    damage, message = DAMAGES[name]
    odd = damaged(saved, tmp_path / "odd.safetensors", damage)
    before = torch.get_rng_state()
    with pytest.raises(CheckpointError, match=message) as refusal:
        EmbeddingTrainer.resume(odd, dataset=samples)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("[" * 200_000, "is a safetensors file, but no Cellcube checkpoint"),
        ('{"format": ' + "9" * 5_000 + "}", "is a safetensors file, but no Cellcube checkpoint"),
        ('{"format": 1e999}', "is a safetensors file, but no Cellcube checkpoint"),
    ],
    ids=["nested", "digits", "infinite"],
)
def test_metadata_that_break_a_parser_are_refused(tmp_path: Path, note: str, message: str) -> None:
    path = tmp_path / "odd.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(2)}, path, metadata={"cellcube": note})
    with pytest.raises(CheckpointError, match=message):
        read_checkpoint(path)


def test_a_header_above_the_limit_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "odd.safetensors"
    with path.open("wb") as file:
        file.write((96_000_000).to_bytes(8, "little"))
        file.truncate(96_000_008)
    with pytest.raises(CheckpointError, match=r"its header has 96 MB, expected at most 4\.2 MB"):
        read_checkpoint(path)


def test_what_was_resumed_does_not_depend_on_the_file_any_more(
    saved: Path, samples: EmbeddingDataset, tmp_path: Path
) -> None:
    path = tmp_path / "run.safetensors"
    path.write_bytes(saved.read_bytes())
    resumed = EmbeddingTrainer.resume(path, dataset=samples)
    path.write_bytes(b"")
    assert resumed.step().training_step == 2
