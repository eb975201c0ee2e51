"""One optimizer update: forward, backward, finite check, clipping, AdamW.

The check comes before the update, and on a CUDA device it costs no host sync: the fused optimizer skips an
update whose `found_inf` is set, and the host learns of it when it next reports.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.losses import losses
from lattice.model.student import StudentModel
from lattice.neighbourhood import TierMeans
from lattice.objectives import make_batch, noise_generator
from lattice.training.batches import BatchOrder
from lattice.training.monitor import PhaseClock


@dataclass(frozen=True)
class UpdateResult:
    """What one update leaves on the device; nothing here was brought to the host."""

    losses: dict[str, Tensor]
    cosine: Tensor
    gradient_norm: Tensor
    """Global norm before clipping."""
    bad: Tensor
    """1.0 if loss or gradient was not finite, else 0.0."""
    gate_shares: dict[str, Tensor]
    samples: int
    inputs_BD: Tensor
    """Last batch's inputs, to find out what first went wrong."""


def make_optimizer(student: nn.Module, config: SimpleProjectConfig) -> torch.optim.AdamW:
    """Return AdamW over all parameters; the fused kernel can skip an update on the device."""
    settings = config.optimizer
    return torch.optim.AdamW(
        student.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay, fused=True
    )


def compute_gradients(
    student: StudentModel,
    tier_means: TierMeans,
    dataset: EmbeddingDataset,
    order: BatchOrder,
    config: SimpleProjectConfig,
    training_step: int,
    clock: PhaseClock,
    *,
    recompute: bool = False,
) -> UpdateResult:
    """Fill the gradients from `accumulation` batches and clip them; the weights are not touched."""
    settings = config.training_embedding
    student.zero_grad(set_to_none=True)
    sums: dict[str, Tensor] = {}
    cosine_sum = torch.zeros((), device=dataset.device)
    samples = 0
    for batch_number in range(settings.accumulation):
        with clock.phase("data"):
            counter = training_step * settings.accumulation + batch_number
            generator = noise_generator(settings.seed, counter, dataset.device)
            indices = order.next(settings.batch_size)
            inputs, targets = make_batch(dataset, indices, settings, config.embedding_mapping, generator)
        with clock.phase("forward"):
            output = student(inputs, tier_means, config.lattice.lattice_steps, recompute=recompute)
            parts = losses(output.embedding_BD, targets, output.rollout, settings.loss_weights)
        with clock.phase("backward"):
            (parts["total"] / settings.accumulation).backward()
        with torch.no_grad():
            for name, part in parts.items():
                sums[name] = sums.get(name, 0.0) + part.detach() / settings.accumulation
            cosine_sum = cosine_sum + F.cosine_similarity(output.embedding_BD.detach(), targets, dim=-1).mean()
        samples += len(inputs)
    with clock.phase("update"):
        norm = nn.utils.clip_grad_norm_(student.parameters(), config.optimizer.clip_norm)
        bad = (~torch.isfinite(norm + sums["total"])).float()
    gates = [trace.gates_LNB.detach() for trace in output.rollout.traces]
    mean_gates = torch.stack([gate.mean((1, 2)) for gate in gates]).mean(0)
    return UpdateResult(
        losses=sums,
        cosine=cosine_sum / settings.accumulation,
        gradient_norm=norm,
        bad=bad,
        gate_shares=dict(zip(tier_means.live_tiers, mean_gates.unbind(), strict=True)),
        samples=samples,
        inputs_BD=inputs,
    )


def apply_gradients(
    optimizer: torch.optim.AdamW, result: UpdateResult, rate: float, weight_decay: float, clock: PhaseClock
) -> None:
    """Do the update unless `result.bad`; no host sync."""
    with clock.phase("update"):
        for group in optimizer.param_groups:
            group["lr"], group["weight_decay"] = rate, weight_decay
        optimizer.found_inf = result.bad  # type: ignore[attr-defined]
        optimizer.step()


def gradient_norms(student: StudentModel) -> dict[str, Tensor]:
    """Return the gradient norm per part of the student, scalars; a part that is switched off has norm 0."""
    prototype = student.prototype
    parts: dict[str, list[nn.Module]] = {
        "local": [prototype.local],
        "functional": [prototype.functional],
        "distant": [prototype.distant],
        "gate": [prototype.gate, prototype.gate_receive],
        "position": [prototype.position],
        "normalize": [prototype.normalize],
        "mapper": [student.mapper],
        "volume": [student.volume],
        "extractor": [student.extractor],
    }
    norms = {}
    for name, modules in parts.items():
        grads = [p.grad for module in modules for p in module.parameters() if p.grad is not None]
        norms[name] = nn.utils.get_total_norm(grads) if grads else torch.zeros(())
    return norms
