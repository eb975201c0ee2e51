"""Memory of large tables: in huge pages where the system has them, plain where it has not, and usable alike."""

from __future__ import annotations

import gc
import mmap
import os
import sys

import pytest
import torch

from lattice.data import build_dataset, pages
from lattice.data.pages import empty_table, huge_pages

CPU = torch.device("cpu")
HAS_HUGE_PAGES = sys.platform == "linux" and os.path.exists("/sys/kernel/mm/transparent_hugepage")


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "HUGE_FROM", 1)


@pytest.fixture(params=["huge", "plain"])
def either_way(request: pytest.FixtureRequest, large: None, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.delattr(mmap, "MADV_HUGEPAGE", raising=False)
    elif not HAS_HUGE_PAGES:
        pytest.skip("this system has no huge pages")
    assert (huge_pages(4096) is None) == (request.param == "plain")
    return str(request.param)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_a_table_has_the_shape_and_type_asked_for(either_way: str, dtype: torch.dtype) -> None:
    table = empty_table(7, 5, dtype, CPU)
    assert (table.shape, table.dtype, table.device, table.is_contiguous()) == ((7, 5), dtype, CPU, True)


def test_a_part_of_a_table_keeps_its_memory_alive(either_way: str) -> None:
    part = empty_table(600_000, 4, torch.float32, CPU).fill_(3)[-2:]
    gc.collect()
    others = [empty_table(600_000, 4, torch.float32, CPU).fill_(1) for _ in range(3)]
    assert part.tolist() == [[3.0] * 4] * 2
    assert len(others) == 3


def test_a_dataset_on_such_a_table_moves_streams_and_copies(either_way: str) -> None:
    table = empty_table(50, 8, torch.float16, CPU)
    table.copy_(torch.randn(50, 8, generator=torch.Generator().manual_seed(0)))
    plain = build_dataset(table.clone(), source="test")
    dataset = build_dataset(table, source="test")
    assert dataset.fingerprint == plain.fingerprint
    rows = torch.tensor([49, 0, 7])
    for same in (dataset, dataset.to("cpu"), dataset.streamed_to("cpu")):
        assert torch.equal(same.batch(rows), plain.batch(rows))
    assert dataset.to("meta").embeddings.shape == (50, 8)


def test_memory_that_the_system_refuses_is_asked_from_torch(large: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    assert empty_table(3, 2, torch.float16, CPU).shape == (3, 2)


def test_small_tables_and_other_devices_get_torchs_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "huge_pages", lambda size: pytest.fail("no huge pages were needed"))
    assert empty_table(3, 2, torch.float16, CPU).shape == (3, 2)
    assert empty_table(1 << 20, 64, torch.float16, torch.device("meta")).shape == (1 << 20, 64)
