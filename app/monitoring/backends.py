"""Where readings come from: psutil for the machine, NVML and torch for the graphics card."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from app.monitoring.readings import GpuReading, MachineReading

if TYPE_CHECKING:
    from lattice.cards import Advice


class NoCardError(LookupError):
    """There is no graphics card to read."""

    def __init__(self, why: str, command: str = "") -> None:
        """Say why, for people, and with which command it is mended, if with any."""
        super().__init__(why)
        self.command = command


class MachineBackend(Protocol):
    """Reads machine and process."""

    def read(self) -> MachineReading:
        """Take a reading; loads are those since the last one."""


class GpuBackend(Protocol):
    """Reads one graphics card."""

    note: str
    """What it can't report and why; empty if nothing."""

    def read(self) -> GpuReading:
        """Take a reading."""

    def close(self) -> None:
        """Let go of the driver."""


class PsutilBackend:
    """Machine and process by psutil."""

    def __init__(self) -> None:
        """Start measuring loads."""
        import psutil

        self._psutil = psutil
        self._process = psutil.Process()
        self._processors = psutil.cpu_count() or os.cpu_count() or 1
        self._process.cpu_percent()
        psutil.cpu_percent()

    def read(self) -> MachineReading:
        """Take a reading; loads are those since the last one."""
        memory = self._psutil.virtual_memory()
        return MachineReading(
            total_bytes=memory.total,
            used_bytes=memory.total - memory.available,
            process_bytes=self._process.memory_info().rss,
            cpu_share=min(self._psutil.cpu_percent() / 100, 1.0),
            process_cpu_share=min(self._process.cpu_percent() / 100 / self._processors, 1.0),
            processors=self._processors,
        )


class CudaBackend:
    """A CUDA card by torch, and by NVML where it answers."""

    def __init__(
        self,
        index: int = 0,
        *,
        torch: Any = None,
        nvml: Any = None,
        unused: Callable[[], Advice | None] | None = None,
    ) -> None:
        """Look for the card.

        Args:
            index: CUDA index of the card.
            torch: module to ask instead of `torch`.
            nvml: module to ask instead of `pynvml`.
            unused: says which card torch can't use, and the remedy, instead of `lattice.devices`.

        Raises:
            NoCardError: torch sees no CUDA card; the message says why, for people.
        """
        if torch is None:
            import torch
        if unused is None:
            from lattice.devices import unused_card

            unused = unused_card
        self._cuda = torch.cuda
        if (not self._cuda.is_available()) and (seen := unused()):
            raise NoCardError(seen.text, seen.command)
        if torch.version.cuda is None:
            raise NoCardError(f"this build of torch ({torch.__version__}) has no CUDA")
        if not self._cuda.is_available():
            raise NoCardError("no usable CUDA graphics card was found")
        self._index = index
        self._name = str(self._cuda.get_device_name(index))
        self.note = ""
        self._nvml: Any = None
        self._handle: Any = None
        try:
            self._open_nvml(nvml)
        except Exception as error:
            self.note = f"No load, temperature or power: NVML does not answer ({error})."

    def read(self) -> GpuReading:
        """Take a reading; only torch's part is there if NVML is not."""
        if self._handle is not None:
            memory = self._nvml.nvmlDeviceGetMemoryInfo(self._handle)
            total, used = int(memory.total), int(memory.used)
        else:
            free, total = self._cuda.mem_get_info(self._index)
            used = total - free
        return GpuReading(
            name=self._name,
            total_bytes=total,
            used_bytes=used,
            allocated_bytes=int(self._cuda.memory_allocated(self._index)),
            reserved_bytes=int(self._cuda.memory_reserved(self._index)),
            utilisation=self._ask(lambda nvml, handle: nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100),
            celsius=self._ask(lambda nvml, handle: nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU)),
            watts=self._ask(lambda nvml, handle: nvml.nvmlDeviceGetPowerUsage(handle) / 1000),
            watt_limit=self._ask(lambda nvml, handle: nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1000),
        )

    def close(self) -> None:
        """Let go of NVML."""
        if self._nvml is not None:
            self._nvml.nvmlShutdown()
            self._nvml = self._handle = None

    def _open_nvml(self, nvml: Any) -> None:
        if nvml is None:
            import pynvml

            nvml = pynvml
        nvml.nvmlInit()
        self._nvml = nvml
        self._handle = self._find_handle()

    def _find_handle(self) -> Any:
        """Return NVML's handle of the card that torch calls `index`.

        The two count differently when CUDA_VISIBLE_DEVICES hides cards, but agree on the UUID.
        """
        uuid = getattr(self._cuda.get_device_properties(self._index), "uuid", None)
        if uuid is not None:
            try:
                return self._nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
            except self._nvml.NVMLError:
                pass  # a part of a card (MIG) has a UUID of its own
        return self._nvml.nvmlDeviceGetHandleByIndex(self._index)

    def _ask(self, question: Callable[[Any, Any], float]) -> float | None:
        if self._handle is None:
            return None
        try:
            return float(question(self._nvml, self._handle))
        except self._nvml.NVMLError:
            return None
