"""Readings add up, the sampler survives broken drivers and leaves no thread."""

from __future__ import annotations

import logging
import os
import threading
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.monitoring import DeviceReading, DeviceSampler, GpuReading, MachineReading, memory_parts
from app.monitoring.backends import CudaBackend, NoCardError, PsutilBackend
from lattice.cards import Advice

GB = 10**9
MACHINE = MachineReading(24 * GB, 9 * GB, 2 * GB, 0.5, 0.25, 2)
sizes = st.integers(0, 100 * GB)


class FakeNvmlError(Exception):
    pass


class FakeNvml:
    """Answers like pynvml; questions in `silent` fail like unsupported ones."""

    NVML_TEMPERATURE_GPU = 0
    NVMLError = FakeNvmlError

    def __init__(self, silent: tuple[str, ...] = ()) -> None:
        self.silent = silent
        self.open = False
        self.asked_for: str | int | None = None

    def _check(self, name: str) -> None:
        if name in self.silent:
            raise FakeNvmlError("Not Supported")

    def nvmlInit(self) -> None:
        self._check("init")
        self.open = True

    def nvmlShutdown(self) -> None:
        self.open = False

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        self._check("uuid")
        self.asked_for = uuid
        return "handle"

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        self.asked_for = index
        return "handle"

    def nvmlDeviceGetMemoryInfo(self, handle: str) -> SimpleNamespace:
        assert handle == "handle"
        return SimpleNamespace(total=80 * GB, used=40 * GB)

    def nvmlDeviceGetUtilizationRates(self, _handle: str) -> SimpleNamespace:
        self._check("utilisation")
        return SimpleNamespace(gpu=87)

    def nvmlDeviceGetTemperature(self, _handle: str, sensor: int) -> int:
        assert sensor == self.NVML_TEMPERATURE_GPU
        return 64

    def nvmlDeviceGetPowerUsage(self, _handle: str) -> int:
        self._check("power")
        return 512_000

    def nvmlDeviceGetEnforcedPowerLimit(self, _handle: str) -> int:
        self._check("power")
        return 700_000


def fake_torch(*, available: bool = True, cuda: str | None = "13.0") -> Any:
    return SimpleNamespace(
        __version__="2.13.0",
        version=SimpleNamespace(cuda=cuda),
        cuda=SimpleNamespace(
            is_available=lambda: available,
            get_device_name=lambda index: f"Test card {index}",
            get_device_properties=lambda index: SimpleNamespace(uuid=f"abc-{index}"),
            memory_allocated=lambda index: 15 * GB,
            memory_reserved=lambda index: 22 * GB,
            mem_get_info=lambda index: (50 * GB, 80 * GB),
        ),
    )


def test_the_fake_has_only_what_nvml_has() -> None:
    import pynvml

    names = [name for name in vars(FakeNvml) if name.startswith(("nvml", "NVML"))]
    assert len(names) > 8
    assert [name for name in names if not hasattr(pynvml, name)] == []


def test_card_by_nvml_and_torch() -> None:
    nvml = FakeNvml()
    backend = CudaBackend(1, torch=fake_torch(), nvml=nvml)
    assert nvml.asked_for == "GPU-abc-1"
    assert backend.read() == GpuReading("Test card 1", 80 * GB, 40 * GB, 15 * GB, 22 * GB, 0.87, 64.0, 512.0, 700.0)
    backend.close()
    assert not nvml.open


def test_unsupported_questions_give_none() -> None:
    reading = CudaBackend(torch=fake_torch(), nvml=FakeNvml(("power", "uuid"))).read()
    assert (reading.watts, reading.watt_limit, reading.celsius) == (None, None, 64.0)


def test_without_nvml_torch_tells_the_memory_and_a_note_the_rest() -> None:
    backend = CudaBackend(torch=fake_torch(), nvml=FakeNvml(("init",)))
    assert backend.note == "No load, temperature or power: NVML does not answer (Not Supported)."
    reading = backend.read()
    assert (reading.total_bytes, reading.used_bytes, reading.utilisation) == (80 * GB, 30 * GB, None)


def test_a_card_that_torch_cannot_use_is_named_with_the_remedy() -> None:
    with pytest.raises(NoCardError, match="the driver sees a card: pip install that") as caught:
        CudaBackend(
            torch=fake_torch(cuda=None, available=False),
            nvml=FakeNvml(),
            unused=lambda: Advice("the driver sees a card: pip install that", "pip install that"),
        )
    assert caught.value.command == "pip install that"


