"""Chooses the size of a picture of the cube."""

from __future__ import annotations

from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from app.widgets.inputs import IntSpin

LARGEST = 8192
_SIZES = (("1920 x 1080", 1920, 1080), ("3840 x 2160", 3840, 2160), ("2048 x 2048", 2048, 2048))


CAPTIONS_TIP = (
    "Say in pictures and movies what their colours mean, which run, step and sample they show, which cells are erased, "
    "and where the cube is painted and read"
)


class PictureDialog(QDialog):
    """Requests width and height in pixels, and whether the picture says what it shows."""

    def __init__(self, width: int, height: int, parent: QWidget | None = None, *, captions: bool = True) -> None:
        """Offer the present size and some common ones; `captions`: with legend."""
        super().__init__(parent)
        self.setWindowTitle("Picture")
        self.preset = QComboBox()
        self.preset.addItem("As on screen", (width, height))
        self.preset.addItem("Twice the screen", (2 * width, 2 * height))
        for name, wide, high in _SIZES:
            self.preset.addItem(name, (wide, high))
        self.width_field, self.height_field = IntSpin(16, LARGEST, "px"), IntSpin(16, LARGEST, "px")
        for field in (self.width_field, self.height_field):
            field.setToolTip(f"16 to {LARGEST:,} pixels")
        self.preset.setToolTip("Size of the picture, width by height in pixels")
        self.captions = QCheckBox("with legend, run, step and sample")
        self.captions.setChecked(captions)
        self.captions.setToolTip(CAPTIONS_TIP)
        self.preset.currentIndexChanged.connect(self._take_preset)
        self._take_preset()
        sides = QWidget()
        row = QHBoxLayout(sides)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.width_field, 1)
        row.addWidget(QLabel("by"))
        row.addWidget(self.height_field, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 16)
        form.setVerticalSpacing(12)
        form.addRow("Size", self.preset)
        form.addRow("Pixels", sides)
        form.addRow("", self.captions)
        form.addRow(buttons)
        self.setMinimumWidth(360)

    @property
    def size_chosen(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width_field.value(), self.height_field.value()

    def _take_preset(self) -> None:
        width, height = self.preset.currentData()
        self.width_field.setValue(width)
        self.height_field.setValue(height)
