"""The optimizer: torch's AdamW to the bit, without torch's compiler."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from lattice.config import SimpleProjectConfig
from lattice.training.optimizer import EagerAdamW, make_optimizer

TRAIN = """
import sys
from lattice.config import SimpleProjectConfig
from lattice.data import load_dataset
from lattice.training.trainer import EmbeddingTrainer
config = SimpleProjectConfig.from_preset("debug")
data = load_dataset(config.training_embedding, config.data, config.teacher)
trainer = EmbeddingTrainer(config, data)
trainer.advance(2)
trainer.observe(0, learning_signal=True)
trainer.save(sys.argv[1])
EmbeddingTrainer.resume(sys.argv[1], dataset=data).step()
print([name for name in ("torch._dynamo", "torch._inductor", "sympy") if name in sys.modules])
"""


def test_training_never_imports_the_compiler(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, str(tmp_path / "run.safetensors")], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"


def test_it_is_adamw(small_config: Callable[..., SimpleProjectConfig]) -> None:
    generator = torch.Generator().manual_seed(3)
    ours = nn.Linear(5, 4)
    theirs = copy.deepcopy(ours)
    config = small_config("optimizer.weight_decay=0.1", "optimizer.learning_rate=0.02")
    optimizer = make_optimizer(ours, config)
    reference = torch.optim.AdamW(theirs.parameters(), lr=0.02, weight_decay=0.1, fused=True)
    for _ in range(5):
        values = torch.randn(7, 5, generator=generator)
        for model, own in ((ours, optimizer), (theirs, reference)):
            own.zero_grad(set_to_none=True)
            model(values).square().sum().backward()
            own.step()
    assert torch.equal(ours.weight, theirs.weight)
    assert torch.equal(ours.bias, theirs.bias)


def test_its_state_is_torchs_own() -> None:
    model = nn.Linear(3, 2)
    optimizer = EagerAdamW(model.parameters(), lr=0.1, fused=True)
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    reference = torch.optim.AdamW(model.parameters(), lr=0.5, fused=True)
    reference.load_state_dict(optimizer.state_dict())
    assert reference.param_groups[0]["lr"] == 0.1
    again = EagerAdamW(model.parameters(), lr=0.5, fused=True)
    again.load_state_dict(reference.state_dict())
    for parameter in model.parameters():
        assert torch.equal(again.state[parameter]["exp_avg"], optimizer.state[parameter]["exp_avg"])
        assert again.state[parameter]["step"] == 1


def test_an_update_that_is_not_finite_is_skipped_whole() -> None:
    model = nn.Linear(3, 2)
    before = copy.deepcopy(model.state_dict())
    optimizer = EagerAdamW(model.parameters(), lr=0.1, fused=True)
    model(torch.ones(1, 3)).sum().backward()
    optimizer.found_inf = torch.ones(())  # type: ignore[attr-defined]
    optimizer.step()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
