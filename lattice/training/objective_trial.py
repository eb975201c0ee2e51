"""A trial of a plugged objective before a run relies on it: a few random samples, and one alone as it is watched.

Shapes: B batch, D embedding width.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F

from lattice.config import SimpleProjectConfig
from lattice.errors import PluginError
from lattice.objectives import Batch, made_by, noise_generator, objective_of
from lattice.plugin_faults import defined_at
from lattice.plugins import BUILT_IN, OBJECTIVES
from lattice.seeding import seeded

SAMPLES = (4, 1)
"""Sizes of the batches that are tried."""


def try_objective(config: SimpleProjectConfig, width: int, device: torch.device) -> None:
    """Make inputs and targets twice with the same generator; the built-in objectives are tested, and not tried.

    Args:
        config: names the objective, and holds its settings.
        width: floats of an embedding, D.
        device: where the batches are made.

    Raises:
        PluginError: nothing of the objective's name is loaded, it can't be made, raises, makes wrong shapes or
            numbers that are not finite, or draws from anything but `batch.generator`; the message says file and line.
    """
    if OBJECTIVES.entry(config.training_embedding.objective).plugin == BUILT_IN:
        return
    objective = objective_of(config)
    source = torch.Generator().manual_seed(0)
    for samples in SAMPLES:
        clean_BD, partner_BD = (
            F.normalize(torch.randn(samples, width, generator=source), dim=-1).to(device) for _ in range(2)
        )
        made = []
        for seed in range(2):  # of torch's own generator, from which it must not draw
            batch = Batch(
                clean_BD.clone(),
                noise_generator(0, 0, device),
                config.training_embedding,
                partner_BD.clone() if objective.needs_partners else None,
            )
            with seeded(seed):
                made.append(torch.stack(made_by(objective, batch, config.training_embedding.objective)))
        place = f"{defined_at(type(objective).make)}: {type(objective).make.__qualname__}"
        if not all(torch.isfinite(numbers).all() for numbers in made):
            raise PluginError(f"{place} made numbers that are not finite")
        if not torch.equal(*made):
            raise PluginError(
                f"{place} made other numbers from the same batch, so no run could be repeated: draw random numbers "
                "from batch.generator alone"
            )
