"""Takes a reading once a second in a thread of its own and hands it to the GUI's thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from PyQt6.QtCore import QObject, pyqtSignal

from app.monitoring.backends import CudaBackend, GpuBackend, MachineBackend, NoCardError, PsutilBackend
from app.monitoring.readings import DeviceReading
from lattice.log import logger

INTERVAL_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0


class DeviceSampler(QObject):
    """Samples from `start` to `stop`; slow drivers never block the window."""

    sampled = pyqtSignal(object)
    """A `DeviceReading`."""

    def __init__(
        self,
        *,
        machine: Callable[[], MachineBackend] = PsutilBackend,
        gpu: Callable[[], GpuBackend] = CudaBackend,
        interval: float = INTERVAL_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        """Create a sampler at rest.

        Args:
            machine: makes the backend for the machine; called in the sampler's thread.
            gpu: makes the backend for the graphics card, or raises NoCardError that says why there is none.
            interval: seconds between two readings.
            parent: owner.
        """
        super().__init__(parent)
        self._make_machine = machine
        self._make_gpu = gpu
        self._interval = interval
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether the thread is at work."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin sampling; a second call does nothing."""
        if not self.running:
            self._stop = threading.Event()
            self._thread = threading.Thread(target=self._work, args=(self._stop,), name="device sampler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End sampling and wait for the thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_SECONDS)
            self._thread = None

    def _work(self, stop: threading.Event) -> None:
        gpu, note, command = None, "", ""
        try:
            machine = self._make_machine()
            try:
                gpu = self._make_gpu()
                note = gpu.note
            except NoCardError as reason:
                note, command = f"No VRAM to show: {reason}.", reason.command
            while not stop.wait(self._interval):
                self.sampled.emit(
                    DeviceReading(time.monotonic(), machine.read(), None if gpu is None else gpu.read(), note, command)
                )
        except Exception as error:  # a panel without readings is better than a window without a run
            if not stop.is_set():
                logger.warning("the device panel stopped: %s: %s", type(error).__name__, error)
        finally:
            if gpu is not None:
                gpu.close()
