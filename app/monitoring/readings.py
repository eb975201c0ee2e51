"""One reading of the machine and its graphics card, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class MachineReading:
    """The whole machine and this process. Sizes in bytes, loads as shares of all processors, 0 to 1."""

    total_bytes: int
    used_bytes: int
    """Used by all processes, what the system could give back at once left out."""
    process_bytes: int
    """Resident size of this process."""
    cpu_share: float
    process_cpu_share: float
    processors: int


@dataclass(frozen=True)
class GpuReading:
    """One graphics card. Sizes in bytes; None where driver or card does not report it."""

    name: str
    total_bytes: int
    used_bytes: int
    """Used by all programs."""
    allocated_bytes: int
    """In torch's tensors."""
    reserved_bytes: int
    """Held by torch, tensors included."""
    utilisation: float | None = None
    """Share of the last moments in which it worked, 0 to 1."""
    celsius: float | None = None
    watts: float | None = None
    watt_limit: float | None = None


@dataclass(frozen=True)
class DeviceReading:
    """One look at everything."""

    seconds: float
    """Monotonic time at which it was taken."""
    machine: MachineReading
    gpu: GpuReading | None
    note: str
    """What is missing and why, in one sentence; empty if nothing is."""
    command: str = ""
    """The command in that sentence by which it is mended; empty if there is none."""


def memory_parts(reading: DeviceReading, known: Mapping[str, int]) -> dict[str, int]:
    """Split the memory that is drawn into parts that add up to its total.

    Args:
        reading: one look at the machine.
        known: bytes of `dataset`, `model`, `optimizer`, `stencils` as the trainer reports them.

    Returns:
        With a graphics card: dataset, model (with optimizer and stencils), activations, cached, other, free.
        Without: process, machine (other processes), free. Never negative, even where readings disagree.
    """
    if reading.gpu is None:
        machine = reading.machine
        process = min(machine.process_bytes, machine.total_bytes)
        others = min(max(machine.used_bytes - process, 0), machine.total_bytes - process)
        return {"process": process, "machine": others, "free": machine.total_bytes - process - others}
    gpu = reading.gpu
    left = gpu.allocated_bytes
    dataset = min(known.get("dataset", 0), left)
    left -= dataset
    model = min(sum(known.get(part, 0) for part in ("model", "optimizer", "stencils")), left)
    activations = left - model
    cached = max(gpu.reserved_bytes - gpu.allocated_bytes, 0)
    ours = gpu.allocated_bytes + cached
    other = max(gpu.used_bytes - ours, 0)
    return {
        "dataset": dataset,
        "model": model,
        "activations": activations,
        "cached": cached,
        "other": other,
        "free": max(gpu.total_bytes - ours - other, 0),
    }
