"""A training step waits for its device once, to report; on a graphics card every further wait costs time.

The device `meta` stands in for a card: its values can't be read, so whatever brings one to the host fails here too.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn

from lattice.training import updates
from lattice.training.clock import PhaseClock
from lattice.training.trainer import EmbeddingTrainer

Maker = Callable[..., EmbeddingTrainer]


def test_a_report_takes_one_transfer(small_trainer: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = small_trainer()
    transfers = []
    read = torch.Tensor.tolist

    def counted(tensor: torch.Tensor) -> Any:
        transfers.append(tensor.shape)
        return read(tensor)

    def refused(tensor: torch.Tensor) -> float:
        raise AssertionError(f"a tensor of shape {tuple(tensor.shape)} was read by itself")

    monkeypatch.setattr(torch.Tensor, "tolist", counted)
    for name in ("item", "__bool__", "__float__"):
        monkeypatch.setattr(torch.Tensor, name, refused)
    report = trainer.step()
    assert len(transfers) == 1
    assert report.losses["total"] > 0.0


@pytest.mark.parametrize("engine", ["sparse", "fft", "dense"])
@pytest.mark.parametrize("setting", ["device.recompute=never", "device.recompute=always"])
def test_gradients_are_computed_without_a_look_at_values(
    engine: str, setting: str, small_trainer: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Autocast (not needed for float32) and generators do not know this device.
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    monkeypatch.setattr(updates, "noise_generator", lambda *_: None)
    trainer = small_trainer("training_embedding.objective=denoise", f"neighbors.engine={engine}", setting)
    _move(trainer, {})
    result = trainer._gradients(PhaseClock())
    assert {part.device.type for part in result.losses.values()} == {"meta"}
    assert {p.grad.device.type for p in trainer.student.parameters() if p.grad is not None} == {"meta"}
    assert result.bad.is_meta
    with pytest.raises((RuntimeError, NotImplementedError), match="meta"):
        result.bad.item()


def _move(value: Any, moved: dict[int, tuple[Any, Any]]) -> Any:
    """Move every tensor that an object holds, however deep, to `meta`; return what stands in its place.

    `moved` holds objects beside what replaces them, so that no other object gets their identity meanwhile.
    """
    if id(value) in moved:
        return moved[id(value)][1]
    if isinstance(value, torch.Tensor):
        there = value.detach().to("meta")
        moved[id(value)] = value, nn.Parameter(there) if isinstance(value, nn.Parameter) else there
        return moved[id(value)][1]
    if isinstance(value, torch.device):
        return torch.device("meta")
    moved[id(value)] = value, value
    if isinstance(value, dict):
        value.update({key: _move(part, moved) for key, part in value.items()})
    elif isinstance(value, list):
        value[:] = [_move(part, moved) for part in value]
    elif type(value) is tuple:
        return tuple(_move(part, moved) for part in value)
    elif type(value).__module__.startswith(("lattice.", "torch.nn.")) and hasattr(value, "__dict__"):
        for name, part in list(vars(value).items()):
            object.__setattr__(value, name, _move(part, moved))
    return value
