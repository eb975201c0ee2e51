"""Curves in a checkpoint: arrays become tensors under names of their own, which training never looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

_PREFIX = "curves."
_KINDS = ("int32", "float32", "uint8")
"""Types of tensors that `stored_curves` makes; numpy lacks some of those that a file can hold."""


def stored_curves(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return `History.to_arrays` as extra tensors of a run; they share memory. Loads torch."""
    import torch

    return {_PREFIX + name: torch.from_numpy(array) for name, array in arrays.items()}


def curves_of(extras: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Return the arrays for `History.from_arrays` among a run's extra tensors."""
    return {
        name.removeprefix(_PREFIX): tensor.numpy()
        for name, tensor in extras.items()
        if name.startswith(_PREFIX) and str(tensor.dtype).removeprefix("torch.") in _KINDS
    }
