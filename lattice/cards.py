"""NVIDIA cards that the driver sees, whether this build of torch can use them, and what to do where it can't.

Sources of the rules: NVIDIA's table of CUDA versions and the oldest driver for each (a driver for CUDA 12.0 runs builds
for any CUDA 12), and the support matrix in PyTorch's RELEASE.md: builds for CUDA 12.6 have kernels for capabilities 5.0
to 9.0, those for 12.8 and 13.0 for 7.5 to 12.0; the last release with a build for 12.8 is 2.11.
"""

from __future__ import annotations

import csv
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lattice.log import logger

Version = tuple[int, int]

OLDEST: Version = (5, 0)
TURING: Version = (7, 5)
BLACKWELL: Version = (10, 0)
"""Compute capabilities: the first with any build, the first with builds for CUDA 13, the first without one for 12.6."""
DRIVERS: dict[Version, int] = {(12, 0): 528, (12, 8): 570, (13, 0): 580}
"""Oldest driver for a CUDA version, by its first number, on Windows; those for Linux are as old or older."""
LAST_FOR_12_8 = "2.11.0"
"""The last release of torch with a build for CUDA 12.8."""
_QUERY = ("nvidia-smi", "--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader")
_WSL_TOOL = "/usr/lib/wsl/lib/nvidia-smi"
_SECONDS = 10


@dataclass(frozen=True)
class Card:
    """One NVIDIA card, as the driver reports it."""

    name: str
    capability: Version | None
    """Compute capability, such as (12, 0); None where it is not reported."""
    driver: str
    """Version of the driver, such as 572.16."""
    cuda: Version | None
    """Newest CUDA version that the driver runs by itself; None where it is not reported."""

    @property
    def architecture(self) -> str:
        """Name of its kernels in a build of torch, such as `sm_120`; empty where the capability is not known."""
        return "" if self.capability is None else f"sm_{self.capability[0]}{self.capability[1]}"


@dataclass(frozen=True)
class TorchBuild:
    """What this build of torch was made for."""

    version: str
    cuda: Version | None
    """None: a build for processors alone."""
    architectures: tuple[str, ...]
    """Cards that it has kernels for, such as `sm_90`."""

    def runs_on(self, card: Card) -> bool:
        """Say whether it has kernels for a card: of the same major version, or code that the driver compiles for it."""
        if card.capability is None or not self.architectures:
            return True
        major, minor = card.capability
        for name in self.architectures:
            kind, _, number = name.rstrip("af").partition("_")
            if not number.isdecimal():
                continue
            own = int(number[:-1]), int(number[-1])
            same_major = own[0] == major and own[1] <= minor
            if same_major or (kind == "compute" and own <= card.capability):
                return True
        return False


@dataclass(frozen=True)
class Advice:
    """Why torch can't use a card that is there, and the remedy."""

    text: str
    """Both in one line."""
    command: str = ""
    """The line of pip in it, as it is typed but for the address; empty where another build of torch is no remedy."""


def this_build(torch: Any) -> TorchBuild:
    """Return what a torch module was made for."""
    cuda = torch.version.cuda
    return TorchBuild(torch.__version__, _version(cuda) if cuda else None, tuple(torch.cuda.get_arch_list()))


def cards(nvml: Any = None, run: Callable[..., Any] = subprocess.run) -> list[Card]:
    """Return the NVIDIA cards of this machine by NVML, or by nvidia-smi where NVML does not answer; none is no error.

    Args:
        nvml: module to use instead of `pynvml`.
        run: starts nvidia-smi.
    """
    try:
        if nvml is None:
            import pynvml

            nvml = pynvml
        nvml.nvmlInit()
        try:
            return _by_nvml(nvml)
        finally:
            nvml.nvmlShutdown()
    except Exception as error:  # no driver, no library, no rights
        logger.debug("NVML does not answer: %s", error)
    return _by_tool(run)


