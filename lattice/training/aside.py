"""Training steps aside: a run is trained on for a moment, and is then as if that had not happened, bit for bit."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

from lattice.training.batches import BatchOrder

if TYPE_CHECKING:
    from lattice.training.loop import TrainingLoop


@contextmanager
def aside(run: TrainingLoop) -> Iterator[None]:
    """Put back what training steps in the block change: weights, moments, counters, order, generators, watches.

    Tensors are written in place, since recorded passes know them by their memory. The block must do nothing else to
    the run. It costs the memory of the weights and moments once more.
    """
    student, optimizer = run.student, run.optimizer
    weights = {name: value.clone() for name, value in student.state_dict().items()}
    erased_N, draw = student.erased_N.clone(), student.draw
    moments = {
        parameter: {name: copy.deepcopy(value) for name, value in state.items()}
        for parameter, state in optimizer.state.items()
    }
    rates = [{name: value for name, value in group.items() if name != "params"} for group in optimizer.param_groups]
    kept = run.training_step, run.schedule_start, run.updating
    watch, bad = copy.deepcopy(run.divergence), run.bad_updates.clone()
    order = (run.order.indices, run.order.seed, run.order.epoch, run.order.offset)
    devices = [run.device] if run.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        with torch.no_grad():
            for name, value in student.state_dict().items():
                value.copy_(weights[name])
            student.erased_N.copy_(erased_N)
        student.draw = draw
        optimizer.state.clear()
        optimizer.state.update(moments)
        for group, values in zip(optimizer.param_groups, rates, strict=True):
            group.update(values)
        run.training_step, run.schedule_start, run.updating = kept
        run.divergence, run.bad_updates = watch, bad
        indices, seed, epoch, offset = order
        run.order = BatchOrder(indices, seed, epoch=epoch, offset=offset)
        student.zero_grad(set_to_none=True)