@pytest.mark.parametrize(
    ("torch", "reason"),
    [
        (fake_torch(cuda=None), r"this build of torch \(2\.13\.0\) has no CUDA"),
        (fake_torch(available=False), "no usable CUDA graphics card was found"),
    ],
)
def test_no_card_says_why(torch: Any, reason: str) -> None:
    with pytest.raises(NoCardError, match=reason):
        CudaBackend(torch=torch, nvml=FakeNvml())


def test_psutil_tells_of_this_process() -> None:
    reading = PsutilBackend().read()
    assert reading.total_bytes == psutil.virtual_memory().total
    assert reading.process_bytes == pytest.approx(psutil.Process(os.getpid()).memory_info().rss, rel=0.2)
    assert 0 <= reading.cpu_share <= 1
    assert reading.processors == psutil.cpu_count()


def test_parts_of_a_card() -> None:
    reading = DeviceReading(0.0, MACHINE, GpuReading("card", 80 * GB, 40 * GB, 15 * GB, 22 * GB), "")
    known = {"dataset": 4 * GB, "model": GB, "optimizer": 2 * GB, "stencils": GB}
    assert memory_parts(reading, known) == {
        "dataset": 4 * GB,
        "model": 4 * GB,
        "activations": 7 * GB,
        "cached": 7 * GB,
        "other": 18 * GB,
        "free": 40 * GB,
    }


def test_parts_of_the_machine() -> None:
    parts = memory_parts(DeviceReading(0.0, MACHINE, None, ""), {"dataset": GB})
    assert parts == {"process": 2 * GB, "machine": 7 * GB, "free": 15 * GB}


@given(sizes, sizes, sizes, sizes, sizes, sizes)
def test_parts_are_never_negative_and_fill_the_total(
    total: int, used: int, allocated: int, reserved: int, dataset: int, model: int
) -> None:
    gpu = GpuReading("card", total, used, allocated, reserved)
    parts = memory_parts(DeviceReading(0.0, MACHINE, gpu, ""), {"dataset": dataset, "model": model})
    assert min(parts.values()) >= 0
    assert sum(parts.values()) == max(total, allocated + max(reserved - allocated, 0), used)
    machine = MachineReading(max(total, 1), used, allocated, 0.0, 0.0, 1)
    parts = memory_parts(DeviceReading(0.0, machine, None, ""), {})
    assert min(parts.values()) >= 0
    assert sum(parts.values()) == max(total, 1)


class FakeMachine:
    def read(self) -> MachineReading:
        return MACHINE


def test_the_sampler_samples_until_it_is_stopped(qtbot: QtBot) -> None:
    nvml = FakeNvml()
    sampler = DeviceSampler(machine=FakeMachine, gpu=lambda: CudaBackend(torch=fake_torch(), nvml=nvml), interval=0.005)
    seen: list[DeviceReading] = []
    threads = set()
    sampler.sampled.connect(lambda reading: (seen.append(reading), threads.add(threading.current_thread())))
    sampler.start()
    sampler.start()
    qtbot.waitUntil(lambda: len(seen) >= 3)
    sampler.stop()
    assert not sampler.running
    assert not nvml.open
    assert seen[0].gpu is not None
    assert seen[0].seconds < seen[1].seconds
    assert not [thread for thread in threading.enumerate() if thread.name == "device sampler"]


def test_the_sampler_goes_on_without_a_card(qtbot: QtBot) -> None:
    torch, unused = fake_torch(cuda=None, available=False), Advice("a card without kernels: pip install", "pip install")
    sampler = DeviceSampler(
        machine=FakeMachine, gpu=lambda: CudaBackend(torch=torch, unused=lambda: unused), interval=0.005
    )
    with qtbot.waitSignal(sampler.sampled) as caught:
        sampler.start()
    sampler.stop()
    assert caught.args is not None
    assert caught.args[0].gpu is None
    assert caught.args[0].note == "No VRAM to show: a card without kernels: pip install."
    assert caught.args[0].command == "pip install"


def test_a_broken_driver_ends_the_sampling_with_a_warning(qtbot: QtBot, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def read(self) -> MachineReading:
            raise OSError("driver gone")

    sampler = DeviceSampler(machine=Broken, gpu=lambda: CudaBackend(torch=fake_torch(cuda=None)), interval=0.001)
    with caplog.at_level(logging.WARNING, logger="cellcube"):
        sampler.start()
        qtbot.waitUntil(lambda: not sampler.running)
    assert "the device panel stopped: OSError: driver gone" in caplog.text
    sampler.stop()
