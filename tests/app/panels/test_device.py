"""The device panel shows whose memory is used how, and says why there is no VRAM."""

from __future__ import annotations

import pytest
from PyQt6.QtGui import QColor, QGuiApplication
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.monitoring import DeviceReading, GpuReading, MachineReading
from app.panels.device import DevicePanel
from app.widgets.palette import MEMORY_COLORS

GB = 10**9
MACHINE = MachineReading(24 * GB, 9 * GB, 2 * GB, 0.83, 0.61, 2)
GPU = GpuReading("Test card", 80 * GB, 40 * GB, 15 * GB, 22 * GB, 0.87, 64.0, 512.0, 700.0)


@pytest.fixture
def panel(qtbot: QtBot) -> DevicePanel:
    panel = DevicePanel()
    qtbot.addWidget(panel)
    panel.resize(280, 420)
    panel.show()
    return panel


def shown_texts(panel: DevicePanel) -> list[str]:
    QTest.qWait(5)  # new labels are shown by the event loop
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def test_a_card_is_shown_with_its_parts_and_meters(panel: DevicePanel) -> None:
    panel.set_run_memory({"dataset": 4 * GB, "model": GB, "optimizer": 2 * GB, "stencils": GB})
    panel.show_reading(DeviceReading(1.0, MACHINE, GPU, ""))
    texts = shown_texts(panel)
    for text in ("Test card", "40.0 of 80 GB used", "4.0 GB", "7.0 GB", "18 GB", "87 %", "64 °C", "512 W of 700 W"):
        assert text in texts
    assert panel._note.isHidden()


def test_without_cuda_it_shows_the_machine_and_says_why(panel: DevicePanel) -> None:
    panel.show_reading(DeviceReading(1.0, MACHINE, None, "No VRAM to show: no usable CUDA graphics card was found."))
    texts = shown_texts(panel)
    assert "No VRAM to show: no usable CUDA graphics card was found." in texts
    for text in ("This program", "2.0 GB", "7.0 GB", "61 %", "83 %"):
        assert text in texts
    assert "Power" not in texts


def test_the_remedy_for_an_unused_card_is_shown_whole_and_its_command_is_copied(panel: DevicePanel) -> None:
    command = "/some/deep/cellcube/.venv/bin/python -m pip install torch==2.13.0+cu130 --index-url ADDRESS"
    note = f"No VRAM to show: the driver sees RTX 5090, but this build of torch has no CUDA: run {command} with the"
    panel.show_reading(DeviceReading(1.0, MACHINE, None, note, command))
    shown_texts(panel)
    label = panel._note
    assert label.text().replace("\N{ZERO WIDTH SPACE}", "") == note
    assert label.height() >= label.heightForWidth(label.width())
    assert label.minimumSizeHint().width() <= label.width() < panel.width()
    panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == command  # type: ignore[union-attr]
    panel.show_reading(DeviceReading(2.0, MACHINE, None, "No VRAM to show: no usable CUDA GPU was found."))
    assert panel.copy_button.isHidden()


def test_what_a_card_does_not_tell_is_left_out(panel: DevicePanel) -> None:
    silent = GpuReading("Silent card", 8 * GB, 3 * GB, GB, 2 * GB)
    panel.show_reading(DeviceReading(1.0, MACHINE, silent, "No load, temperature or power: NVML does not answer."))
    texts = shown_texts(panel)
    assert "Temperature" not in texts
    assert "Silent card" in texts
    panel.show_reading(DeviceReading(2.0, MACHINE, GPU, ""))
    assert "Temperature" in shown_texts(panel)


def test_the_stack_has_its_colours_in_proportion(panel: DevicePanel) -> None:
    panel.set_run_memory({"dataset": 40 * GB})
    full = GpuReading("Full card", 80 * GB, 60 * GB, 40 * GB, 40 * GB)
    for second in range(301):
        panel.show_reading(DeviceReading(float(second), MACHINE, full, ""))
    image = panel.chart.grab().toImage()
    column = [image.pixelColor(image.width() // 2, y).name().upper() for y in range(image.height())]
    dataset, other = column.count(MEMORY_COLORS["dataset"]), column.count(MEMORY_COLORS["other"])
    assert dataset == pytest.approx(2 * other, rel=0.1)
    assert dataset > 20


def test_the_reserve_is_a_line_on_cards_only(panel: DevicePanel) -> None:
    panel.set_reserve(20.0)
    panel.show_reading(DeviceReading(1.0, MACHINE, GPU, ""))
    assert panel.chart._reserve == 20 * GB
    before = panel.chart.grab().toImage()
    panel.chart.set_reserve(0)
    assert panel.chart.grab().toImage() != before
    panel.show_reading(DeviceReading(2.0, MACHINE, None, "no card"))
    assert panel.chart._reserve == 0


def test_old_readings_leave_the_chart_and_other_parts_start_it_anew(panel: DevicePanel) -> None:
    for second in range(0, 700, 100):
        panel.show_reading(DeviceReading(float(second), MACHINE, GPU, ""))
    assert [seconds for seconds, _ in panel.chart.samples] == [300, 400, 500, 600]
    panel.show_reading(DeviceReading(700.0, MACHINE, None, "gone"))
    assert len(panel.chart.samples) == 1
    panel.clear()
    assert panel.chart.total == 0
    assert QColor(panel.chart.grab().toImage().pixelColor(5, 60)).isValid()
