"""What the window adds to a checkpoint: arrays become tensors under names of their own, which training ignores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

_CURVES, _COLORS, _RAISED = "curves.", "colors.", "raised."
_KINDS = ("int32", "float32", "uint8")
"""Types of tensors that are stored here; numpy lacks some of those that a file can hold."""


def stored_curves(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return `History.to_arrays` as extra tensors of a run; they share memory. Loads torch."""
    return _stored(_CURVES, arrays)


def stored_colors(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return `Colorizer.to_arrays` as extra tensors of a run; they share memory. Loads torch."""
    return _stored(_COLORS, arrays)


def stored_raised(arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    """Return `StartActions.to_arrays` as extra tensors of a run; they share memory. Loads torch."""
    return _stored(_RAISED, arrays)


def curves_of(extras: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Return the arrays for `History.from_arrays` among a run's extra tensors."""
    return _arrays(_CURVES, extras)


def colors_of(extras: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Return the arrays for `Colorizer.take_arrays` among a run's extra tensors."""
    return _arrays(_COLORS, extras)


def raised_of(extras: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    """Return the arrays for `StartActions.take_arrays` among a run's extra tensors."""
    return _arrays(_RAISED, extras)


def _stored(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Tensor]:
    import torch

    return {prefix + name: torch.from_numpy(array) for name, array in arrays.items()}


def _arrays(prefix: str, extras: Mapping[str, Tensor]) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): tensor.numpy()
        for name, tensor in extras.items()
        if name.startswith(prefix) and str(tensor.dtype).removeprefix("torch.") in _KINDS
    }
