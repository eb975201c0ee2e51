"""Memory for large tables: in pages of 2 MB where the system has them, which costs far fewer page faults."""

from __future__ import annotations

import mmap
import sys

import torch
from torch import Tensor

HUGE_FROM = 64 << 20
"""Bytes from which on a table requests huge pages."""


def empty_table(count: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return an uninitialised table [count, width]; a large one on the processor lies in huge pages if it can.

    A system that grants huge pages only on request (Linux, mode `madvise`) would otherwise fault once per 4 kB.
    """
    size = count * width * dtype.itemsize
    if device.type == "cpu" and size >= HUGE_FROM:
        mapping = huge_pages(size)
        if mapping is not None:
            return torch.frombuffer(mapping, dtype=dtype, count=count * width).view(count, width)
    return torch.empty(count, width, dtype=dtype, device=device)


def huge_pages(size: int) -> mmap.mmap | None:
    """Return private memory in huge pages, None where there are none or memory is short.

    It is given back to the system when nothing refers to it any more.
    """
    if sys.platform != "linux" or not hasattr(mmap, "MADV_HUGEPAGE"):
        return None
    try:
        mapping = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        mapping.madvise(mmap.MADV_HUGEPAGE)
    except OSError:  # the kernel was built without them, or has no memory to give: torch then says so
        return None
    return mapping
