"""One optimizer update: forward, backward, finite check, clipping, AdamW.

The check comes before the update, and on a CUDA device it costs no host sync: the fused optimizer skips an
update whose `found_inf` is set, and the host learns of it when it next reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lattice.config import SimpleProjectConfig
from lattice.data import EmbeddingDataset
from lattice.model.student import StudentModel
from lattice.objectives import make_batch, noise_generator
from lattice.tiers import Tier
from lattice.training.batches import BatchOrder
from lattice.training.clock import PhaseClock
from lattice.training.replay import ReplayedPass


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


def compute_gradients(
    run: ReplayedPass,
    student: StudentModel,
    live: Sequence[Tier],
    dataset: EmbeddingDataset,
    order: BatchOrder,
    config: SimpleProjectConfig,
    training_step: int,
    clock: PhaseClock,
) -> UpdateResult:
    """Fill the gradients from `accumulation` batches and clip them; the weights are not touched.

    Args:
        run: the pass of `student` for one batch.
        student: gets the gradients.
        live: tiers that hold neighbours.
        dataset: samples, on the student's device.
        order: says which samples come next.
        config: of the run.
        training_step: updates done before, from which the noise follows.
        clock: gets the time of each phase.
    """
    settings = config.training_embedding
    run.clear()
    sums: dict[str, Tensor] = {}
    cosine_sum = torch.zeros((), device=dataset.device)
    samples = 0
    for batch_number in range(settings.accumulation):
        with clock.phase("data"):
            counter = training_step * settings.accumulation + batch_number
            generator = noise_generator(settings.seed, counter, dataset.device)
            indices = order.next(settings.batch_size)
            inputs, targets = make_batch(dataset, indices, config, generator)
        student.draw_from(settings.seed, counter)
        if settings.damage:
            student.erase_from(settings.damage, settings.seed, counter)
        result = run(inputs, targets, clock)
        for name, part in result.losses.items():
            sums[name] = sums.get(name, 0.0) + part / settings.accumulation
        cosine_sum = cosine_sum + result.cosine
        samples += len(inputs)
    with clock.phase("update"):
        norm = nn.utils.clip_grad_norm_(student.parameters(), config.optimizer.clip_norm)
        bad = (~torch.isfinite(norm + sums["total"])).float()
    return UpdateResult(
        losses=sums,
        cosine=cosine_sum / settings.accumulation,
        gradient_norm=norm,
        bad=bad,
        gate_shares=dict(zip(live, result.gates_L.unbind(), strict=True)) if len(result.gates_L) else {},
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
    own = {name: list(getattr(student, name).parameters()) for name in ("mapper", "volume", "extractor")}
    # A plugged rule may have a part of the same name.
    rule = {f"rule_{name}" if name in own else name: part for name, part in student.prototype.gradient_groups().items()}
    norms = {}
    for name, parameters in (rule | own).items():
        grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
        norms[name] = nn.utils.get_total_norm(grads) if grads else torch.zeros((), device=student.features.device)
    return norms
