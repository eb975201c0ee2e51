"""What a checkpoint must hold to be taken over: checked whole before any of it reaches a run.

A file can be readable and still do harm: a moment that is not a number makes every weight so at the next update. Each
check names the tensor or the field. None of them asks for more memory than the largest tensor.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lattice.errors import CheckpointError, first_line
from lattice.limits import MAX_COUNTER, MAX_WIDTH, SHOWN_KEY_CHARACTERS

COUNTERS = ("training_step", "schedule_start", "epoch", "offset")
"""Counters of a run, all of them in its checkpoint and none in an export."""
MOMENTS = ("exp_avg", "exp_avg_sq")
"""AdamW's moving averages of a parameter's gradient and of its square, each of the parameter's shape."""
_LARGEST_RATIO = 2 * 7.27
"""Twice the largest |m| / sqrt(v) of AdamW with beta1 = 0.9 and beta2 = 0.999: by Cauchy and Schwarz
(1 - beta1) / sqrt((1 - beta2) (1 - beta1^2 / beta2)) over any gradients."""
_ROUNDING = 1e-15
"""Squares of gradients below this are lost to float32, and their updates to AdamW's epsilon of 1e-8."""
UPDATES = "step"
"""AdamW's number of updates of a parameter, one float32."""


def checked_counters(path: Path, counters: Any) -> dict[str, int]:
    """Return the counters of a checkpoint's metadata; raise `CheckpointError` that names one that makes no sense."""
    if not isinstance(counters, dict):
        raise damaged(path, f"the counters are {shown(counters)}, expected numbers by name")
    for name, value in counters.items():
        if type(value) is not int or not 0 <= value <= MAX_COUNTER:
            raise damaged(path, f"the counter {name_of(name)} is {shown(value)}, expected a whole number from 0 on")
    if counters.get("schedule_start", 0) > counters.get("training_step", MAX_COUNTER):
        raise damaged(
            path,
            f"its schedule starts at training step {counters['schedule_start']:,}, after the training step "
            f"{counters['training_step']:,} at which it was saved",
        )
    return counters


def checked_width(path: Path, width: Any) -> int:
    """Return the embedding width of a checkpoint's metadata; raise `CheckpointError` unless a run can have it."""
    if type(width) is not int or not 1 <= width <= MAX_WIDTH:
        raise damaged(path, f"it states the width {shown(width)}, expected 1 to {MAX_WIDTH:,} numbers")
    return width


def checked_dataset(path: Path, dataset: Any) -> dict[str, str]:
    """Return what the metadata says of the data; raise `CheckpointError` unless it is texts by name."""
    if not isinstance(dataset, dict) or not all(isinstance(text, str) for text in dataset.values()):
        raise damaged(path, f"the note of its data is {shown(dataset)}, expected texts by name")
    return dataset


def check_tensors(wanted: Mapping[str, Tensor], stored: Mapping[str, Tensor], path: Path, what: str) -> None:
    """Raise `CheckpointError` that names the first tensor that is missing, unknown, or of another shape or kind.

    Args:
        wanted: tensors of the run, by name.
        stored: tensors of the file, by name; a floating point tensor may have another precision.
        path: the file.
        what: says in messages whose tensors these are.
    """
    for name, value in wanted.items():
        if name not in stored:
            raise CheckpointError(f"{path} lacks the {what} tensor {name!r}")
        _check_form(stored[name], value, path, f"the {what} tensor {name!r}")
    extra = sorted(set(stored) - set(wanted))
    if extra:
        raise CheckpointError(f"{path} holds an unknown {what} tensor {name_of(extra[0])}")
    for name in wanted:
        check_finite(stored[name], path, f"the {what} tensor {name!r}")