def advice(
    found: Sequence[Card], build: TorchBuild, *, torch_sees_card: bool, wsl: bool | None = None
) -> Advice | None:
    """Return why torch can't use a card that is there, and the remedy; None where nothing is wrong.

    Args:
        found: cards of the machine.
        build: of torch.
        torch_sees_card: whether CUDA could be started.
        wsl: whether this is Linux inside of Windows; None finds out.
    """
    if not found:
        return None
    unusable = [card for card in found if not build.runs_on(card)]
    if torch_sees_card and len(unusable) < len(found):
        return None
    card = max(found, key=lambda each: each.capability or (0, 0))
    if card.capability is not None and card.capability < OLDEST:
        return Advice(
            f"{_seen(card)}, but it is older than any build of torch supports (compute capability 5.0): "
            "train on the processor"
        )
    wanted = wanted_cuda(card)
    if wanted is None:
        least = DRIVERS[(13, 0) if (card.capability or TURING) >= TURING else (12, 0)]
        where = "in Windows, not in Linux" if (_is_wsl() if wsl is None else wsl) else "from NVIDIA"
        return Advice(
            f"{_seen(card)}, but that driver is too old for it (CUDA {_text(card.cuda)}): install driver {least} or "
            f"newer ({where}), then start Cellcube again"
        )
    command = _command(build, wanted)
    install = _install(command, wanted)
    if build.cuda is None:
        return Advice(f"{_seen(card)}, but this build of torch ({build.version}) has no CUDA: {install}", command)
    if not build.runs_on(card):
        return Advice(
            f"{_seen(card)}, but this build of torch ({build.version}) has no kernels for {card.architecture}: "
            f"{install}",
            command,
        )
    if card.cuda is not None and build.cuda[0] > card.cuda[0]:
        return Advice(
            f"{_seen(card)}, but driver {card.driver} runs CUDA {_text(card.cuda)} and this build of torch needs "
            f"CUDA {_text(build.cuda)}: update the driver, or {install}",
            command,
        )
    return Advice(
        f"{_seen(card)}, but CUDA can't be started: restart the machine, and see that CUDA_VISIBLE_DEVICES does not "
        "hide the card"
    )


def wanted_cuda(card: Card) -> Version | None:
    """Return which CUDA build of torch fits a card and its driver; None: the driver is too old for any."""
    capability, driver = card.capability or TURING, card.cuda or (13, 0)
    if capability >= TURING and driver >= (13, 0):
        return (13, 0)
    if capability < BLACKWELL:
        return (12, 6) if driver >= (12, 0) else None
    return (12, 8) if driver >= (12, 8) else None


def _seen(card: Card) -> str:
    of_kind = f", compute capability {_text(card.capability)}" if card.capability else ""
    return f"the driver sees {card.name} (driver {card.driver}{of_kind})"


def _command(build: TorchBuild, cuda: Version) -> str:
    """Return the line of pip that installs a build, but for its place in the net.

    The version names the build too: so pip takes it in the place of another build of that version, and leaves the other
    packages alone. The interpreter is this program's own, since another one's pip would install it elsewhere.
    """
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    kind = f"cu{cuda[0]}{cuda[1]}"
    version = LAST_FOR_12_8 if cuda == (12, 8) else build.version.partition("+")[0]
    return f"{python} -m pip install torch=={version}+{kind} --index-url ADDRESS"


def _install(command: str, cuda: Version) -> str:
    """Return how to get a build; its place in the net stands in PyTorch's own selector, which knows it best."""
    newer = f" (driver {DRIVERS[(13, 0)]} or newer allows the newest torch, for CUDA 13.0)" if cuda == (12, 8) else ""
    return (
        f"run {command} with the address that the install selector on PyTorch's start page shows for CUDA "
        f"{_text(cuda)}; it ends in cu{cuda[0]}{cuda[1]}{newer}"
    )


def _by_nvml(nvml: Any) -> list[Card]:
    number = int(nvml.nvmlSystemGetCudaDriverVersion_v2())
    cuda, driver = (number // 1000, number % 1000 // 10), _word(nvml.nvmlSystemGetDriverVersion())
    found = []
    for index in range(nvml.nvmlDeviceGetCount()):
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
        major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
        found.append(Card(_word(nvml.nvmlDeviceGetName(handle)), (int(major), int(minor)), driver, cuda))
    return found


def _by_tool(run: Callable[..., Any]) -> list[Card]:
    for tool in (_QUERY[0], _WSL_TOOL):
        try:
            done = run([tool, *_QUERY[1:]], capture_output=True, text=True, timeout=_SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            logger.debug("%s does not answer: %s", tool, error)
            continue
        rows = [[field.strip() for field in row] for row in csv.reader(done.stdout.splitlines()) if len(row) == 3]
        return [Card(name, _version(capability), driver, _cuda_of(driver)) for name, capability, driver in rows]
    return []


def _cuda_of(driver: str) -> Version:
    """Return the newest CUDA version of `DRIVERS` that a driver is known to run."""
    first = driver.partition(".")[0]
    known = [cuda for cuda, least in DRIVERS.items() if first.isdecimal() and int(first) >= least]
    return max(known, default=(11, 0))


def _version(text: str) -> Version | None:
    major, _, minor = text.partition(".")
    return (int(major), int(minor)) if major.isdecimal() and minor.isdecimal() else None


def _text(version: Version | None) -> str:
    return "of an unknown version" if version is None else f"{version[0]}.{version[1]}"


def _word(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _is_wsl() -> bool:
    return "microsoft" in platform.release().lower() or Path(_WSL_TOOL).exists()
