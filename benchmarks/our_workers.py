"""This project's side of what `benchmarks.worker` times: tier means, a forward pass, a training step."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.floors import forward_bytes, tier_means_floor, training_step_bytes
from benchmarks.memory import peak_bytes
from benchmarks.samples import random_samples
from benchmarks.timing import seconds_of
from benchmarks.worker import Task
from lattice.config import LatticeSettings, SimpleProjectConfig
from lattice.neighbourhood import TierMeans
from lattice.neighbourhood.base import Stencils
from lattice.tiers import FieldShape
from lattice.training.batch_pass import scoring_pass
from lattice.training.engine import build_tier_means
from lattice.training.recording import recorder_for
from lattice.training.replay import EAGER_CALLS, ReplayedScoring
from lattice.training.trainer import EmbeddingTrainer

_GPU_REPEATS = 8


def tier_means(*, side: int, fields: int, device: str, threads: int | None) -> Task:
    """Forward and backward through all live tiers of a cube at the default ratios, in a student's layout."""
    on = _start(threads, device)
    stencils = Stencils.of((side,) * 3, LatticeSettings(dimensions=(side,) * 3).get_distance_thresholds())
    if not stencils.shells:
        raise SystemExit("no tier holds neighbours")
    at_once = dict.fromkeys(stencils.shells, FieldShape(fields, 1))
    means = TierMeans.build(stencils.dimensions, stencils.thresholds, device=on, fields=at_once)
    values = torch.randn(fields, stencils.cells, 1, device=on, requires_grad=True)
    weights = [torch.randn_like(values) for _ in means.live_tiers]

    def call() -> None:
        found = [means.channel_means(values, tier) for tier in means.live_tiers]
        torch.autograd.grad(found, values, weights)

    floor = tier_means_floor(stencils, fields)
    facts = {
        "engine": means.engine,
        "edges": sum(stencils.edges.values()),
        "stencil_bytes": means.bytes,
        "floor_bytes": floor.bytes,
        "floor_operations": floor.operations,
    }
    return _task(call, on, facts)


def training_step(*, settings: list[str], device: str, threads: int | None) -> Task:
    """One whole update: data, forward, backward, AdamW, report."""
    on = _start(threads, device)
    trainer = _trainer(settings, on)
    with FlopCounterMode(display=False) as counter:
        trainer.step()
    facts = _facts(trainer) | {
        "floor_operations": counter.get_total_flops(),
        "floor_bytes": training_step_bytes(trainer.config, trainer.tier_means.live_tiers, _parameters(trainer)),
    }
    # On a GPU only the last of several training steps is reported, as in a headless run.
    repeats = _GPU_REPEATS if on.type == "cuda" else 1
    return _task(partial(trainer.advance, repeats), on, facts, repeats)


def forward(*, settings: list[str], device: str, threads: int | None) -> Task:
    """Paint, roll out and read back one batch without gradients."""
    on = _start(threads, device)
    trainer = _trainer(settings, on)
    config = trainer.config
    inputs = trainer.dataset.embeddings[: config.training_embedding.batch_size].float()
    run = scoring_pass(trainer.student, trainer.tier_means, config)
    scoring = ReplayedScoring(run, recorder_for(config, on, recompute=False))
    with FlopCounterMode(display=False) as counter:
        scoring(inputs)
    for _ in range(EAGER_CALLS):
        scoring(inputs)
    moved = forward_bytes(config, trainer.tier_means.live_tiers)
    work = {"floor_operations": counter.get_total_flops(), "floor_bytes": moved, "replayed": scoring.replays}
    return _task(partial(scoring, inputs), on, _facts(trainer) | work)


def _start(threads: int | None, device: str) -> torch.device:
    if threads:
        torch.set_num_threads(threads)
    return torch.device(device)


def _trainer(settings: list[str], device: torch.device) -> EmbeddingTrainer:
    config = SimpleProjectConfig.from_preset("debug").override(["logging.level=WARNING", *settings])
    return EmbeddingTrainer(config, random_samples(device), device, tier_means=build_tier_means(config, device))


def _facts(trainer: EmbeddingTrainer) -> dict[str, Any]:
    return {"engine": trainer.tier_means.engine, "parameters": _parameters(trainer)}


def _parameters(trainer: EmbeddingTrainer) -> int:
    return sum(parameter.numel() for parameter in trainer.student.parameters())


def _task(call: Callable[[], object], device: torch.device, facts: dict[str, Any], repeats: int = 1) -> Task:
    seconds = partial(seconds_of, call, device) if device.type == "cuda" else None
    return Task(call, partial(peak_bytes, device), facts, repeats, seconds)
