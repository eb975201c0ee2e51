"""Peak memory of a benchmark's own process."""

from __future__ import annotations

from pathlib import Path

import torch


def peak_bytes(device: torch.device) -> int:
    """Return the most memory so far: allocated on a GPU, else resident in RAM, the interpreter and torch included."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return _peak_resident_bytes()


def _peak_resident_bytes() -> int:
    # Linux: getrusage would count what the parent held when it started this process; VmHWM does not.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        import psutil

        memory = psutil.Process().memory_info()
        return int(getattr(memory, "peak_wset", memory.rss))
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
