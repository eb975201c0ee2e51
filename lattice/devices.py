"""Choice of the device that holds the data and the cube. Sets nothing global."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache

import torch

from lattice.cards import Advice, advice, cards, this_build
from lattice.config.runtime import DevicePolicy
from lattice.errors import DeviceError
from lattice.log import logger


def choose_device(policy: DevicePolicy) -> torch.device:
    """Return the device for a run and log which one was taken and why.

    Args:
        policy: `auto` takes CUDA if it works, `cuda` insists on it, `cpu` never looks.

    Raises:
        DeviceError: `cuda` was requested and this machine or this build of torch has none.
    """
    if policy == "cpu":
        logger.info("device: cpu, as requested")
        return torch.device("cpu")
    if torch.cuda.is_available() and not (policy == "auto" and unused_card()):
        device = torch.device("cuda", torch.cuda.current_device())
        reason = "as requested" if policy == "cuda" else "found by policy 'auto'"
        logger.info("device: %s (%s), %s", device, torch.cuda.get_device_name(device), reason)
        return device
    seen = unused_card()
    missing = seen.text if seen else _why_no_cuda()
    if policy == "cuda":
        way_out = "Or choose" if seen else "Install a CUDA build of torch and an NVIDIA driver, or choose"
        raise DeviceError(f"device 'cuda' was requested, but {missing}. {way_out} device 'auto' or 'cpu'.")
    logger.log(logging.WARNING if seen else logging.INFO, "device: cpu, chosen by policy 'auto' because %s", missing)
    return torch.device("cpu")


def pin_if_possible(tensor: torch.Tensor, target: torch.device) -> torch.Tensor:
    """Return `tensor` in page-locked memory if that speeds up a copy to `target`, else `tensor` itself.

    Only tensors on the CPU can be pinned, and only a CUDA target gains from it.
    """
    if tensor.device.type == "cpu" and target.type == "cuda" and torch.cuda.is_available() and not tensor.is_pinned():
        return tensor.pin_memory()
    return tensor


def free_memory_bytes(device: torch.device) -> int:
    """Return the bytes that can still be allocated on `device`: free VRAM, or available RAM."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(psutil.virtual_memory().available)


def card_seconds(work: Callable[[], object], device: torch.device) -> float:
    """Return how long `work` takes on a CUDA device by its own clock, gaps in which it waits for the host included."""
    stream = torch.cuda.current_stream(device)
    before, after = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    torch.cuda.synchronize(device)
    before.record(stream)
    work()
    after.record(stream)
    after.synchronize()
    return float(before.elapsed_time(after)) / 1e3


@cache
def unused_card() -> Advice | None:
    """Return which card torch can't use here, why, and what to do; None where there is none.

    The driver is asked once in a run of the program.
    """
    found = cards()
    if not found:
        return None
    return advice(found, this_build(torch), torch_sees_card=torch.cuda.is_available())


def _why_no_cuda() -> str:
    if torch.version.cuda is None:
        return f"this build of torch ({torch.__version__}) has no CUDA"
    return "no usable CUDA GPU was found"
