"""Whether a run fits into memory, said before it takes any, and what to do where it does not.

A forward pass that does not fit is not refused by the system: memory is promised until there is none left, and then
some process is ended. So the need is computed from the shapes first.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch

from lattice.config import SimpleProjectConfig
from lattice.errors import ConfigError, DeviceError, MemoryRanOutError
from lattice.training.footprint import free_for_rollouts, training_bytes
from lattice.units import bytes_text

_SMALLEST_SIDE = 3
_SCALES = tuple(scale / 20 for scale in range(19, 0, -1))


def needed_bytes(config: SimpleProjectConfig, width: int) -> int:
    """Return the least memory that a training step takes, with lattice steps recomputed where the settings allow it."""
    return training_bytes(config, width, recompute=config.device.recompute != "never")


def check_room(config: SimpleProjectConfig, width: int, device: torch.device) -> None:
    """Raise `DeviceError` if a training step can't fit into what is free on a device; nothing is allocated.

    Args:
        config: the run that is planned.
        width: floats of an embedding.
        device: where it would be computed.
    """
    free = free_for_rollouts(device)
    if needed_bytes(config, width) > free:
        raise DeviceError(f"{_what(config)} takes {_need(config, width)}, {_refusal(config, width, free, device)}")


def out_of_memory(config: SimpleProjectConfig, width: int, device: torch.device) -> MemoryRanOutError:
    """Return the error for a training step during which memory ran out; call it once that memory was given back."""
    free = free_for_rollouts(device)
    return MemoryRanOutError(
        f"memory ran out during {_what(config)}, which takes about {_need(config, width)} beside libraries and data; "
        f"its memory was given back and the weights are unharmed, {_refusal(config, width, free // 2, device)}"
    )


def _what(config: SimpleProjectConfig) -> str:
    size = "x".join(map(str, config.lattice.dimensions))
    return f"a training step of {size} cells with {config.training_embedding.batch_size} samples"


def _need(config: SimpleProjectConfig, width: int) -> str:
    return f"{bytes_text(needed_bytes(config, width))} of memory"


def _refusal(config: SimpleProjectConfig, width: int, limit: int, device: torch.device) -> str:
    place = "the GPU" if device.type == "cuda" else "this computer"
    fixes = " or ".join(nearest_that_fit(config, width, limit))
    return f"and {bytes_text(free_for_rollouts(device))} are free on {place}. " + (
        f"What fits: {fixes}" if fixes else "Nothing near these settings fits: choose a far smaller lattice"
    )


def nearest_that_fit(config: SimpleProjectConfig, width: int, limit: int) -> Iterator[str]:
    """Yield changes of one setting each, nearest first, with which a training step takes at most `limit` bytes."""
    batch = config.training_embedding.batch_size
    one = needed_bytes(config.replaced({"training_embedding.batch_size": 1}), width)
    each = (needed_bytes(config, width) - one) / max(batch - 1, 1)
    fitting = batch if each <= 0 else 1 + int((limit - one) / each)
    if one <= limit and 1 <= fitting < batch:
        yield f"training_embedding.batch_size = {fitting}"
    if config.device.recompute == "never" and training_bytes(config, width, recompute=True) <= limit:
        yield "device.recompute = 'auto'"
    for scale in _SCALES:
        sides = [max(_SMALLEST_SIDE, int(side * scale)) for side in config.lattice.dimensions]
        try:
            smaller = config.replaced({"lattice.dimensions": sides})
        except ConfigError:
            continue
        if needed_bytes(smaller, width) <= limit:
            yield f"lattice.dimensions = {sides}"
            return
