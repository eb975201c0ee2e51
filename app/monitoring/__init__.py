"""Readings of memory, load, temperature and power, taken outside the window's thread."""

from app.monitoring.readings import DeviceReading, GpuReading, MachineReading, memory_parts
from app.monitoring.sampler import DeviceSampler

__all__ = ["DeviceReading", "DeviceSampler", "GpuReading", "MachineReading", "memory_parts"]
