"""The cube panel: channel and range, opacity, shape, slices and the free plane."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker, pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QLabel, QToolButton, QVBoxLayout, QWidget

from app.cube.color.looks import DARK
from app.cube.view import CubeView
from app.panels.color_scale import ColorScaleRows
from app.panels.cutting_plane import CuttingPlane
from app.panels.panel import Panel
from app.run.messages import Applied
from app.run.summary import RunSummary
from app.session.display import Display
from app.widgets.form_rows import free_slider, line_up, section, side_by_side, with_value
from app.widgets.icons import icon
from app.widgets.inputs import IntSpin
from app.widgets.range_slider import RangeSlider

OPACITIES: tuple[tuple[str, float, float], ...] = (
    ("opaque", 1.0, 1.0),
    ("glassy skin", 0.15, 0.6),
    ("skin only", 0.9, 0.0),
    ("mist", 0.12, 0.12),
)
"""Name, surface and interior opacity of what the opacity key steps through."""
LARGEST_GAP = 60
AXES = ("x", "y", "z")


class AppearancePanel(Panel):
    """Edits how the cube is drawn. The widgets hold the state; the cube follows them."""

    channel_changed = pyqtSignal(int)
    lock_changed = pyqtSignal(bool)
    said = pyqtSignal(str)
    """A sentence for the status bar."""

    def __init__(self, cube: CubeView, display: Display, parent: QWidget | None = None) -> None:
        """Show the cube's present look; `display` knows what its colours mean."""
        super().__init__(parent)
        self._cube = cube
        self._opacity = 0
        self.channel = IntSpin(0, 0)
        self.channel.setPrefix("channel ")
        self.channel.setToolTip("Which channel of the state the modes One channel and Message, one channel show")
        self.lock = QCheckBox("Keep the range as it is")
        self.lock.setToolTip("Keep the colours' range as it is, instead of following the data (L)")
        self.surface, self.interior, self.gap = (
            free_slider(0, 100, 100),
            free_slider(0, 100, 100),
            free_slider(0, LARGEST_GAP, LARGEST_GAP),
        )
        self.spheres, self.shells, self.isolate = (
            QCheckBox("Spheres"),
            QCheckBox("Neighbour shells"),
            QCheckBox("Only these shells"),
        )
        self.surface.setToolTip("Opacity of the cells of the six faces, in percent; O goes through prepared ones")
        self.interior.setToolTip("Opacity of all other cells, in percent; O goes through prepared ones")
        self.gap.setToolTip("Room between two cells, in percent of a cell's side")
        self.spheres.setToolTip("Draw cells as spheres instead of boxes (B)")
        self.shells.setToolTip("Frame the picked cell's neighbours in the colours of their tiers (T)")
        self.isolate.setToolTip("Show only the picked cell and its neighbour shells (I)")
        self.faces = QCheckBox("Faces painted and read")
        self.faces.setChecked(True)
        self.faces.setToolTip("Frames and arrows where a 'through' cube is painted and where it is read")
        self._marked = ("", "")
        self.slices = [
            RangeSlider(_hex(DARK.axes[number]), f"Cells shown along {axis}") for number, axis in enumerate(AXES)
        ]
        self.slice_labels = [QLabel() for _ in AXES]
        self.cutting = CuttingPlane(cube, self)
        self._build(display)
        self.surface.setValue(100)
        self.interior.setValue(100)
        self.gap.setValue(round(100 * cube.state.gap))
        self.shells.setChecked(cube.state.shells_visible)
        self._connect()
        self.set_dimensions(cube.state.dimensions)

    def show_run(self, summary: RunSummary) -> None:
        """Offer the channels of a run's states; slices and plane stay, unless its lattice has another size."""
        self.set_channels(summary.config.model.state_size)
        dimensions = summary.config.lattice.dimensions
        if dimensions != tuple(slider.size_of_axis for slider in self.slices):
            self.set_dimensions(dimensions)
        mapping = summary.config.embedding_mapping
        self._marked = mapping.faces if mapping.placement == "through" else ("", "")
        self.faces.setEnabled(mapping.placement == "through")
        self._mark_faces()

    def show_applied(self, message: Applied) -> None:
        """Follow an edited state or cube size."""
        self.show_run(message.summary)

    def set_dimensions(self, dimensions: tuple[int, int, int]) -> None:
        """Show all cells of a lattice of this size, without a plane."""
        for slider, side in zip(self.slices, dimensions, strict=True):
            slider.set_size(side)
        self.cutting.on.setChecked(False)
        self._show_slices()

    def set_channels(self, count: int) -> None:
        """Set how many channels a state has."""
        with QSignalBlocker(self.channel):
            self.channel.setRange(0, max(count - 1, 0))
        self.channel_changed.emit(self.channel.value())

    def set_channel(self, channel: int) -> None:
        """Choose a channel."""
        self.channel.setValue(channel)

    def set_spheres(self, on: bool) -> None:
        """Draw spheres, or boxes."""
        self.spheres.setChecked(on)

    def set_shells(self, on: bool) -> None:
        """Frame the picked cell's neighbours, or not."""
        self.shells.setChecked(on)

    def set_isolate(self, on: bool) -> None:
        """Show only the picked cell and its shells, or all."""
        self.isolate.setChecked(on)

    def set_plane(self, on: bool) -> None:
        """Cut by the free plane, or not."""
        self.cutting.on.setChecked(on)

    def next_opacity(self) -> None:
        """Step through the prepared opacities."""
        self._opacity = (self._opacity + 1) % len(OPACITIES)
        name, surface, interior = OPACITIES[self._opacity]
        self.surface.setValue(round(100 * surface))
        self.interior.setValue(round(100 * interior))
        self.said.emit(f"Opacity: {name}")

    def slice_in(self, side: tuple[int, int]) -> None:
        """Cut one more layer off, as the camera sees it; after the last but one layer, begin again.

        Args:
            side: axis, 0 to 2; and +1 for the side that faces the camera, -1 for the side that faces away.
        """
        axis, direction = side
        slider = self.slices[axis]
        low, high = slider.range
        if high - low <= 1:
            slider.set_range(0, slider.size_of_axis)
        elif direction * self._cube.near_side(axis) > 0:
            slider.set_range(low, high - 1)
        else:
            slider.set_range(low + 1, high)

    def reset_slices(self) -> None:
        """Show all cells."""
        for slider in self.slices:
            slider.set_range(0, slider.size_of_axis)
        self.cutting.on.setChecked(False)

    def _connect(self) -> None:
        for slider in (self.surface, self.interior):
            slider.valueChanged.connect(self._apply_opacity)
        self.gap.valueChanged.connect(lambda value: self._cube.set_gap(value / 100))
        self.spheres.toggled.connect(lambda on: self._cube.set_shape("sphere" if on else "box"))
        self.shells.toggled.connect(self._cube.set_shells_visible)
        self.isolate.toggled.connect(self._cube.set_isolate)
        self.faces.toggled.connect(self._mark_faces)
        for stretch in self.slices:
            stretch.changed.connect(self._apply_slices)
        self.channel.valueChanged.connect(self.channel_changed)
        self.lock.toggled.connect(self.lock_changed)

    def _mark_faces(self) -> None:
        self._cube.set_faces(*(self._marked if self.faces.isChecked() else ("", "")))

    def _apply_opacity(self) -> None:
        self._cube.set_opacity(self.surface.value() / 100, self.interior.value() / 100)

    def _apply_slices(self) -> None:
        x, y, z = (slider.range for slider in self.slices)
        self._cube.set_ranges(x, y, z)
        self._show_slices()

    def _show_slices(self) -> None:
        for slider, label in zip(self.slices, self.slice_labels, strict=True):
            low, high = slider.range
            label.setText("all" if (low, high) == (0, slider.size_of_axis) else f"{low} to {high - 1}")

    def _build(self, display: Display) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 8, 14, 10)
        layout.setSpacing(7)
        colour = section("Colour", layout)
        colour.addRow("Channel", self.channel)
        self.scale = ColorScaleRows(display, colour, self)
        self.scale.said.connect(self.said)
        colour.addRow("Range", self.lock)
        cells = section("Cells", layout)
        cells.addRow("Surface", with_value(self.surface))
        cells.addRow("Interior", with_value(self.interior))
        cells.addRow("Gap", with_value(self.gap))
        for box in (self.spheres, self.shells, self.isolate, self.faces):
            cells.addRow("", box)
        reset = QToolButton()
        reset.setIcon(icon("undo"))
        reset.setToolTip("Show all cells (Backspace)")
        reset.setAccessibleName("Show all cells")
        reset.clicked.connect(self.reset_slices)
        cuts = section("Slices", layout, reset)
        for axis, slider, label in zip(AXES, self.slices, self.slice_labels, strict=True):
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance("000 to 000"))
            label.setProperty("role", "muted")
            cuts.addRow(axis, side_by_side(slider, label))
        self.cutting.add_rows(cuts)
        layout.addStretch()
        line_up(colour, cells, cuts)


def _hex(color: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(255 * part):02X}" for part in color)
