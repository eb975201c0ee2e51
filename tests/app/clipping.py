"""Finds texts that do not fit into their widgets; run as a script it looks through every panel in a narrow dock."""

from __future__ import annotations

import sys

import torch  # before Qt: on Windows the other order breaks torch's libraries
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QWidget,
)

TOLERANCE = 1
"""Pixels that rounding at fractional scale factors may take."""


def clipped(panel: QWidget) -> list[str]:
    """Return what is cut in a panel that is shown: texts wider or higher than their widgets, contents too wide."""
    found = []
    for widget in panel.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        name = f"{type(widget).__name__} {_text(widget)!r}"
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.heightForWidth(widget.width()) > widget.height() + TOLERANCE:
                found.append(f"{name}: {widget.height()} of {widget.heightForWidth(widget.width())} high")
        elif isinstance(widget, QLabel | QAbstractButton | QComboBox) and _text(widget):
            needed = widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()
            if isinstance(widget, QCheckBox | QComboBox):
                needed = widget.minimumSizeHint()
            if needed.width() > widget.width() + TOLERANCE or needed.height() > widget.height() + TOLERANCE:
                found.append(f"{name}: {widget.width()}x{widget.height()} of {needed.width()}x{needed.height()}")
        elif isinstance(widget, QAbstractSpinBox):
            line = widget.lineEdit()
            if line is not None and line.fontMetrics().horizontalAdvance(line.text()) > line.width():
                found.append(f"{name}: {line.width()} wide")
        elif isinstance(widget, QScrollArea):
            content, viewport = widget.widget(), widget.viewport()
            if content is not None and viewport is not None and content.width() > viewport.width():
                found.append(f"{name}: content {content.width()} of {viewport.width()} wide")
    return found


def _text(widget: QWidget) -> str:
    if isinstance(widget, QAbstractSpinBox | QLabel | QAbstractButton):
        return widget.text()
    return widget.currentText() if isinstance(widget, QComboBox) else ""


def look_through_panels(width: int) -> list[str]:
    """Return what is cut in any panel of a dock that wide."""
    from app.monitoring import DeviceReading, GpuReading, MachineReading
    from app.panels.curves import CurvesPanel
    from app.panels.device import DevicePanel
    from app.panels.inspector.panel import InspectorPanel
    from app.panels.lattice.panel import LatticePanel
    from app.panels.log import LogPanel
    from app.panels.training import TrainingPanel
    from tests.app.fakes import FakeTrainer, small_config
    from tests.app.reports import eval_report, step_report

    curves, device, inspector, lattice, log, training = (
        CurvesPanel(), DevicePanel(), InspectorPanel(), LatticePanel(), LogPanel(), TrainingPanel()
    )  # fmt: skip
    inspector.set_cell((0, 1, 2))
    inspector.set_observation(FakeTrainer(small_config()).observe(0, learning_signal=True), 3)
    inspector.refresh()
    for step in range(1, 101):
        curves.append(step_report(step))
    curves.append_evaluation(eval_report(100))
    machine = MachineReading(128 * 10**9, 90 * 10**9, 20 * 10**9, 1.0, 1.0, 16)
    card = GpuReading("NVIDIA H100 80GB HBM3", 80 * 10**9, 79 * 10**9, 60 * 10**9, 70 * 10**9, 1.0, 88.0, 700.0, 700.0)
    device.show_reading(DeviceReading(1.0, machine, card, "A note that is long enough to need two lines in a dock."))
    lattice.form.take({"lattice.dimensions": (100, 100, 100), "model.state_size": 128})
    training.form.take({"training_embedding.max_total_samples": 20_000, "training_embedding.seed": 123_456})
    found = []
    for panel in (curves, device, inspector, lattice, log, training, *_data_panels()):
        panel.resize(width, 1700)
        panel.show()
        for _ in range(5):
            QApplication.processEvents()
        found += [f"{type(panel).__name__}: {text}" for text in clipped(panel)]
        if panel.width() > width:
            found.append(f"{type(panel).__name__} takes {panel.width()} of {width} pixels")
        panel.close()
    return found


def _data_panels() -> tuple[QWidget, ...]:
    """Return the panels of data and sample, with the longest texts that they may have to show, and empty."""
    from app.panels.data.panel import DataPanel
    from app.panels.sample.panel import SamplePanel
    from app.panels.sample.probe_box import ProbeState
    from lattice.config import TeacherSettings
    from lattice.data import BadRow, GPUMemoryEstimator, LoadReport, build_dataset
    from lattice.data.provenance import TeacherRecord
    from tests.app.fakes import FakeTrainer, small_config

    path = "/a/rather/long/path/to/somebody's/customer_questions_and_answers-2024-final_version.parquet"
    report = LoadReport(
        rows_read=123_456_789,
        kept=123_456_000,
        guesses=[f"{path}: texts from column 'question_as_it_was_typed_by_the_customer', guessed by its name"],
        warnings=["123,456,789 samples (189.63 GB) do not fit: 12,345,678 do; the rest is left out"],
        memory=GPUMemoryEstimator("cuda", 20.0, free_bytes=16 * 10**9).dataset_budget(768, torch.float16),
        made_by=TeacherRecord(TeacherSettings(), f"{path} (768-D, mean pooling, float32)", f"noted in {path}"),
        dropped_texts=[BadRow(reason, "row 1") for reason in ("no text", "duplicate text", "norm too small")],
    )
    rows = torch.randn(60, 16, generator=torch.Generator().manual_seed(0))
    dataset = build_dataset(rows, source=path, texts=[f"text {row} " * 20 for row in range(60)], report=report)
    data, sample = DataPanel(), SamplePanel()
    data.set_dataset(dataset)
    sample.set_dataset(dataset)
    sample.set_observation(FakeTrainer(small_config(), dataset).observe(3))
    sample.probe.show_state(ProbeState(f"Teacher {path} did not make this data.", "warning", ready=True))
    return data, sample, DataPanel(), SamplePanel()


if __name__ == "__main__":
    from app.widgets.theme import ThemeController

    application = QApplication([])
    controller = ThemeController(application, "dark")
    cut = look_through_panels(int(sys.argv[1]))
    controller.close()
    print(f"scale {application.primaryScreen().devicePixelRatio():g}")  # type: ignore[union-attr]  # noqa: T201
    print("\n".join(cut))  # noqa: T201
