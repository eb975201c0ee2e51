"""Cards that torch can't use: why, and what to do, with faked tables of NVML and nvidia-smi."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

from lattice.cards import Card, TorchBuild, advice, cards, this_build, wanted_cuda

CPU_BUILD = TorchBuild("2.13.0+cpu", None, ())
CU126 = TorchBuild("2.13.0+cu126", (12, 6), ("sm_50", "sm_60", "sm_70", "sm_75", "sm_80", "sm_86", "sm_90"))
CU130 = TorchBuild("2.13.0+cu130", (13, 0), ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120", "compute_120"))
RTX_5090 = Card("NVIDIA GeForce RTX 5090", (12, 0), "581.29", (13, 0))
RTX_5090_OLD_DRIVER = Card("NVIDIA GeForce RTX 5090", (12, 0), "572.16", (12, 8))
RTX_4090 = Card("NVIDIA GeForce RTX 4090", (8, 9), "551.86", (12, 4))
GTX_1080 = Card("NVIDIA GeForce GTX 1080", (6, 1), "580.88", (13, 0))
K80 = Card("Tesla K80", (3, 7), "470.82", (11, 4))


class FakeNvml:
    """One RTX 5090, or whatever a table says."""

    def __init__(self, table=(("NVIDIA GeForce RTX 5090", (12, 0)),), driver="581.29", cuda=13000, fails=False):
        self.table, self.driver, self.cuda, self.fails, self.open = table, driver, cuda, fails, False

    def nvmlInit(self):
        if self.fails:
            raise RuntimeError("NVML Shared Library Not Found")
        self.open = True

    def nvmlShutdown(self):
        self.open = False

    def nvmlSystemGetCudaDriverVersion_v2(self):
        return self.cuda

    def nvmlSystemGetDriverVersion(self):
        return self.driver.encode()

    def nvmlDeviceGetCount(self):
        return len(self.table)

    def nvmlDeviceGetHandleByIndex(self, index):
        return index

    def nvmlDeviceGetCudaComputeCapability(self, handle):
        return self.table[handle][1]

    def nvmlDeviceGetName(self, handle):
        return self.table[handle][0]


def no_tool(*_arguments, **_options):
    raise FileNotFoundError("nvidia-smi")


def test_the_fake_has_only_what_nvml_has():
    import pynvml

    names = [name for name in vars(FakeNvml) if name.startswith("nvml")]
    assert [name for name in names if not hasattr(pynvml, name)] == []


def test_cards_by_nvml():
    nvml = FakeNvml((("NVIDIA GeForce RTX 5090", (12, 0)), ("NVIDIA T4", (7, 5))), driver="572.16", cuda=12080)
    assert cards(nvml, no_tool) == [RTX_5090_OLD_DRIVER, Card("NVIDIA T4", (7, 5), "572.16", (12, 8))]
    assert not nvml.open


@pytest.mark.parametrize("in_path", [True, False])
def test_cards_by_nvidia_smi_where_nvml_does_not_answer(in_path):
    """In Windows' Linux the tool may lie outside of the path."""

    def run(command, **_options):
        if not in_path and command[0] == "nvidia-smi":
            raise FileNotFoundError(command[0])
        lines = "NVIDIA GeForce RTX 5090, 12.0, 572.16\nOld card, [N/A], 472.12\n"
        return subprocess.CompletedProcess(command, 0, stdout=lines)

    assert cards(FakeNvml(fails=True), run) == [RTX_5090_OLD_DRIVER, Card("Old card", None, "472.12", (11, 0))]


def test_no_card_is_no_error():
    assert cards(FakeNvml(fails=True), no_tool) == []
    assert advice([], CPU_BUILD, torch_sees_card=False) is None


@pytest.mark.parametrize(
    ("card", "build"), [(RTX_5090, CU130), (RTX_4090, CU130), (RTX_4090, CU126), (GTX_1080, CU126)]
)
def test_nothing_is_said_where_the_card_works(card, build):
    assert advice([card], build, torch_sees_card=True) is None


