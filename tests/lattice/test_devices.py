"""The choice of the device."""

from __future__ import annotations

import logging

import pytest
import torch

from lattice import devices
from lattice.cards import Advice
from lattice.devices import choose_device, free_memory_bytes, pin_if_possible
from lattice.errors import DeviceError


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "cellcube")
    return caplog


@pytest.fixture
def no_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "unused_card", lambda: None)


@pytest.fixture
def cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Test Card")


@pytest.mark.usefixtures("no_cuda")
def test_auto_falls_back_to_the_processor_and_says_why(log: pytest.LogCaptureFixture) -> None:
    assert choose_device("auto") == torch.device("cpu")
    assert "device: cpu, chosen by policy 'auto' because" in log.text


@pytest.mark.usefixtures("no_cuda")
@pytest.mark.parametrize(("built_for", "reason"), [(None, "has no CUDA"), ("13.0", "no usable CUDA GPU was found")])
def test_cuda_refuses_to_start_without_it(monkeypatch: pytest.MonkeyPatch, built_for: str | None, reason: str) -> None:
    monkeypatch.setattr(torch.version, "cuda", built_for)
    with pytest.raises(DeviceError, match=f"'cuda' was requested, but .*{reason}.*choose device 'auto' or 'cpu'"):
        choose_device("cuda")


@pytest.mark.parametrize("torch_starts", [True, False])
def test_a_card_that_torch_cannot_use_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture, torch_starts: bool
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: torch_starts)
    monkeypatch.setattr(devices, "unused_card", lambda: Advice("the driver sees a card, but: pip install that"))
    assert choose_device("auto") == torch.device("cpu")
    assert [record.levelname for record in log.records] == ["WARNING"]
    assert "because the driver sees a card, but: pip install that" in log.text


@pytest.mark.usefixtures("no_cuda")
def test_cuda_that_was_requested_says_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "unused_card", lambda: Advice("pip install that"))
    with pytest.raises(DeviceError, match=r"requested, but pip install that\. Or choose device 'auto' or 'cpu'"):
        choose_device("cuda")


@pytest.mark.usefixtures("cuda")
@pytest.mark.parametrize(("policy", "reason"), [("auto", "found by policy 'auto'"), ("cuda", "as requested")])
def test_cuda_is_taken_if_it_is_there(log: pytest.LogCaptureFixture, policy: str, reason: str) -> None:
    assert choose_device(policy) == torch.device("cuda", 0)  # type: ignore[arg-type]
    assert f"device: cuda:0 (Test Card), {reason}" in log.text


@pytest.mark.usefixtures("cuda")
def test_cpu_stays_on_the_processor_even_beside_a_gpu(log: pytest.LogCaptureFixture) -> None:
    assert choose_device("cpu") == torch.device("cpu")
    assert "device: cpu, as requested" in log.text


def test_choosing_changes_nothing_global() -> None:
    before = torch.get_default_device(), torch.get_default_dtype(), torch.get_num_threads()
    choose_device("auto")
    assert (torch.get_default_device(), torch.get_default_dtype(), torch.get_num_threads()) == before


@pytest.mark.usefixtures("no_cuda")
def test_pinning_is_never_asked_for_where_it_is_not_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: pytest.fail("pinned"))
    tensor = torch.ones(3)
    assert pin_if_possible(tensor, torch.device("cpu")) is tensor
    assert pin_if_possible(tensor, torch.device("cuda")) is tensor
    meta = torch.ones(3, device="meta")
    assert pin_if_possible(meta, torch.device("cuda")) is meta


@pytest.mark.usefixtures("cuda")
def test_only_tensors_on_the_processor_that_go_to_cuda_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    pinned = torch.zeros(3)
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda self: pinned)
    monkeypatch.setattr(torch.Tensor, "is_pinned", lambda self: self is pinned)
    tensor, meta = torch.ones(3), torch.ones(3, device="meta")
    assert pin_if_possible(tensor, torch.device("cuda")) is pinned
    assert pin_if_possible(pinned, torch.device("cuda")) is pinned
    assert pin_if_possible(tensor, torch.device("cpu")) is tensor
    assert pin_if_possible(meta, torch.device("cuda")) is meta


def test_free_memory_is_measured() -> None:
    assert 1 << 20 < free_memory_bytes(torch.device("cpu")) < 1 << 50
