"""The device panel: whose memory is used how, and how busy, hot and hungry the device is."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QGuiApplication
from PyQt6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.monitoring.chart import FREE, StackChart
from app.monitoring.readings import DeviceReading, memory_parts
from app.panels.panel import Panel
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.widgets.icons import icon
from app.widgets.labels import breakable
from app.widgets.meter import Meter, Swatch
from app.widgets.palette import MEMORY_COLORS
from app.widgets.scroll_area import scrolled
from app.widgets.theme import set_role
from lattice.units import bytes_of_text, bytes_text, percent_text, plural, power_text, temperature_text

PART_TITLES = {
    "dataset": "Dataset",
    "model": "Model and optimizer",
    "activations": "Activations",
    "cached": "Cached by torch",
    "other": "Other programs",
    "process": "This program",
    "machine": "Other programs",
    FREE: "Free",
}
PART_TIPS = {
    "dataset": "Embeddings kept on the device.",
    "model": "Weights, optimizer state and tier stencils.",
    "activations": "Everything else in torch's tensors: states of the rollout, gradients, workspaces.",
    "cached": "Held by torch for reuse, but in no tensor now.",
    "other": "Other programs, and the CUDA context of this one.",
    "process": "Resident memory of this program.",
    "machine": "Memory used by all other programs.",
    FREE: "Not used by anybody.",
}
_WARM_CELSIUS = 83.0


class DevicePanel(Panel):
    """Shows `DeviceReading` values; the window connects a `DeviceSampler` to `show_reading`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Create the panel; until the first reading it says that it waits."""
        super().__init__(parent)
        self._known: dict[str, int] = {}
        self._reserve = 0
        self._title = QLabel("Waiting for the first reading...")
        self._title.setWordWrap(True)
        self._used = QLabel()
        set_role(self._used, "muted")
        self._note = QLabel()
        self._note.setWordWrap(True)
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.hide()
        self._note_text = self._command = ""
        self.copy_button = QPushButton(icon("copy"), "Copy command")
        self.copy_button.setToolTip("Copy the line of pip to the clipboard, to be typed in with the address in it")
        self.copy_button.clicked.connect(self.copy_command)
        self.copy_button.hide()
        self.chart = StackChart()
        self._legend = QGridLayout()
        self._legend.setHorizontalSpacing(8)
        self._legend.setVerticalSpacing(2)
        self._legend.setColumnStretch(1, 1)
        self._parts: dict[str, QLabel] = {}
        self._meters = QGridLayout()
        self._meters.setHorizontalSpacing(8)
        self._meters.setVerticalSpacing(4)
        self._meters.setColumnStretch(1, 1)
        self._meter_rows: dict[str, tuple[Meter, QLabel]] = {}
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(10, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._used)
        column.addWidget(self._note)
        column.addWidget(self.copy_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.chart, 1)
        column.addLayout(self._legend)
        column.addLayout(self._meters)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(content))

    def show_run(self, summary: RunSummary) -> None:
        """Begin the chart again, for the device of a run."""
        self.clear()
        self._take_account(summary)

    def show_applied(self, message: Applied) -> None:
        """Take over what edited settings hold and reserve."""
        self._take_account(message.summary)

    def _take_account(self, summary: RunSummary) -> None:
        self.set_run_memory(summary.memory_bytes)
        self.set_reserve(summary.config.training_embedding.gpu_memory_reserve_gb)

    def set_run_memory(self, known: Mapping[str, int]) -> None:
        """Show the trainer's own account: bytes of `dataset`, `model`, `optimizer`, `stencils`."""
        self._known = dict(known)

    def set_reserve(self, gigabytes: float) -> None:
        """Set how much VRAM is to be kept free of data; drawn as a line."""
        self._reserve = round(gigabytes * 1e9)

    def show_reading(self, reading: DeviceReading) -> None:
        """Add one reading to the chart and show its numbers."""
        parts = memory_parts(reading, self._known)
        self.chart.append(reading.seconds, parts)
        self.chart.set_reserve(self._reserve if reading.gpu is not None else 0)
        total = sum(parts.values())
        used = total - parts[FREE]
        self._title.setText(reading.gpu.name if reading.gpu is not None else "Main memory")
        self._used.setText(f"{bytes_of_text(used, total)} used")
        self._show_parts(parts)
        self._show_meters(reading)
        self._show_note(reading.note, reading.command)

    def copy_command(self) -> None:
        """Copy the line of pip of what is said of the card, as it is typed."""
        if (clipboard := QGuiApplication.clipboard()) is not None:
            clipboard.setText(self._command)

    def clear(self) -> None:
        """Forget all readings."""
        self.chart.clear()

    def sizeHint(self) -> QSize:
        """Fit beside the cube."""
        return QSize(280, 340)

    def minimumSizeHint(self) -> QSize:
        """Be usable in a low dock; what does not fit is scrolled to."""
        return QSize(200, 120)

    def _show_note(self, note: str, command: str) -> None:
        if note == self._note_text:
            return
        self._note_text, self._command = note, command
        self._note.setText(breakable(note))
        self._note.setVisible(bool(note))
        set_role(self._note, "warning" if command else "muted")
        self.copy_button.setVisible(bool(command))

    def _show_parts(self, parts: Mapping[str, int]) -> None:
        if list(parts) != list(self._parts):
            _empty(self._legend)
            self._parts = {name: self._add_part(row, name) for row, name in enumerate(parts)}
        for name, count in parts.items():
            self._parts[name].setText(bytes_text(count))

    def _add_part(self, row: int, name: str) -> QLabel:
        title, value = QLabel(PART_TITLES[name]), QLabel()
        title.setToolTip(PART_TIPS[name])
        set_role(title, "muted")
        self._legend.addWidget(Swatch(None if name == FREE else MEMORY_COLORS[name]), row, 0)
        self._legend.addWidget(title, row, 1)
        self._legend.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
        return value

    def _show_meters(self, reading: DeviceReading) -> None:
        machine, gpu = reading.machine, reading.gpu
        meters: dict[str, tuple[float, str]] = {}
        if gpu is not None:
            if gpu.utilisation is not None:
                meters["GPU load"] = gpu.utilisation, percent_text(gpu.utilisation)
            if gpu.celsius is not None:
                meters["Temperature"] = gpu.celsius / 100, temperature_text(gpu.celsius)
            if gpu.watts is not None:
                limit = f" of {power_text(gpu.watt_limit)}" if gpu.watt_limit else ""
                meters["Power"] = gpu.watts / (gpu.watt_limit or 400.0), power_text(gpu.watts) + limit
            meters["Main memory"] = (
                machine.process_bytes / machine.total_bytes,
                bytes_of_text(machine.process_bytes, machine.total_bytes),
            )
        meters["CPU, this program"] = machine.process_cpu_share, percent_text(machine.process_cpu_share)
        meters["CPU, all"] = machine.cpu_share, percent_text(machine.cpu_share)
        if list(meters) != list(self._meter_rows):
            _empty(self._meters)
            self._meter_rows = {name: self._add_meter(row, name) for row, name in enumerate(meters)}
        for name, (share, text) in meters.items():
            meter, value = self._meter_rows[name]
            meter.set_share(share)
            value.setText(text)
        processors = plural(machine.processors, "processor")
        for name in ("CPU, this program", "CPU, all"):
            self._meter_rows[name][1].setToolTip(f"Share of {processors}")
        if gpu is not None and gpu.celsius is not None:
            set_role(self._meter_rows["Temperature"][1], "warning" if gpu.celsius >= _WARM_CELSIUS else "")

    def _add_meter(self, row: int, name: str) -> tuple[Meter, QLabel]:
        title, meter, value = QLabel(name), Meter(), QLabel()
        set_role(title, "muted")
        meter.setAccessibleName(name)
        self._meters.addWidget(title, row, 0)
        self._meters.addWidget(meter, row, 1)
        self._meters.addWidget(value, row, 2, Qt.AlignmentFlag.AlignRight)
        return meter, value


def _empty(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
