"""The budget bar: figures in words, and parts that are drawn as long as they are."""

from dataclasses import replace

import pytest
import torch
from PyQt6.QtGui import QColor

from app.panels.data.budget import BudgetView
from app.widgets.palette import MEMORY_COLORS
from lattice.data import GPUMemoryEstimator, build_dataset

GB = 10**9


@pytest.fixture
def view(qtbot):
    view = BudgetView()
    qtbot.addWidget(view)
    view.resize(300, 160)
    view.show()
    return view


def dataset(count=1000, width=768):
    return build_dataset(torch.randn(count, width).half(), source="rows")


def drawn(view):
    picture = view.bar.grab().toImage()
    middle = picture.height() // 2
    blue = QColor(MEMORY_COLORS["dataset"])
    return sum(picture.pixelColor(x, middle) == blue for x in range(picture.width())) / picture.width()


def test_what_is_taken_and_what_would_fit(view):
    data = dataset()
    budget = GPUMemoryEstimator("cpu", free_bytes=4 * GB).dataset_budget(768, torch.float16)
    view.show_budget(data, budget)
    assert view.text.text() == "1.5 MB of 3.2 GB main memory for data. 2.06 million samples would fit (768-D float16)."
    assert not view.warning.isVisible()
    assert "1,553 bytes per sample" in view.bar.toolTip()
    assert "4.00 GB of main memory were free before the load" in view.bar.toolTip()


def test_the_bar_is_as_long_as_the_samples_are_large(view):
    data = dataset(20_000, 100)
    for share in (0.2, 0.4, 0.8):
        budget = GPUMemoryEstimator("cpu", free_bytes=int(data.memory_bytes / share)).dataset_budget(100, torch.float16)
        view.show_budget(data, budget)
        assert drawn(view) == pytest.approx(share, abs=0.03)


def test_samples_with_partners_are_pairs(view):
    data = replace(dataset(), partners=dataset().embeddings)
    view.show_budget(data, GPUMemoryEstimator("cpu", free_bytes=4 * GB).dataset_budget(768, torch.float16, pairs=True))
    assert view.text.text() == (
        "3.1 MB of 3.2 GB main memory for data. 1.04 million samples would fit (pairs of 768-D float16)."
    )


def test_next_to_nothing_can_still_be_seen(view):
    view.show_budget(dataset(10), GPUMemoryEstimator("cpu", free_bytes=100 * GB).dataset_budget(768, torch.float16))
    assert 0 < drawn(view) < 0.05


def test_a_lowered_reserve_is_told(view):
    budget = GPUMemoryEstimator("cuda", 20.0, free_bytes=16 * GB).dataset_budget(768, torch.float16)
    view.show_budget(dataset(), budget)
    assert view.warning.isVisible()
    assert view.warning.text().startswith("A reserve of 20.0 GB was requested, but only 16.0 GB of GPU memory are free")
    assert "8.00 GB kept in reserve" in view.bar.toolTip()
    assert view.bar.reserve == 8 * GB
    half = view.bar.grab().toImage()
    left, right = half.pixelColor(half.width() // 4, 6), [half.pixelColor(x, 6) for x in range(200, 290)]
    assert any(color != left for color in right), "the reserve is hatched"


def test_rows_that_are_streamed_fill_the_bar(view):
    data = dataset().streamed_to("cpu")
    view.show_budget(data, GPUMemoryEstimator("cuda", 1.0, free_bytes=3 * GB).dataset_budget(768, torch.float16))
    assert "too much for the GPU, where 1.29 million samples would fit. Batches are streamed" in view.text.text()


def test_without_a_load_there_is_no_bar(view):
    assert not view.bar.isVisible()
    view.show_budget(dataset(10), None)
    assert not view.bar.isVisible()
    assert view.text.text() == "The samples take 15 kB (768-D float16)."
