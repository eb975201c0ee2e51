"""Settings of the machine: device and logging."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import field_validator

from lattice.config.base import Settings, setting

DevicePolicy = Literal["auto", "cuda", "cpu"]
Precision = Literal["float32", "bfloat16"]
Recompute = Literal["auto", "always", "never"]
Graphs = Literal["auto", "never"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]


class DeviceSettings(Settings):
    """Where the cube is computed."""

    policy: DevicePolicy = setting(
        "auto",
        title="Device",
        description="'auto': CUDA if it is there. 'cuda': refuses to start without it. 'cpu': stays on the processor.",
        cost="rebuild",
    )
    cpu_threads: int | None = setting(
        None,
        title="CPU threads",
        description="Threads that torch may use on the processor. Empty: torch's own choice.",
        unit="threads",
        cost="live",
        ge=1,
        le=1024,
    )
    precision: Precision = setting(
        "float32",
        title="Precision",
        description="Number format of the cells' matrix products. 'bfloat16' is faster on recent graphics cards and "
        "a little less exact; weights, tier means and losses stay in float32.",
        cost="live",
    )
    recompute: Recompute = setting(
        "auto",
        title="Recompute steps",
        description="Compute lattice steps again for the gradients: a fraction of the memory for a third more time. "
        "'auto': only where the rollout would not fit.",
        cost="live",
    )
    graphs: Graphs = setting(
        "auto",
        title="CUDA graphs",
        description="'auto': record the kernels of a batch once and launch them together, where that is as exact and "
        "faster: small cubes on a graphics card. 'never': launch them one by one. Without CUDA it has no effect.",
        cost="live",
    )


class LoggingSettings(Settings):
    """What the program writes to its log."""

    level: LogLevel = setting(
        "INFO",
        title="Log level",
        description="Least serious message that is logged.",
        cost="live",
    )
    debug_mode: bool = setting(
        False,
        title="Debug mode",
        description="Log everything, whatever the level says.",
        cost="live",
    )
    log_file: Path | None = setting(
        None,
        title="Log file",
        description="File that the log is also appended to; a relative path starts at the working folder. Empty: none.",
        cost="live",
    )

    @field_validator("level", mode="before")
    @classmethod
    def _any_case(cls, level: Any) -> Any:
        return level.upper() if isinstance(level, str) else level