def check_optimizer(
    parameters: Mapping[str, Tensor], stored: Mapping[str, Tensor], path: Path, *, updates: int
) -> None:
    """Raise `CheckpointError` that names the first state of AdamW that is missing or that no training could leave.

    A parameter that never had a gradient, such as an empty tier's, has no state at all.

    Args:
        parameters: the student's, by name.
        stored: the file's optimizer tensors, as `<parameter>/<state>`.
        path: the file.
        updates: training steps that the schedule has done; after the first one some parameter has a state.
    """
    states: dict[str, dict[str, Tensor]] = {}
    for full, value in stored.items():
        name, _, key = full.rpartition("/")
        if name not in parameters:
            raise CheckpointError(f"{path} holds optimizer state of an unknown parameter {name_of(name)}")
        if key not in (UPDATES, *MOMENTS):
            raise CheckpointError(f"{path} holds an unknown optimizer state {name_of(full)}")
        states.setdefault(name, {})[key] = value
    if updates > 0 and not states:
        raise CheckpointError(f"{path} lacks the optimizer state of a run of {updates:,} training steps")
    for name, state in states.items():
        for key in (UPDATES, *MOMENTS):
            full = f"{name}/{key}"
            if key not in state:
                raise CheckpointError(f"{path} lacks the optimizer state {full!r}")
            likeness = parameters[name] if key in MOMENTS else parameters[name].new_zeros(())
            _check_form(state[key], likeness, path, f"the optimizer state {full!r}")
        for key, value in state.items():
            what = f"the optimizer state '{name}/{key}'"
            check_finite(value, path, what)
            if key != "exp_avg" and value.numel() and bool((value < 0).any()):
                raise CheckpointError(f"{path}: {what} is negative, which no training leaves; use an earlier one")
        if bool((state["exp_avg"].abs() > _LARGEST_RATIO * state["exp_avg_sq"].sqrt() + _ROUNDING).any()):
            raise CheckpointError(
                f"{path}: the optimizer state '{name}/exp_avg' is larger than any gradients with '{name}/exp_avg_sq' "
                "leave, so the next update would ruin the weights; use an earlier checkpoint"
            )


def check_random_state(state: Tensor, path: Path) -> None:
    """Raise `CheckpointError` unless torch's generator can go on from `state`; no generator in use is touched."""
    likeness = torch.get_rng_state()
    if state.dtype != likeness.dtype or state.shape != likeness.shape:
        raise CheckpointError(
            f"{path}: the random state 'rng.torch' is {_kind(state)} of shape {list(state.shape)}, expected "
            f"{_kind(likeness)} of shape {list(likeness.shape)}; another version of torch made it, or it is damaged"
        )
    try:
        torch.Generator().set_state(state.clone())
    except RuntimeError as error:
        raise CheckpointError(f"{path}: the random state 'rng.torch' is damaged: {first_line(error)}") from None


def check_finite(value: Tensor, path: Path, what: str) -> None:
    """Raise `CheckpointError` if a tensor holds a number that is not finite."""
    if value.is_floating_point() and value.numel() and not bool(torch.isfinite(value).all()):
        first = int((~torch.isfinite(value.reshape(-1))).nonzero()[0])
        raise CheckpointError(
            f"{path}: {what} is not finite at number {first:,} of {value.numel():,}; use an earlier checkpoint"
        )


def damaged(path: Path, what: str) -> CheckpointError:
    """Return the error for metadata that make no sense."""
    return CheckpointError(f"the metadata of {path} is damaged: {what}")


def name_of(name: object) -> str:
    """Return a name out of a file for a message: quoted, and cut short."""
    return repr(_cut(str(name)))


def shown(value: Any) -> str:
    """Return a value out of parsed JSON for a message, cut short."""
    return _cut(json.dumps(value))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_KEY_CHARACTERS else text[: SHOWN_KEY_CHARACTERS - 3] + "..."


def _check_form(stored: Tensor, wanted: Tensor, path: Path, what: str) -> None:
    if stored.shape != wanted.shape:
        raise CheckpointError(f"{path}: {what} has shape {tuple(stored.shape)}, expected {tuple(wanted.shape)}")
    if stored.dtype != wanted.dtype and not (stored.is_floating_point() and wanted.is_floating_point()):
        raise CheckpointError(f"{path}: {what} holds {_kind(stored)}, expected {_kind(wanted)}")


def _kind(value: Tensor) -> str:
    return str(value.dtype).removeprefix("torch.")
