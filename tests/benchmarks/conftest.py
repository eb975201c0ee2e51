"""Benchmarks under test measure small things only."""

import contextlib
import warnings

import pytest

from benchmarks import floors

# PyTorch Geometric, where it is installed, uses what torch calls deprecated while it is imported.
with warnings.catch_warnings(), contextlib.suppress(ImportError):
    warnings.simplefilter("ignore")
    import torch_geometric.nn  # noqa: F401


@pytest.fixture(autouse=True)
def small_rates(monkeypatch):
    monkeypatch.setattr(floors, "COPY_BYTES", 1 << 16)
    monkeypatch.setattr(floors, "PRODUCT_SIDE", 64)