@pytest.mark.parametrize(
    ("card", "cuda"),
    [
        (RTX_5090, (13, 0)),
        (RTX_5090_OLD_DRIVER, (12, 8)),
        (RTX_4090, (12, 6)),
        (GTX_1080, (12, 6)),
        (Card("RTX 5080", (12, 0), "566.36", (12, 7)), None),
        (Card("RTX 2080", (7, 5), "472.12", (11, 4)), None),
        (Card("unknown", None, "580.10", None), (13, 0)),
    ],
)
def test_the_build_follows_capability_and_driver(card, cuda):
    assert wanted_cuda(card) == cuda


@pytest.mark.parametrize(
    ("card", "build", "sees", "parts"),
    [
        (RTX_5090, CPU_BUILD, False, ("(driver 581.29, compute capability 12.0)", "has no CUDA", "ends in cu130")),
        (RTX_5090, CPU_BUILD, False, (f"{sys.executable} -m pip install torch==2.13.0+cu130 --index-url A",)),
        (RTX_5090_OLD_DRIVER, CPU_BUILD, False, ("torch==2.11.0+cu128 ", "ends in cu128", "580 or newer allows")),
        (RTX_5090, CU126, True, ("has no kernels for sm_120", "it ends in cu130")),
        (GTX_1080, CU130, True, ("has no kernels for sm_61", "it ends in cu126")),
        (RTX_4090, CU130, False, ("driver 551.86 runs CUDA 12.4", "needs CUDA 13.0: update the driver, or", "cu126")),
        (K80, CU126, True, ("older than any build of torch supports", "train on the processor")),
        (RTX_5090, CU130, False, ("CUDA can't be started", "CUDA_VISIBLE_DEVICES")),
    ],
)  # fmt: skip
def test_the_remedy_is_exact(card, build, sees, parts):
    said = advice([card], build, torch_sees_card=sees).text
    assert "\n" not in said
    assert said.isascii()
    for part in parts:
        assert part in said


def test_an_interpreter_with_blanks_in_its_path_is_quoted(monkeypatch):
    monkeypatch.setattr(sys, "executable", r"C:\my programs\python.exe")
    said = advice([RTX_5090], CPU_BUILD, torch_sees_card=False).text
    assert r'run "C:\my programs\python.exe" -m pip install torch==2.13.0+cu130' in said


def test_an_advice_carries_its_command_whole(monkeypatch):
    for executable in ("/env/bin/python", r"C:\my programs\run python -m pip.exe"):
        typed = f'"{executable}"' if " " in executable else executable
        monkeypatch.setattr(sys, "executable", executable)
        for build in (CPU_BUILD, CU126):
            said = advice([RTX_5090], build, torch_sees_card=False)
            assert said.command == f"{typed} -m pip install torch==2.13.0+cu130 --index-url ADDRESS"
            assert f"run {said.command} with the address" in said.text
    assert advice([RTX_5090], CU130, torch_sees_card=False).command == ""


@pytest.mark.parametrize(("wsl", "place"), [(True, "in Windows, not in Linux"), (False, "from NVIDIA")])
def test_an_old_driver_is_replaced_where_it_belongs(wsl, place):
    card = Card("RTX 5080", (12, 0), "566.36", (12, 7))
    said = advice([card], CPU_BUILD, torch_sees_card=False, wsl=wsl).text
    assert f"that driver is too old for it (CUDA 12.7): install driver 580 or newer ({place})" in said


def test_one_card_that_works_is_enough():
    assert advice([K80, RTX_4090], CU126, torch_sees_card=True) is None
    assert "RTX 5090" in advice([RTX_5090, K80], CPU_BUILD, torch_sees_card=False).text


def test_what_a_build_is_made_for_is_read_from_torch():
    torch = SimpleNamespace(
        __version__="2.13.0+cu130",
        version=SimpleNamespace(cuda="13.0"),
        cuda=SimpleNamespace(get_arch_list=lambda: list(CU130.architectures)),
    )
    assert this_build(torch) == CU130
    torch.version.cuda = None
    assert this_build(torch).cuda is None
